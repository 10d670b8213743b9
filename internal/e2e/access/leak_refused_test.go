package access_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

const (
	identifier = "Github-Public-Key-Identifier"
	signature  = "Github-Public-Key-Signature"
)

func TestAReportThatIsNotSignedSoIsRefusedAndDoesNotSayWhy(t *testing.T) {
	t.Parallel()
	scanner, stranger := fake.NewScanner(t, nil), fake.NewScanner(t, nil)
	p := testkit.Start(t, testkit.Embedded, fake.WithScanner(scanner))
	victim := p.NewTenant(t, "business")
	body, err := json.Marshal([]fake.Leak{match(victim.Key())})
	if err != nil {
		t.Fatal(err)
	}
	good := scanner.Sign(t, body)
	other := bytes.Replace(body, []byte("gist"), []byte("gast"), 1)
	spaced := bytes.Replace(body, []byte(","), []byte(", "), 1)
	messages := map[string]bool{}
	for name, c := range map[string]struct {
		body    []byte
		headers []string
	}{
		"another's signature":       {body, []string{signature, stranger.Sign(t, body)}},
		"an unknown identifier":     {body, []string{identifier, "0000", signature, good}},
		"a tampered body":           {other, []string{signature, good}},
		"a body with another space": {spaced, []string{signature, good}},
		"a body with a line's end":  {append(bytes.Clone(body), '\n'), []string{signature, good}},
		"no signature":              {body, nil},
		"no identifier":             {body, []string{identifier, "", signature, good}},
		"a signature that is none":  {body, []string{signature, "%%%"}},
		"a signature cut short":     {body, []string{signature, good[:len(good)/8*4]}},
		"a signature with a tail":   {body, []string{signature, good + "AAAA"}},
		"a signature far too long":  {body, []string{signature, strings.Repeat("A", 10_000)}},
		"a signature of URL letters": {body, []string{signature, strings.NewReplacer("+", "-", "/", "_", "=", "").
			Replace(good) + "_"}},
		"an API key": {body, []string{"Authorization", "Bearer " + victim.Key()}},
	} {
		a := scanner.Send(t, p, c.body, c.headers...)
		if a.Status != http.StatusUnauthorized {
			t.Errorf("%s: got %d %s, want 401", name, a.Status, a.Body)
			continue
		}
		message := a.Problem(t).Error
		messages[fmt.Sprint(message.Code, message.Message, message.Details)] = true
	}
	if len(messages) != 1 {
		t.Errorf("messages: got %v, want one for all", messages)
	}
	victim.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusOK)
	// The same body is good with its own signature, also under the names in capitals.
	labels(t, scanner.Send(t, p, body, "GITHUB-PUBLIC-KEY-SIGNATURE", good), victim.Key())
	victim.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusUnauthorized)
	if n := len(scanner.All()); n != 1 {
		t.Errorf("requests for the list of keys: got %d, want 1", n)
	}
}

func TestAnInvalidReportIsRefused(t *testing.T) {
	t.Parallel()
	scanner, p := sharedScanner, testkit.Shared(t, testkit.Servers)
	many := func(n int) string {
		return "[" + strings.Repeat(`{"token":"x","type":"t"},`, n-1) +
			`{"token":"x","type":"t","url":"","source":"commit","found_at":1}]`
	}
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"an object":               {`{"token":"x","type":"t"}`, 400},
		"an empty list":           {`[]`, 400},
		"a list of texts":         {`["x"]`, 400},
		"no token":                {`[{"type":"t"}]`, 400},
		"two tokens in one":       {`[{"token":"x","token":"y","type":"t"}]`, 400},
		"something behind it":     {`[{"token":"x","type":"t"}] []`, 400},
		"1,001 tokens":            {many(1001), 400},
		"1,000 tokens":            {many(1000), 200},
		"a token of 1 MB":         {`[{"token":"` + strings.Repeat("x", 1<<20) + `","type":"t"}]`, 413},
		"a token of 256 KB":       {`[{"token":"` + strings.Repeat("x", 256<<10) + `","type":"t"}]`, 413},
		"a token of nearly that":  {`[{"token":"` + strings.Repeat("x", 256<<10-100) + `","type":"t"}]`, 200},
		"an empty token":          {`[{"token":"","type":"t"}]`, 200},
		"a token that is no text": {`[{"token":1,"type":"t"}]`, 400},
	} {
		a := scanner.Send(t, p, []byte(c.body), signature, scanner.Sign(t, []byte(c.body)))
		if a.Status != c.status {
			t.Errorf("%s: got %d, want %d: %.200s", name, a.Status, c.status, a.Body)
		}
		if a.Status == http.StatusOK && strings.Contains(string(a.Body), "true_positive") {
			t.Errorf("%s: got true_positive, want none: %.200s", name, a.Body)
		}
	}
}

// TestABodyIsLookedAtOnlyWhenItIsSigned because anybody can send one.
func TestABodyIsLookedAtOnlyWhenItIsSigned(t *testing.T) {
	t.Parallel()
	scanner, p := sharedScanner, testkit.Shared(t, testkit.Servers)
	for name, c := range map[string]struct {
		body    string
		details int // when it is signed
	}{
		"no JSON":               {"{", 1},
		"nothing":               {"", 1},
		"very many empty items": {"[" + strings.Repeat("{},", 80_000) + "{}]", 1}, // one too many is enough
		"1,000 empty items":     {"[" + strings.Repeat("{},", 999) + "{}]", 100},  // each lacks two fields
	} {
		unsigned := scanner.Send(t, p, []byte(c.body)).Want(t, http.StatusUnauthorized)
		if n := len(unsigned.Problem(t).Error.Details); n != 0 {
			t.Errorf("%s, unsigned: %d violations are named, want none", name, n)
		}
		a := scanner.Send(t, p, []byte(c.body), signature, scanner.Sign(t, []byte(c.body))).
			Want(t, http.StatusBadRequest)
		if n := len(a.Problem(t).Error.Details); n != c.details {
			t.Errorf("%s, signed: %d violations are named, want %d", name, n, c.details)
		}
	}
}

func TestWithoutTheListReportsAreToBeSentAgain(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(w http.ResponseWriter, list []byte, n int){
		"a failure": func(w http.ResponseWriter, _ []byte, _ int) {
			w.WriteHeader(http.StatusInternalServerError)
		},
		"a redirect": func(w http.ResponseWriter, _ []byte, _ int) {
			w.Header().Set("Location", "/x")
			w.WriteHeader(302)
		},
		"garbage":        func(w http.ResponseWriter, _ []byte, _ int) { _, _ = w.Write([]byte("<html>")) },
		"an empty list":  func(w http.ResponseWriter, _ []byte, _ int) { _, _ = w.Write([]byte(`{"public_keys":[]}`)) },
		"a huge list":    func(w http.ResponseWriter, list []byte, _ int) { _, _ = w.Write(padded(list, 1<<20)) },
		"a list cut off": func(w http.ResponseWriter, list []byte, _ int) { _, _ = w.Write(list[:len(list)-10]) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scanner := fake.NewScanner(t, answer)
			p := testkit.Start(t, testkit.Embedded, fake.WithScanner(scanner))
			victim := p.NewTenant(t, "business")
			for range 3 {
				a := scanner.Report(t, p, match(victim.Key())).Want(t, http.StatusServiceUnavailable)
				if a.Problem(t).Error.Code != api.ErrorErrorCodeUnavailable {
					t.Errorf("got %s, want unavailable", a.Body)
				}
			}
			if n := len(scanner.All()); n != 1 {
				t.Errorf("requests for the list of keys in a row: got %d, want 1", n)
			}
			victim.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusOK)
		})
	}
}

// padded makes a list longer that stays as good as it is.
func padded(list []byte, n int) []byte {
	return append(list, bytes.Repeat([]byte(" "), n)...)
}

func TestAKeyListThatIsUnavailableDelaysAReportForSecondsOnly(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	scanner := fake.NewScanner(t, func(http.ResponseWriter, []byte, int) { <-release })
	t.Cleanup(func() { close(release) }) // before the server is closed, which waits for its answers
	p := testkit.Start(t, testkit.Embedded, fake.WithScanner(scanner))
	scanner.Report(t, p, match("x")).Want(t, http.StatusServiceUnavailable)
}

func TestRandomIdentifiersFetchTheListOnce(t *testing.T) {
	t.Parallel()
	scanner := fake.NewScanner(t, nil)
	p := testkit.Start(t, testkit.Servers, fake.WithScanner(scanner))
	body := []byte(`[{"token":"x","type":"t"}]`)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			a := scanner.Send(t, p, body, identifier, strconv.Itoa(i), signature, scanner.Sign(t, body))
			if a.Status != http.StatusUnauthorized {
				t.Errorf("identifier %d: status %d, want 401: %s", i, a.Status, a.Body)
			}
		})
	}
	all.Wait()
	scanner.Report(t, p, match("x")).Want(t, http.StatusOK)
	if n := len(scanner.All()); n != 1 {
		t.Errorf("requests for the list of keys: got %d, want 1", n)
	}
}

func TestTheListIsAskedForWithTheTokenAndAName(t *testing.T) {
	t.Parallel()
	scanner := fake.NewScanner(t, nil)
	p := testkit.Start(t, testkit.Embedded, fake.WithScanner(scanner), func(c *config.Config, _ *app.Options) {
		c.SecretScanningToken = "gh-token"
	})
	scanner.Report(t, p, match("x")).Want(t, http.StatusOK)
	asked := scanner.Next(t)
	if asked.Method != http.MethodGet || asked.Header.Get("Authorization") != "Bearer gh-token" ||
		!strings.HasPrefix(asked.Header.Get("User-Agent"), "Hookline/") {
		t.Errorf("request for the list of keys: got %+v, want a GET with the token and our User-Agent", asked)
	}
}

func TestThePublicKeysAreNotFetchedFromPrivateNetworks(t *testing.T) {
	t.Parallel()
	scanner := fake.NewScanner(t, nil)
	p := testkit.Start(t, testkit.Embedded, fake.WithScanner(scanner), func(c *config.Config, _ *app.Options) {
		c.EgressAllow = nil
	})
	scanner.Report(t, p, match("x")).Want(t, http.StatusServiceUnavailable)
	if n := len(scanner.All()); n != 0 {
		t.Errorf("requests for the list of keys: got %d, want 0", n)
	}
}

func TestDisabledScanningAcceptsNoReports(t *testing.T) {
	t.Parallel()
	scanner := fake.NewScanner(t, nil)
	p := testkit.Start(t, testkit.Embedded)
	victim := p.NewTenant(t, "business")
	a := scanner.Report(t, p, match(victim.Key())).Want(t, http.StatusNotFound)
	if !strings.Contains(string(a.Body), "disabled") {
		t.Errorf("got %s, want that secret scanning is disabled", a.Body)
	}
	victim.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusOK)
}

func TestFailedReportsOfAnAddressAreLimitedAndValidOnesAreNot(t *testing.T) {
	t.Parallel()
	scanner := fake.NewScanner(t, nil)
	p := testkit.Start(t, testkit.Servers, fake.WithScanner(scanner),
		testkit.WithLimits(func(l ratelimit.Limit) ratelimit.Limit {
			if l.Requests == 300 {
				l.Requests = 3
			}
			return l
		}))
	owner := p.NewTenant(t, "business")
	owner.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusOK) // so that it is known here
	for range 5 {
		scanner.Report(t, p, match("x")).Want(t, http.StatusOK)
	}
	body := []byte(`[{"token":"x","type":"t"}]`)
	scanner.Send(t, p, body, signature, "AAAA").Want(t, http.StatusUnauthorized)
	scanner.Send(t, p, []byte(`{}`), signature, scanner.Sign(t, []byte(`{}`))).Want(t, http.StatusBadRequest)
	scanner.Send(t, p, body).Want(t, http.StatusUnauthorized)
	for range 2 {
		a := scanner.Send(t, p, body, signature, "AAAA", "Authorization", "Bearer "+owner.Key()).
			Want(t, http.StatusTooManyRequests)
		if a.Header.Get("Retry-After") == "" || a.Header.Get("RateLimit-Policy") != `"address";q=3;w=60` {
			t.Errorf("got %v, want Retry-After and the policy of addresses", a.Header)
		}
	}
	owner.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusOK)
}
