package webhook_test

import (
	"bytes"
	"crypto/ed25519"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/pkg/webhook"
)

// proof is a request, and whether it is genuine.
type proof struct {
	Secret  string            `json:"secret"`
	Headers map[string]string `json:"headers"` // names in lower case
	Body    string            `json:"body"`
	what    string
	genuine bool
}

func proofOf(what string, genuine bool, secret string, h http.Header, body []byte) proof {
	headers := map[string]string{}
	for name := range h {
		headers[strings.ToLower(name)] = h.Get(name)
	}
	return proof{secret, headers, string(body), what, genuine}
}

// proofs are requests that were really sent, before and while a rotation overlaps, and what must not pass for them.
func proofs(t *testing.T, p *testkit.Program, name string) []proof {
	t.Helper()
	tenant := p.NewOwner(t, sellerOfLeads(name))
	receiver := testkit.NewReceiver(t, nil)
	settings := object{"name": "Receiver", "events": consumers[name].events, "profile": name}
	if conventions, _ := profile.Find(name); !conventions.SignedByDefault() {
		settings["signing"] = "hmac"
	}
	hook := tenant.NewEndpoint(t, receiver.URL, settings)
	testkit.Post[api.Lead](t, tenant, "/api/v1/leads", lead, http.StatusCreated)
	first := receiver.Next(t)
	rotated := testkit.Post[api.WebhookSecret](t, tenant, "/api/v1/webhooks/"+hook.ID+"/rotate-secret",
		object{"grace": "1h"}, http.StatusOK)
	tenant.NewLead(t, "grace@example.com")
	second := receiver.Next(t)
	bare := first.Header.Clone()
	for header := range bare {
		if strings.Contains(header, "Signature") {
			bare.Del(header)
		}
	}
	changed := bytes.Replace(first.Body, []byte("Acme"), []byte("Evil"), 1)
	if bytes.Equal(changed, first.Body) {
		t.Fatalf("changed body: got %s, want another", first.Body)
	}
	out := []proof{
		proofOf("what was sent", true, hook.Secret, first.Header, first.Body),
		proofOf("what was sent during a rotation, under the secret before", true, hook.Secret, second.Header,
			second.Body),
		proofOf("what was sent during a rotation, under the secret after", true, rotated.Secret, second.Header,
			second.Body),
		proofOf("another secret", false, rotated.Secret, first.Header, first.Body),
		proofOf("a changed body", false, hook.Secret, first.Header, changed),
		proofOf("a changed body during a rotation", false, rotated.Secret, second.Header, append(second.Body, ' ')),
		proofOf("an empty body", false, hook.Secret, first.Header, nil),
		proofOf("no signature", false, hook.Secret, bare, first.Body),
		proofOf("no header", false, hook.Secret, http.Header{}, first.Body),
	}
	if consumers[name].signature == "" {
		out = append(out, standardProofs(t, name, hook.Secret, first)...)
	}
	return out
}

// standardProofs are for signatures that cover id and time.
func standardProofs(t *testing.T, name, secret string, sent testkit.Received) []proof {
	t.Helper()
	conventions, _ := profile.Find(name)
	sign := func(id string, at time.Time, body []byte, also ed25519.PrivateKey) http.Header {
		h, err := conventions.Sign(profile.Secrets{Current: secret, Ed25519: also}, id, at, body)
		if err != nil {
			t.Fatal(err)
		}
		out := http.Header{} // as they are on the way, in their canonical form
		for header, values := range h {
			out.Set(header, values[0])
		}
		return out
	}
	with := func(h http.Header, header, value string) http.Header {
		h = h.Clone()
		h.Set(header, value)
		return h
	}
	now, old := time.Now(), time.Now().Add(-time.Hour)
	at := strconv.FormatInt(now.Unix(), 10)
	moved := sign("evt_1", old, append([]byte(at+"."), sent.Body...), nil)
	moved = with(with(moved, webhook.HeaderID, "evt_1."+strconv.FormatInt(old.Unix(), 10)), webhook.HeaderTimestamp, at)
	stale := sign("evt_1", old, sent.Body, nil)
	return []proof{
		proofOf("a signature of each kind", true, secret, sign("evt_1", now, sent.Body, webhook.NewPrivateKey()),
			sent.Body),
		proofOf("an old time", false, secret, stale, sent.Body),
		proofOf("a time to come", false, secret, sign("evt_1", now.Add(time.Hour), sent.Body, nil), sent.Body),
		proofOf("an old request under a new time", false, secret, with(stale, webhook.HeaderTimestamp, at), sent.Body),
		proofOf("another id", false, secret, with(sent.Header, webhook.HeaderID, "evt_2"), sent.Body),
		proofOf("no time", false, secret, with(sent.Header, webhook.HeaderTimestamp, ""), sent.Body),
		proofOf("a time that is none", false, secret, with(sent.Header, webhook.HeaderTimestamp, at+"x"), sent.Body),
		proofOf("part of a body that passes for the time", false, secret, moved, sent.Body),
	}
}

func TestTheCodeForVerifyingAcceptsGenuineRequestsOnly(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	for _, name := range profile.All() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := proofs(t, p, name)
			conventions, _ := profile.Find(name)
			for _, s := range conventions.Snippets() {
				// Compiling takes seconds; the code of the other profiles differs only in the name of the header.
				if h := harnesses[s.Language]; !h.compiled || name == profile.Default || name == "leadie" {
					t.Run(s.Language, func(t *testing.T) {
						t.Parallel()
						h.run(t, s.Code, all)
					})
				}
			}
		})
	}
}

func TestTheCodeForVerifyingIsCompleteInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, name := range profile.All() {
		p, _ := profile.Find(name)
		var languages []string
		for _, s := range p.Snippets() {
			languages = append(languages, s.Language)
			code := strings.ToLower(s.Code)
			headers := []string{"webhook-id", "webhook-timestamp", "webhook-signature", "whsec_", "v1,", "300",
				"base64"}
			if s.Language == "Go" {
				headers[5] = "5*time.minute"
			}
			if len(p.Headers) > 0 {
				headers = []string{strings.ToLower(p.Headers[0]), strings.ToLower(p.Headers[1])}
			}
			constantTime := map[string]string{"Go": "hmac.equal", "Node": "timingsafeequal", "Python": "compare_digest",
				"PHP": "hash_equals", "Ruby": "secure_compare", "Java": "messagedigest.isequal",
				"C#": "fixedtimeequals"}
			for _, want := range append(headers, constantTime[s.Language], "sha", "verify(") {
				if !strings.Contains(code, want) {
					t.Errorf("%s, %s: lacks %s", name, s.Language, want)
				}
			}
			if strings.Contains(code, "{{") || strings.Contains(code, "<no value>") {
				t.Errorf("snippet of %s in %s: got a placeholder in it, want none:\n%s", name, s.Language, s.Code)
			}
		}
		if want := []string{"Go", "Node", "Python", "PHP", "Ruby", "Java", "C#"}; !slices.Equal(languages, want) {
			t.Errorf("languages of %s: got %v, want %v", name, languages, want)
		}
		for _, h := range p.SignatureHeaders() {
			if !p.Sets(h.Name) {
				t.Errorf("%s: got no %s among the headers that it sets, want it", name, h.Name)
			}
		}
	}
}
