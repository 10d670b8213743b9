package access_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

const gist = "https://gist.github.com/octocat/1"

func match(token string) fake.Leak {
	return fake.Leak{"token": token, "type": "hookline_api_key", "url": gist, "source": "gist_content"}
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// labels reads an answer, and insists that it repeats no token.
func labels(t *testing.T, a testkit.Answer, tokens ...string) []string {
	t.Helper()
	var out []string
	for i, l := range testkit.Into[api.LeakFeedback](t, a.Want(t, http.StatusOK)) {
		out = append(out, string(l.Label))
		if i < len(tokens) && l.TokenHash != hashOf(tokens[i]) {
			t.Errorf("hash of label %d: got %s, want that of the token", i+1, l.TokenHash)
		}
	}
	for _, token := range tokens {
		if strings.Contains(string(a.Body), token) {
			t.Errorf("answer: got a token in it, want none: %s", a.Body)
		}
	}
	return out
}

func leaked(t *testing.T, c *testkit.Client) []api.AuditEntry {
	t.Helper()
	return testkit.Get[api.AuditEntryList](t, c, "/api/v1/audit-log?action=key.leaked").Data
}

func TestALeakedKeyEndsAndItsTenantIsToldOnce(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		scanner, p := sharedScanner, testkit.Shared(t, e)
		owner := p.NewTenant(t, "business")
		me := testkit.Get[api.Me](t, owner, "/api/v1/me")
		receiver := testkit.NewReceiver(t, nil)
		owner.NewEndpoint(t, receiver.URL, map[string]any{"events": []string{"key.*"}})
		victim := p.NewKey(t, me.Tenant.ID, "live", "read:leads")
		victim.Call(t, http.MethodGet, "/api/v1/leads", nil).Want(t, http.StatusOK)
		victimID := testkit.Get[api.Me](t, victim, "/api/v1/me").Key.ID

		a := scanner.Report(t, p, match(victim.Key()), match("hk_live_nonsense"), match(victim.Key()))
		if got := labels(t, a, victim.Key(), "hk_live_nonsense", victim.Key()); strings.Join(got,
			" ") != "true_positive false_positive true_positive" {
			t.Errorf("labels: got %v, want true_positive, false_positive, true_positive", got)
		}
		victim.Call(t, http.MethodGet, "/api/v1/leads", nil).Want(t, http.StatusUnauthorized)
		owner.Call(t, http.MethodGet, "/api/v1/leads", nil).Want(t, http.StatusOK)

		var got struct {
			Type string
			Data json.RawMessage
		}
		delivered := receiver.Next(t)
		if err := json.Unmarshal(delivered.Body, &got); err != nil || got.Type != "key.leaked" {
			t.Fatalf("webhook: got %s (%v), want key.leaked", delivered.Body, err)
		}
		wantEvent(t, got.Data, victimID)

		again := scanner.Report(t, p, match(victim.Key()))
		if got := labels(t, again, victim.Key()); got[0] != "true_positive" {
			t.Errorf("label when reported again: got %v, want true_positive", got)
		}
		entries := leaked(t, owner)
		if len(entries) != 1 {
			t.Fatalf("entries: got %d, want 1", len(entries))
		}
		entry := entries[0]
		if entry.Actor.Type != api.AuditEntryActorTypeSystem || entry.Actor.Name != "secret scanning" ||
			entry.Target != victimID ||
			entry.Environment.MustGet() != "live" || entry.Address != "127.0.0.1" ||
			entry.RequestID != a.Header.Get("X-Request-Id") {
			t.Errorf("entry: got %+v, want secret scanning, the key and the request", entry)
		}
		wantEvent(t, entry.After.MustGet(), victimID)
		if events := testkit.Get[api.EventList](t, owner, "/api/v1/events?type=key.leaked").Data; len(events) != 1 {
			t.Errorf("events: got %d, want 1", len(events))
		}
	})
}

// wantEvent checks what is told of a key with the id, found in the gist, against the contract too.
func wantEvent(t *testing.T, data []byte, id string) {
	t.Helper()
	var got api.KeyLeakedData
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if got.KeyID != id || got.Name != "test" || !strings.HasPrefix(got.Hint, "hk_live_") || got.URL != gist ||
		got.Source != "gist_content" || time.Since(got.RevokedAt) > time.Hour {
		t.Errorf("key.leaked: got %+v, want the key, where it was found and when it was revoked", got)
	}
	for _, et := range testkit.Contract().EventTypes {
		if et.Name != "key.leaked" {
			continue
		}
		if err := et.Validate(data); err != nil {
			t.Errorf("data %s: got %v, want it to match the schema", data, err)
		}
		return
	}
	t.Error("catalogue: got no key.leaked, want it")
}

func TestEveryPlaceOfALeakedKeyIsReported(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		scanner, p := sharedScanner, testkit.Shared(t, e)
		owner := p.NewTenant(t, "business")
		victim := p.NewKey(t, testkit.Get[api.Me](t, owner, "/api/v1/me").Tenant.ID, "live", "read:leads").Key()
		operator := p.NewOperatorKey(t, "admin", nil)
		at := func(token, url, source string) fake.Leak {
			return fake.Leak{"token": token, "type": "hookline_api_key", "url": url, "source": source}
		}
		scanner.Report(t, p, at(victim, gist, "gist_content"), at(operator.Key, gist, "gist_content"),
			at(victim, "https://example.com/2", "commit"),
			at(victim, gist, "gist_content"), at(operator.Key, "https://example.com/3?"+operator.Key, "commit")).
			Want(t, http.StatusOK)
		want := []api.LeakPlace{{URL: gist, Source: "gist_content"}, {URL: "https://example.com/2", Source: "commit"}}
		event := testkit.Get[api.EventList](t, owner, "/api/v1/events?type=key.leaked").Data[0]
		full := testkit.Get[struct{ Data api.KeyLeakedData }](t, owner, "/api/v1/events/"+event.ID)
		if !slices.Equal(full.Data.Places, want) || full.Data.URL != gist || full.Data.Source != "gist_content" {
			t.Errorf("key.leaked: got %+v, want the places %v", full.Data, want)
		}
		var kept api.KeyLeakedData
		if err := json.Unmarshal(leaked(t, owner)[0].After.MustGet(), &kept); err != nil || !slices.Equal(kept.Places,
			want) {
			t.Errorf("audit entry: got %+v, %v, want the places %v", kept, err, want)
		}
		tenantID, seen := testkit.TenantOf(t, owner), 0
		for _, entry := range testkit.Get[api.AuditEntryList](t, p.Operator,
			"/admin/v1/audit-log?limit=100&action=key.leaked").Data {
			if entry.Target != operator.ID && (entry.TenantID.IsNull() || entry.TenantID.MustGet() != tenantID) {
				continue // another test's
			}
			seen++
			want := map[bool][]api.LeakPlace{false: want, true: {{URL: gist, Source: "gist_content"},
				{URL: "https://example.com/3?…", Source: "commit"}}}[entry.TenantID.IsNull()]
			if err := json.Unmarshal(entry.After.MustGet(), &kept); err != nil || !slices.Equal(kept.Places, want) {
				t.Errorf("operators read the places %+v, %v; want %+v", kept, err, want)
			}
		}
		if seen != 2 {
			t.Errorf("operators read %d entries of the two keys, want 2", seen)
		}
	})
}

func TestALeakedKeyEndsOnOtherProcessesToo(t *testing.T) {
	t.Parallel()
	scanner := fake.NewScanner(t, nil)
	s := testkit.NewServices(t, testkit.Servers)
	one := testkit.StartOn(t, s, fake.WithScanner(scanner))
	other := testkit.StartOn(t, s, testkit.WithKeys(one.Config.EncryptionKeys))
	victim := one.NewTenant(t, "business")
	there := testkit.NewClient(other.URL, victim.Key())
	there.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusOK)
	labels(t, scanner.Report(t, one, match(victim.Key())), victim.Key())
	began := time.Now()
	victim.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusUnauthorized)
	other.Await(t, "the end of the key on the other process", func() bool {
		asked := time.Now()
		status := there.Call(t, http.MethodGet, "/api/v1/me", nil).Status
		if status == http.StatusOK && asked.Sub(began) > 2*time.Second {
			t.Fatalf("other process: got the key accepted after %s, want at most 2 s", asked.Sub(began))
		}
		return status == http.StatusUnauthorized
	})
}

func TestABatchRevokesKeysOfManyTenantsInSeparateTransactions(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		scanner, p := sharedScanner, testkit.Shared(t, e)
		one, two := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		oneID, twoID := testkit.Get[api.Me](t, one, "/api/v1/me").Tenant.ID, testkit.Get[api.Me](t, two,
			"/api/v1/me").Tenant.ID
		of, test := p.NewKey(t, oneID, "live", "*"), p.NewKey(t, twoID, "test", "*")
		labels(t, scanner.Report(t, p, match(of.Key()), match(test.Key())), of.Key(), test.Key())
		for owner, environment := range map[*testkit.Client]string{one: "live", two: "test"} {
			if entries := leaked(t, owner); len(entries) != 1 || entries[0].Environment.MustGet() != environment {
				t.Errorf("entries of %s: got %+v, want one", environment, entries)
			}
		}
		if events := testkit.Get[api.EventList](t, two, "/api/v1/events?type=key.leaked").Data; len(events) != 0 {
			t.Error("events of the live environment: got one of a test key, want none")
		}
		fresh := p.NewKey(t, twoID, "test", "*")
		if events := testkit.Get[api.EventList](t, fresh, "/api/v1/events?type=key.leaked").Data; len(events) != 1 {
			t.Errorf("events: got %d, want 1", len(events))
		}
	})
}

func TestKeysThatEndedBeforeAreConfirmedAndNothingIsDone(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		scanner, p := sharedScanner, testkit.Shared(t, e)
		owner := p.NewTenant(t, "business")
		revoked := testkit.Post[api.KeyCreated](t, owner, "/api/v1/keys", map[string]any{"name": "r", "role": "admin"},
			http.StatusCreated)
		owner.Call(t, http.MethodDelete, "/api/v1/keys/"+revoked.ID, nil).Want(t, http.StatusNoContent)
		before := testkit.Get[api.Key](t, owner, "/api/v1/keys/"+revoked.ID)
		soon := time.Now().Add(time.Second)
		expired := testkit.Post[api.KeyCreated](t, owner, "/api/v1/keys", map[string]any{"name": "e", "role": "admin",
			"expires_at": soon}, http.StatusCreated)
		p.Await(t, "the end of the key", func() bool { return time.Now().After(soon) })

		if got := labels(t, scanner.Report(t, p, match(revoked.Key), match(expired.Key)), revoked.Key,
			expired.Key); got[0] != "true_positive" || got[1] != "true_positive" {
			t.Errorf("labels: got %v, want true_positive for both", got)
		}
		after := testkit.Get[api.Key](t, owner, "/api/v1/keys/"+revoked.ID)
		if !after.RevokedAt.MustGet().Equal(before.RevokedAt.MustGet()) || len(leaked(t, owner)) != 0 {
			t.Errorf("key that was revoked before: got %+v, want it unchanged and without an entry", after)
		}
		if k := testkit.Get[api.Key](t, owner, "/api/v1/keys/"+expired.ID); !k.RevokedAt.IsNull() {
			t.Errorf("expired key: got %+v, want it not revoked", k)
		}
	})
}

func TestConcurrentReportsOfAKeyEmitOneEvent(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		scanner, p := sharedScanner, testkit.Shared(t, e)
		owner := p.NewTenant(t, "business")
		victim := p.NewKey(t, testkit.Get[api.Me](t, owner, "/api/v1/me").Tenant.ID, "live", "*")
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { labels(t, scanner.Report(t, p, match(victim.Key())), victim.Key()) })
		}
		all.Wait()
		if n, events := len(leaked(t, owner)), testkit.Get[api.EventList](t, owner,
			"/api/v1/events?type=key.leaked").Data; n != 1 || len(events) != 1 {
			t.Errorf("got %d entries and %d events, want one each", n, len(events))
		}
	})
}

func TestALeakedOperatorKeyEndsEvenIfItIsTheLast(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		scanner := fake.NewScanner(t, nil)
		p := testkit.Start(t, e, fake.WithScanner(scanner))
		made := p.NewOperatorKey(t, "admin", nil)
		labels(t, scanner.Report(t, p, match(made.Key)), made.Key)
		testkit.NewClient(p.URL, made.Key).Call(t, http.MethodGet, "/admin/v1/tenants", nil).
			Want(t, http.StatusUnauthorized)
		entries := testkit.Get[api.AuditEntryList](t, p.Operator, "/admin/v1/audit-log?action=key.leaked").Data
		if len(entries) != 1 || entries[0].Target != made.ID || !entries[0].TenantID.IsNull() ||
			strings.Contains(string(entries[0].After.MustGet()), made.Key) {
			t.Errorf("entry: got %+v, want the operator key without its secret", entries)
		}
		last := p.Operator.Key()
		if got := labels(t, scanner.Report(t, p, match(last), match(last+"0")), last); got[0] != "true_positive" ||
			got[1] != "false_positive" {
			t.Errorf("labels: got %v, want true_positive and false_positive", got)
		}
		p.Operator.Call(t, http.MethodGet, "/admin/v1/tenants", nil).Want(t, http.StatusUnauthorized)
	})
}

// TestTokensAreRemovedFromStoredPlaces because an address or a type may: nothing of a report is checked but its
// signature.
func TestTokensAreRemovedFromStoredPlaces(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		scanner, p := sharedScanner, testkit.Shared(t, e)
		owner := p.NewTenant(t, "business")
		victim := p.NewKey(t, testkit.Get[api.Me](t, owner, "/api/v1/me").Tenant.ID, "live", "*").Key()
		found := fake.Leak{"token": victim, "type": "type " + victim, "url": "https://example.com/?key=" + victim +
			"&" + strings.Repeat("ü", 2000), "source": victim}
		labels(t, scanner.Report(t, p, found), victim)
		entries, events := p.Operator.Call(t, http.MethodGet, "/admin/v1/audit-log?limit=100&tenant_id="+
			testkit.TenantOf(t, owner), nil),
			owner.Call(t, http.MethodGet, "/api/v1/events", nil)
		for name, text := range map[string]string{"the audit log": string(entries.Body),
			"the event": string(events.Body)} {
			if strings.Contains(text, victim) || !strings.Contains(text, "https://example.com/?key=…") ||
				strings.Contains(text, "\uFFFD") {
				t.Errorf("%s: got %s, want the URL without the key and valid UTF-8", name, text)
			}
		}
	})
}

func TestAKeyEndsTogetherWithItsEntryAndItsEventOrNotAtAll(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		scanner := fake.NewScanner(t, nil)
		p := testkit.Start(t, e, fake.WithScanner(scanner))
		owner := p.NewTenant(t, "business")
		victim := p.NewKey(t, testkit.Get[api.Me](t, owner, "/api/v1/me").Tenant.ID, "live", "*")
		p.RenameTable(t, "events", "events_away") // an event can't be stored
		a := scanner.Report(t, p, match(victim.Key())).Want(t, http.StatusInternalServerError)
		if strings.Contains(string(a.Body), victim.Key()) {
			t.Errorf("answer: got the key in it, want it left out: %s", a.Body)
		}
		victim.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusOK)
		if n := len(leaked(t, owner)); n != 0 {
			t.Errorf("entries of a failed report: got %d, want 0", n)
		}
		p.RenameTable(t, "events_away", "events")
		labels(t, scanner.Report(t, p, match(victim.Key())), victim.Key())
		victim.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusUnauthorized)
		if events := testkit.Get[api.EventList](t, owner, "/api/v1/events?type=key.leaked").Data; len(events) != 1 ||
			len(leaked(t, owner)) != 1 {
			t.Errorf("got %d events and %d entries, want one each", len(events), len(leaked(t, owner)))
		}
	})
}
