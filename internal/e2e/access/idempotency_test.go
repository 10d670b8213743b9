package access_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/idempotency"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/internal/testkit"
)

func TestARequestSentAgainIsAnsweredAgainAndHasOneEffect(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		body := `{"name":"Ada"}`
		first := tenant.Call(t, http.MethodPost, "/api/v1/leads", body, "Idempotency-Key", "a").
			Want(t, http.StatusCreated)
		again := tenant.Call(t, http.MethodPost, "/api/v1/leads", body, "Idempotency-Key", "a").
			Want(t, http.StatusCreated)
		if string(again.Body) != string(first.Body) || again.Header.Get("Idempotency-Replayed") != "true" ||
			first.Header.Get("Idempotency-Replayed") != "" {
			t.Errorf("repeated call: got %s and then %s (%v), want the same, marked as replayed", first.Body,
				again.Body, again.Header)
		}
		other := tenant.Call(t, http.MethodPost, "/api/v1/leads", `{"name":"Grace"}`, "Idempotency-Key", "a").
			Want(t, http.StatusUnprocessableEntity)
		if other.Problem(t).Error.Code != api.ErrorErrorCodeIdempotencyMismatch {
			t.Errorf("same key with another body: got %s, want idempotency_mismatch", other.Body)
		}
		stranger := p.NewTenant(t, "business")
		stranger.Call(t, http.MethodPost, "/api/v1/leads", `{"name":"Grace"}`, "Idempotency-Key", "a").
			Want(t, http.StatusCreated)
		if total := testkit.Get[api.LeadList](t, tenant, "/api/v1/leads").Meta.Total; total != 1 {
			t.Errorf("leads: got %d, want 1", total)
		}
		if events := testkit.Get[api.EventList](t, tenant, "/api/v1/events").Data; len(events) != 1 {
			t.Errorf("events: got %d, want 1", len(events))
		}
	})
}

// TestAStoredAnswerIsOnlyForTheKeyThatAsked because it may be a key that can do more than the one that asks again.
func TestAStoredAnswerIsOnlyForTheKeyThatAsked(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		owner := p.NewTenant(t, "business")
		id := testkit.TenantOf(t, owner)
		weak := p.NewKey(t, id, "live", "write:keys")
		ask := func(c *testkit.Client, path string) (testkit.Answer, api.KeyCreated) {
			body := map[string]any{"name": "new", "permissions": []string{"write:keys"}}
			if c != owner && c != weak {
				body["environment"] = "live"
			}
			a := c.Call(t, http.MethodPost, path, body, "Idempotency-Key", "one").Want(t, http.StatusCreated)
			return a, testkit.Into[api.KeyCreated](t, a)
		}
		another := p.NewOperatorKey(t, "backend", nil)
		for path, askers := range map[string][2]*testkit.Client{
			"/api/v1/keys":                      {owner, weak},
			"/admin/v1/tenants/" + id + "/keys": {p.Operator, testkit.NewClient(p.URL, another.Key)},
		} {
			_, first := ask(askers[0], path)
			a, other := ask(askers[1], path)
			if other.Key == first.Key || other.ID == first.ID || a.Header.Get("Idempotency-Replayed") != "" {
				t.Errorf("%s: another key with the same Idempotency-Key got %s, want an answer of its own", path,
					a.Body)
			}
			a, again := ask(askers[0], path)
			if again.Key != first.Key || a.Header.Get("Idempotency-Replayed") != "true" {
				t.Errorf("%s: the same key got %s, want its answer again", path, a.Body)
			}
		}
	})
}

func TestAnAnswerThatIsRepeatedIsAuditedWhereTheRequestIs(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		id := testkit.TenantOf(t, tenant)
		for range 2 {
			tenant.Call(t, http.MethodPost, "/api/v1/leads", `{"name":"Ada"}`, "Idempotency-Key", "a").
				Want(t, http.StatusCreated)
			tenant.Call(t, http.MethodPost, "/api/v1/webhooks", `{"url":"https://example.com","events":["*"]}`,
				"Idempotency-Key", "b").Want(t, http.StatusCreated)
			p.Operator.Call(t, http.MethodPatch, "/admin/v1/tenants/"+id, `{"name":"New"}`, "Idempotency-Key", id).
				Want(t, http.StatusOK)
		}
		got := map[string]string{}
		log := testkit.Get[api.AuditEntryList](t, tenant, "/api/v1/audit-log?action=answer.replayed")
		for _, entry := range log.Data {
			after, _ := entry.After.Get()
			got[string(entry.Actor.Type)] = string(after)
		}
		if len(got) != 2 || !contains(got["key"], `"webhook.created"`) || !contains(got["key"], `"/api/v1/webhooks"`) ||
			!contains(got["operator"], `"tenant.updated"`) {
			t.Errorf("the audit log has %v, want the repeated answers of webhook.created and tenant.updated", got)
		}
	})
}

func TestFiftyEqualRequestsAtOnceHaveOneEffect(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		services := testkit.NewServices(t, e)
		p := testkit.StartOn(t, services)
		tenant := p.NewTenant(t, "business")
		clients := []*testkit.Client{tenant}
		if e == testkit.Servers { // a second process: only the database can keep them apart
			clients = append(clients, testkit.NewClient(testkit.StartOn(t, services,
				testkit.WithKeys(p.Config.EncryptionKeys)).URL, tenant.Key()))
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		statuses := map[int]int{}
		for i := range 50 {
			wg.Go(func() {
				a := clients[i%len(clients)].Call(t, http.MethodPost, "/api/v1/leads", `{"name":"Ada"}`,
					"Idempotency-Key", "same")
				mu.Lock()
				statuses[a.Status]++
				mu.Unlock()
			})
		}
		wg.Wait()
		if total := testkit.Get[api.LeadList](t, tenant, "/api/v1/leads").Meta.Total; total != 1 || statuses[201]+
			statuses[409] != 50 || statuses[201] < 1 {
			t.Errorf("concurrent calls: got %d leads and the statuses %v, want 1, and 201 or 409", total, statuses)
		}
	})
}

func TestEveryMutationCanBeRepeatedAndSecretsThatAreKeptAreEncrypted(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		lead := tenant.NewLead(t, "ada@example.com")
		for i, c := range []struct {
			method, path, body string
			status             int
		}{
			{"POST", "/keys", `{"name":"k","permissions":["read:leads"]}`, 201},
			{"POST", "/webhooks", `{"url":"https://example.com","events":["*"]}`, 201},
			{"PATCH", "/leads/" + lead.ID, `{"status":"contacted"}`, 200},
			{"POST", "/events", `{"type":"lead.created","data":{}}`, 422},
			{"DELETE", "/leads/" + lead.ID, ``, 204},
		} {
			var body any
			if c.body != "" {
				body = c.body
			}
			key := fmt.Sprint("k", i)
			first := tenant.Call(t, c.method, "/api/v1"+c.path, body, "Idempotency-Key", key).Want(t, c.status)
			again := tenant.Call(t, c.method, "/api/v1"+c.path, body, "Idempotency-Key", key).Want(t, c.status)
			if c.status < 300 && (string(first.Body) != string(again.Body) ||
				again.Header.Get("Idempotency-Replayed") != "true") {
				t.Errorf("%s %s: got %s and then %s, want the same, marked as replayed", c.method, c.path,
					first.Body, again.Body)
			}
		}
		var kept []string
		if err := p.App.Database().Read(t.Context()).
			Raw("SELECT answer FROM idempotency_keys WHERE tenant_id = ?", testkit.TenantOf(t, tenant)).
			Scan(&kept).Error; err != nil {
			t.Fatal(err)
		}
		if len(kept) != 4 { // failures are not kept
			t.Errorf("kept answers: got %d, want 4", len(kept))
		}
		for _, answer := range kept {
			if contains(answer, "hk_live_", "whsec_", "status") {
				t.Error("kept answer: got it in the clear, want it encrypted")
			}
		}
	})
}

func TestAStoredAnswerExpires(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e)
		tenant := p.NewTenant(t, "business")
		call := func() testkit.Answer {
			return tenant.Call(t, http.MethodPost, "/api/v1/leads", `{"name":"Ada"}`, "Idempotency-Key", "a").
				Want(t, http.StatusCreated)
		}
		call()
		ring, err := secret.ParseRing(p.Config.EncryptionKeys)
		if err != nil {
			t.Fatal(err)
		}
		sweep := func(later time.Duration) int64 {
			now := func() time.Time { return clock.System().Add(later) }
			n, err := idempotency.NewStore(p.App.Database(), ring, now).DeleteOlder(t.Context(), 10)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := sweep(23 * time.Hour); n != 0 || call().Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("answer after 23 h: got it deleted (%d), want it kept", n)
		}
		if n := sweep(25 * time.Hour); n != 1 || call().Header.Get("Idempotency-Replayed") == "true" {
			t.Errorf("answer after 25 h: got %d deleted, want 1", n)
		}
	})
}

func contains(text string, any ...string) bool {
	for _, a := range any {
		if strings.Contains(text, a) {
			return true
		}
	}
	return false
}
