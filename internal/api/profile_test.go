package api_test

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func memberOf(t *testing.T, p *testkit.Program, tenantID, name string) string {
	t.Helper()
	body := map[string]any{"email": name + "@example.com", "name": name, "role": "owner"}
	return testkit.Post[gen.Member](t, p.Operator, "/admin/v1/tenants/"+tenantID+"/members", body,
		http.StatusCreated).ID
}

// keyOf makes a key with all permissions and further fields.
func keyOf(t *testing.T, p *testkit.Program, tenantID, environment string, more map[string]any) *testkit.Client {
	t.Helper()
	body := map[string]any{"name": "x", "environment": environment, "permissions": []string{"*"}}
	maps.Copy(body, more)
	key := testkit.Post[gen.KeyCreated](t, p.Operator, "/admin/v1/tenants/"+tenantID+"/keys", body, http.StatusCreated)
	return testkit.NewClient(p.URL, key.Key)
}

// drain calls until it gets a 429, and returns the number of allowed calls.
func drain(t *testing.T, most int, clients ...*testkit.Client) int {
	t.Helper()
	for n := range most + 1 {
		a := clients[n%len(clients)].Call(t, http.MethodGet, me, nil)
		if a.Status != http.StatusTooManyRequests {
			a.Want(t, http.StatusOK)
			continue
		}
		wantTooMany(t, a)
		if seconds := a.Problem(t).Error.RetryAfterSeconds; seconds == nil ||
			strconv.Itoa(*seconds) != a.Header.Get("Retry-After") {
			t.Errorf("got %s with Retry-After: %s, want the same number", a.Body, a.Header.Get("Retry-After"))
		}
		if beside := testkit.Into[gen.Error](t, a).RetryAfterSeconds; beside == nil || *beside < 1 {
			t.Errorf("got %s, want retry_after_seconds also beside the error", a.Body)
		}
		return n
	}
	return most + 1
}

func policyOf(t *testing.T, c *testkit.Client) string {
	t.Helper()
	return c.Call(t, http.MethodGet, me, nil).Header.Get("RateLimit-Policy")
}

func TestLimitsAreSharedAsTheProfileSays(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e, anHour, patient)
		t.Run("inboxops: all keys of the tenant, live and test", func(t *testing.T) {
			t.Parallel()
			id := p.NewTenantOf(t, "inboxops")
			live, test, neighbour := keyOf(t, p, id, "live", nil), keyOf(t, p, id, "test", nil),
				keyOf(t, p, p.NewTenantOf(t, "inboxops"), "live", nil)
			if n := drain(t, 100, live, test); n != 100 {
				t.Errorf("allowed calls of live and test keys: got %d, want 100", n)
			}
			wantTooMany(t, live.Call(t, http.MethodGet, me, nil))
			wantTooMany(t, keyOf(t, p, id, "live", nil).Call(t, http.MethodGet, me, nil))
			neighbour.Call(t, http.MethodGet, me, nil).Want(t, http.StatusOK)
		})
		t.Run("leadie: all keys of a user", func(t *testing.T) {
			t.Parallel()
			id := p.NewTenantOf(t, "leadie")
			ada, ben := map[string]any{"user_id": memberOf(t, p, id, "ada")}, map[string]any{"user_id": memberOf(t, p,
				id, "ben")}
			live, test := keyOf(t, p, id, "live", ada), keyOf(t, p, id, "test", ada)
			if n := drain(t, 60, live, test); n != 60 {
				t.Errorf("allowed calls of a user's keys: got %d, want 60", n)
			}
			wantTooMany(t, keyOf(t, p, id, "live", ada).Call(t, http.MethodGet, me, nil))
			keyOf(t, p, id, "live", ben).Call(t, http.MethodGet, me, nil).Want(t, http.StatusOK)
		})
		t.Run("leadhooks: each key, which may have a limit of its own", func(t *testing.T) {
			t.Parallel()
			id := p.NewTenantOf(t, "leadhooks")
			one, own := keyOf(t, p, id, "live", nil), keyOf(t, p, id, "live",
				map[string]any{"rate_limit": map[string]any{"requests": 3, "per": "hour"}})
			if got := policyOf(t, one); got != `"default";q=1000;w=3600` {
				t.Errorf("RateLimit-Policy: got %s, want 1000 in 3600 s", got)
			}
			if n := drain(t, 3, own); n != 3 {
				t.Errorf("allowed calls of a key with its own limit: got %d, want 3", n)
			}
			one.Call(t, http.MethodGet, me, nil).Want(t, http.StatusOK)
		})
	})
}

func TestInLeadieUsersPayForTheirOwnCallsOnly(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e, testkit.WithPrice("createTrackerJob", 4000))
		id := p.NewTenantOf(t, "leadie")
		users := map[string]string{"ada": memberOf(t, p, id, "ada"), "ben": memberOf(t, p, id, "ben")}
		ada, ben := keyOf(t, p, id, "live", map[string]any{"user_id": users["ada"]}), keyOf(t, p, id, "test",
			map[string]any{"user_id": users["ben"]})
		path := "/admin/v1/tenants/" + id + "/credits"
		grant := map[string]any{"amount": 6001, "reason": "Invoice 1", "user_id": users["ada"]}
		entry := testkit.Post[gen.CreditEntry](t, p.Operator, path, grant, http.StatusCreated)
		if entry.UserID.MustGet() != users["ada"] || entry.Balance != 16_001 {
			t.Errorf("entry: got %+v, want Ada's with the balance 16,001", entry)
		}
		var paid atomic.Int64
		var all sync.WaitGroup
		for range 12 {
			all.Go(func() {
				a := ada.Call(t, http.MethodPost, "/api/v1/tracker/jobs", map[string]any{"job_type": "hashtag"})
				switch {
				case a.Status == http.StatusAccepted:
					paid.Add(1)
				case a.Status != http.StatusForbidden ||
					a.Problem(t).Error.Code != gen.ErrorErrorCodeInsufficientCredits:
					t.Errorf("got %d %s, want 403 insufficient_credits", a.Status, a.Body)
				}
			})
		}
		all.Wait()
		if c := testkit.Get[gen.Credits](t, ada, "/api/v1/credits"); paid.Load() != 4 || c.Balance != 1 ||
			c.MonthlyGrant != 10_000 || c.Data[0].UserID.MustGet() != users["ada"] {
			t.Errorf("got %d paid calls and %+v, want 4, and Ada's balance of 1", paid.Load(), c)
		}
		if c := testkit.Get[gen.Credits](t, ben, "/api/v1/credits"); c.Balance != 10_000 || len(c.Data) != 1 {
			t.Errorf("credits of Ben: got %+v, want 10,000 and the grant only", c)
		}
		if c := testkit.Get[gen.Credits](t, p.Operator, path+"?user_id="+users["ada"]); c.Balance != 1 ||
			len(c.Data) != 6 {
			t.Errorf("credits of Ada: got %+v, want a balance of 1 and 6 entries", c)
		}
		if c := testkit.Get[gen.Credits](t, p.Operator, path); c.Balance != 10_000 || !c.Data[0].UserID.IsNull() {
			t.Errorf("credits of the tenant: got %+v, want 10,000 of no user", c)
		}
		p.Operator.Call(t, http.MethodGet, path+"?user_id=nobody", nil).Want(t, http.StatusNotFound)
		other := p.NewTenantOf(t, "hookline")
		for tenant, user := range map[string]string{id: "nobody", other: memberOf(t, p, other, "eve")} {
			a := p.Operator.Call(t, http.MethodPost, "/admin/v1/tenants/"+tenant+"/credits", map[string]any{"amount": 1,
				"reason": "x", "user_id": user}).Want(t, http.StatusBadRequest)
			if !strings.Contains(string(a.Body), "user_id") {
				t.Errorf("key without a user: got %s, want the field user_id", a.Body)
			}
		}
	})
}
