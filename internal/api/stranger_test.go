package api_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

// TestNoAnswerNamesMoreThanAHundredViolations sends every operation a body with thousands of errors.
func TestNoAnswerNamesMoreThanAHundredViolations(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	unknown := map[string]any{}
	for i := range 5000 {
		unknown[fmt.Sprint("f", i)] = i
	}
	for _, o := range operations(t) {
		client := tenant
		if o.Permission == contract.Operator {
			client = p.Operator
		}
		if !o.Body || o.Public {
			continue
		}
		details := client.Call(t, o.methods, o.at("x"), unknown).Want(t, http.StatusBadRequest).Problem(t).Error.Details
		if len(details) == 0 || len(details) > 100 {
			t.Errorf("%s: %d violations are named, want 1 to 100", o.OperationID, len(details))
		}
	}
}

// TestABulkNamesAHundredViolationsInAll, and the first of each row.
func TestABulkNamesAHundredViolationsInAll(t *testing.T) {
	t.Parallel()
	tenant := testkit.Shared(t, testkit.Embedded).NewTenant(t, "business")
	for path, list := range map[string]string{"/api/v1/leads/bulk": "leads", "/api/v1/events/bulk": "events"} {
		row := map[string]any{}
		for i := range 60 {
			row[fmt.Sprint("f", i)] = i
		}
		rows := make([]any, 150)
		for i := range rows {
			rows[i] = row
		}
		result := testkit.Post[struct {
			Data []struct{ Errors []gen.ErrorDetail }
		}](t, tenant, path, map[string]any{list: rows}, http.StatusOK)
		if len(result.Data) != len(rows) {
			t.Fatalf("%s: %d results, want %d", path, len(result.Data), len(rows))
		}
		for i, r := range result.Data {
			want := 1
			switch i {
			case 0:
				want = len(row)
				if list == "events" {
					want += 2 // type and data are missing
				}
			case 1:
				want = 100 - len(result.Data[0].Errors)
			}
			if len(r.Errors) != want {
				t.Errorf("%s: row %d names %d violations, want %d", path, i, len(r.Errors), want)
			}
		}
	}
}

// TestViolationsAreThoseOfTheContractWhereverTheyAre because the walk that stops in time is our own.
func TestViolationsAreThoseOfTheContractWhereverTheyAre(t *testing.T) {
	t.Parallel()
	tenant := testkit.Shared(t, testkit.Embedded).NewTenant(t, "business")
	many := make([]string, 2000)
	for name, c := range map[string]struct {
		body map[string]any
		want string
	}{
		"at several depths": {map[string]any{"url": 1, "events": []any{"*", 2, ""}, "no": true,
			"headers": map[string]any{"A": 1}}, "events[1] events[2] headers.A no url"},
		"what is missing": {map[string]any{"enabled": true}, "url events"},
		"a list that is too long": {map[string]any{"url": "https://example.com", "events": many,
			"headers": map[string]any{"A": 1}}, "events"},
	} {
		a := tenant.Call(t, http.MethodPost, "/api/v1/webhooks", c.body).Want(t, http.StatusBadRequest)
		if got := fields(t, a); got != c.want {
			t.Errorf("%s: the fields are %q, want %q: %s", name, got, c.want, a.Body)
		}
	}
}

// half begins a report of an address that a proxy saw, and sends half of its body.
func half(t *testing.T, p *testkit.Program, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, err = fmt.Fprintf(c, "POST /api/v1/secret-scanning HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: %s\r\n"+
		"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n[", address)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// answer reads the status of the next answer on a connection.
func answer(t *testing.T, c net.Conn) int {
	t.Helper()
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
	return r.StatusCode
}

func behindProxy(c *config.Config, _ *app.Options) {
	c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
}

// TestAnAddressHasFewReportsUnderWay because a limit of failures alone lets any number begin before one has failed.
func TestAnAddressHasFewReportsUnderWay(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Embedded, fake.WithScanner(fake.NewScanner(t, nil)), behindProxy)
	open := make([]net.Conn, 9)
	for i := range open {
		open[i] = half(t, p, "203.0.113.7")
	}
	statuses := make(chan int, len(open))
	for _, c := range open {
		go func() {
			r, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				statuses <- 0
				return
			}
			_ = r.Body.Close()
			statuses <- r.StatusCode
		}()
	}
	if got := <-statuses; got != http.StatusTooManyRequests {
		t.Errorf("the first answer while 9 reports of an address are under way is %d, want 429", got)
	}
	other := half(t, p, "203.0.113.8")
	if _, err := other.Write([]byte("]")); err != nil {
		t.Fatal(err)
	}
	if got := answer(t, other); got != http.StatusUnauthorized {
		t.Errorf("another address: status %d, want 401", got)
	}
	for _, c := range open {
		_, _ = c.Write([]byte("]")) // fails for the one that was refused
	}
	for range len(open) - 1 {
		if got := <-statuses; got != http.StatusUnauthorized {
			t.Errorf("a report that was let in: status %d, want 401", got)
		}
	}
}

// dialFrom opens a connection from an address of this machine and says whether the server keeps it.
func dialFrom(t *testing.T, p *testkit.Program, local string) (c net.Conn, kept bool) {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(local)}}
	c, err := d.Dial("tcp", strings.TrimPrefix(p.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err = io.WriteString(c, "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"); err == nil {
		_, err = http.ReadResponse(bufio.NewReader(c), nil)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatal("connection: got it open without an answer, want an answer or its end")
	}
	return c, err == nil
}

func TestAnAddressHasSoManyConnectionsAndAProxyAnyNumber(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Embedded, behindProxy, func(c *config.Config, _ *app.Options) {
		c.MaxConnections = 3
	})
	for i := range 10 {
		if _, kept := dialFrom(t, p, "127.0.0.1"); !kept {
			t.Fatalf("connection %d of the proxy: got it closed, want it kept", i+1)
		}
	}
	var first net.Conn
	for i := range 5 {
		c, kept := dialFrom(t, p, "127.0.0.2")
		if want := i < 3; kept != want {
			t.Errorf("connection %d of an address: kept %v, want %v", i+1, kept, want)
		}
		if i == 0 {
			first = c
		}
	}
	if _, kept := dialFrom(t, p, "127.0.0.3"); !kept {
		t.Error("first connection of another address: got it closed, want it kept")
	}
	_ = first.Close()
	p.Await(t, "a place for another connection", func() bool {
		_, kept := dialFrom(t, p, "127.0.0.2")
		return kept
	})
}

// TestAnAnswerThatIsNotReadIsCutOff sends requests until the server no longer takes them.
func TestAnAnswerThatIsNotReadIsCutOff(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Embedded, func(_ *config.Config, o *app.Options) {
		o.AnswerLimit = 200 * time.Millisecond
	})
	c, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = io.WriteString(c, "GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("client that does not read: got its connection kept, want it closed")
	}
}

// TestTheLimitOfAnAnswerBeginsWithIt because the deadline is for writing, and not for the request.
func TestTheLimitOfAnAnswerBeginsWithIt(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Embedded, func(_ *config.Config, o *app.Options) {
		o.AnswerLimit = 200 * time.Millisecond
	})
	tenant := p.NewTenant(t, "business")
	slow := testkit.NewReceiver(t, func(_ http.ResponseWriter, _ testkit.Received, _ int) {
		<-time.After(500 * time.Millisecond)
	})
	hook := tenant.NewEndpoint(t, slow.URL, nil)
	for range 2 { // the second on the same connection, and the server writes before it answers
		a := tenant.Call(t, http.MethodPost, "/api/v1/webhooks/"+hook.ID+"/test",
			map[string]any{"event_type": "lead.created"}, "Expect", "100-continue").Want(t, http.StatusOK)
		if len(a.Body) == 0 {
			t.Error("answer of a slow endpoint: got none, want a body")
		}
	}
}
