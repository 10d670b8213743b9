package access_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit"
)

type object = map[string]any

// withQuotas makes a tenant with quotas of its own, and returns its client and a function that changes them.
func withQuotas(t *testing.T, p *testkit.Program, quotas map[string]int64) (c *testkit.Client,
	set func(map[string]int64)) {
	t.Helper()
	c = p.NewTenant(t, "business")
	set = func(quotas map[string]int64) {
		t.Helper()
		p.Operator.Call(t, http.MethodPatch, "/admin/v1/tenants/"+testkit.TenantOf(t, c),
			object{"quota_overrides": quotas}).Want(t, http.StatusOK)
	}
	set(quotas)
	return c, set
}

// wantOver checks a refusal: the code, the figures in fields, and the figures in words.
func wantOver(t *testing.T, a testkit.Answer, quota string, limit, used int64) {
	t.Helper()
	a.Want(t, http.StatusForbidden)
	e := a.Problem(t).Error
	if e.Code != gen.ErrorErrorCodeQuotaExceeded || e.Quota == nil || *e.Quota != quota || e.Limit == nil ||
		*e.Limit != limit || e.Used == nil || *e.Used != used ||
		!strings.Contains(e.Message, fmt.Sprintf("allows %d ", limit)) {
		t.Errorf("got %s, want quota_exceeded of %s with limit %d and used %d", a.Body, quota, limit, used)
	}
}

// usedOf reads what GET /usage tells of a quota.
func usedOf(t *testing.T, c *testkit.Client, quota string) (used, limit int64) {
	t.Helper()
	for _, q := range testkit.Get[gen.Usage](t, c, "/api/v1/usage").Quotas {
		if string(q.Name) == quota {
			n, err := q.Used.Get()
			if err != nil {
				return -1, q.Limit
			}
			return n, q.Limit
		}
	}
	t.Fatalf("GET /usage: got no quota %s, want it", quota)
	return 0, 0
}

// countedQuotas are the quotas on rows, and where and how to make the n-th; has is how many a new tenant has.
var countedQuotas = []struct {
	quota, path string
	has         int64
	body        func(n int) object
}{
	{"endpoints", "/api/v1/webhooks", 0, func(n int) object {
		return object{"url": fmt.Sprintf("http://127.0.0.1:9/%d", n), "events": []string{"*"}}
	}},
	{"keys", "/api/v1/keys", 1, func(n int) object {
		return object{"name": fmt.Sprint("k", n), "permissions": []string{"read:leads"}}
	}},
	{"members", "/api/v1/members", 0, func(n int) object {
		return object{"email": fmt.Sprintf("m%d@example.com", n), "name": "M", "role": "viewer"}
	}},
	{"event_types", "/api/v1/event-types", 0, func(n int) object {
		return object{"type": fmt.Sprintf("order.n%d", n), "description": "An order.",
			"schema": object{"type": "object"}, "sample": object{}}
	}},
	{"alert_channels", "/api/v1/alert-channels", 0, func(int) object {
		return object{"name": "c", "type": "slack", "target": "http://127.0.0.1:9/",
			"conditions": []string{"endpoint.failing"}}
	}},
	{"tracked_accounts", "/api/v1/tracked-accounts", 0, func(n int) object {
		return object{"platform": "instagram", "account_id": fmt.Sprint(n), "username": "u"}
	}},
}

func TestEachQuotaRefusesAtItsFigureAndIsFreedByADeletion(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		for _, q := range countedQuotas {
			t.Run(q.quota, func(t *testing.T) {
				t.Parallel()
				c, set := withQuotas(t, p, map[string]int64{q.quota: 2})
				var last struct{ ID, Type string }
				n := 0
				add := func() testkit.Answer { n++; return c.Call(t, http.MethodPost, q.path, q.body(n)) }
				for range 2 - q.has {
					last = testkit.Into[struct{ ID, Type string }](t, add().Want(t, http.StatusCreated))
				}
				wantOver(t, add(), q.quota, 2, 2)
				if used, limit := usedOf(t, c, q.quota); used != 2 || limit != 2 {
					t.Errorf("GET /usage at the limit: got %d of %d, want 2 of 2", used, limit)
				}
				name := last.ID
				if q.quota == "event_types" {
					name = last.Type
				}
				c.Call(t, http.MethodDelete, q.path+"/"+name, nil).Want(t, http.StatusNoContent)
				add().Want(t, http.StatusCreated)
				wantOver(t, add(), q.quota, 2, 2)
				set(map[string]int64{q.quota: 3})
				add().Want(t, http.StatusCreated)
				wantOver(t, add(), q.quota, 3, 3)
				set(map[string]int64{q.quota: 1}) // what there is stays
				if used, limit := usedOf(t, c, q.quota); used != 3 || limit != 1 {
					t.Errorf("GET /usage over the limit: got %d of %d, want 3 of 1", used, limit)
				}
				wantOver(t, add(), q.quota, 1, 3)
				set(map[string]int64{})
				add().Want(t, http.StatusCreated)
			})
		}
	})
}

func TestConcurrentCreationsDoNotExceedAQuota(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		for _, q := range countedQuotas {
			t.Run(q.quota, func(t *testing.T) {
				t.Parallel()
				c, _ := withQuotas(t, p, map[string]int64{q.quota: 4})
				var created, refused atomic.Int64
				var all sync.WaitGroup
				for n := range 12 {
					all.Go(func() {
						var headers []string
						if n%3 == 0 { // in the transaction of an Idempotency-Key
							headers = []string{"Idempotency-Key", fmt.Sprint("n", n)}
						}
						switch a := c.Call(t, http.MethodPost, q.path, q.body(n), headers...); a.Status {
						case http.StatusCreated:
							created.Add(1)
						case http.StatusForbidden:
							refused.Add(1)
						default:
							t.Errorf("got %d %s, want 201 or 403", a.Status, a.Body)
						}
					})
				}
				all.Wait()
				if want := 4 - q.has; created.Load() != want || refused.Load() != 12-want {
					t.Errorf("got %d created and %d refused, want %d and %d", created.Load(), refused.Load(), want,
						12-want)
				}
			})
		}
	})
}

func TestBothEnvironmentsShareAQuota(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	c, _ := withQuotas(t, p, map[string]int64{"endpoints": 2})
	test := p.NewKey(t, testkit.TenantOf(t, c), "test", "*")
	c.NewEndpoint(t, "http://127.0.0.1:9/a", nil)
	test.NewEndpoint(t, "http://127.0.0.1:9/b", nil)
	for name, client := range map[string]*testkit.Client{"live": c, "test": test} {
		wantOver(t, client.Call(t, http.MethodPost, "/api/v1/webhooks", object{"url": "http://127.0.0.1:9/c",
			"events": []string{"*"}}), "endpoints", 2, 2)
		if used, _ := usedOf(t, client, "endpoints"); used != 2 {
			t.Errorf("GET /usage with a %s key: got %d used, want 2", name, used)
		}
	}
}

func TestASourceThatHasItsEndpointGetsItAtTheQuota(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c, _ := withQuotas(t, testkit.Shared(t, e), map[string]int64{"endpoints": 1})
		body := object{"url": "http://127.0.0.1:9/a", "events": []string{"*"}, "source": "zapier"}
		c.Call(t, http.MethodPost, "/api/v1/webhooks", body).Want(t, http.StatusCreated)
		c.Call(t, http.MethodPost, "/api/v1/webhooks", body).Want(t, http.StatusOK)
	})
}

func TestHeadersOfAnEndpointAreLimited(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c, set := withQuotas(t, testkit.Shared(t, e), map[string]int64{"endpoint_headers": 2})
		two, three := object{"X-A": "1", "X-B": "2"}, object{"X-A": "1", "X-B": "2", "X-C": "3"}
		wantOver(t, c.Call(t, http.MethodPost, "/api/v1/webhooks", object{"url": "http://127.0.0.1:9/",
			"events": []string{"*"}, "headers": three}), "endpoint_headers", 2, 0)
		path := "/api/v1/webhooks/" + c.NewEndpoint(t, "http://127.0.0.1:9/", object{"headers": two}).ID
		wantOver(t, c.Call(t, http.MethodPatch, path, object{"headers": three}), "endpoint_headers", 2, 2)
		if used, limit := usedOf(t, c, "endpoint_headers"); used != 2 || limit != 2 {
			t.Errorf("GET /usage: got %d of %d, want 2 of 2", used, limit)
		}
		set(map[string]int64{"endpoint_headers": 1}) // an endpoint with more can still be changed
		c.Call(t, http.MethodPatch, path, object{"enabled": false}).Want(t, http.StatusOK)
		c.Call(t, http.MethodPatch, path, object{"headers": object{"X-A": "1"}}).Want(t, http.StatusOK)
		wantOver(t, c.Call(t, http.MethodPatch, path, object{"headers": two}), "endpoint_headers", 1, 1)
	})
}

func TestKeysCanBeRotatedAtTheQuotaAndNotWithoutEnd(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c, _ := withQuotas(t, testkit.Shared(t, e), map[string]int64{"keys": 2})
		key := object{"name": "b", "permissions": []string{"read:leads"}}
		other := testkit.Post[gen.KeyCreated](t, c, "/api/v1/keys", key, http.StatusCreated)
		rotate := func(id, grace string) testkit.Answer {
			return c.Call(t, http.MethodPost, "/api/v1/keys/"+id+"/rotate", object{"grace": grace})
		}
		for range 2 { // both keys of the quota work twice
			rotate(other.ID, "1h").Want(t, http.StatusCreated)
		}
		wantOver(t, rotate(other.ID, "1h"), "keys", 4, 4)
		wantOver(t, c.Call(t, http.MethodPost, "/api/v1/keys", key), "keys", 2, 4)
		rotate(other.ID, "0s").Want(t, http.StatusCreated)
	})
}

const leads = "/api/v1/leads"

func TestStoredBytesADayAreLimited(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		clock := &testkit.Clock{}
		clock.Advance(time.Until(time.Now().UTC().Truncate(24 * time.Hour).Add(36 * time.Hour))) // noon, tomorrow
		p := testkit.Start(t, e, testkit.WithClock(clock), testkit.WithoutWorker())
		lead := `{"name":"` + strings.Repeat("x", 80) + `"}` // 91 bytes
		c, set := withQuotas(t, p, map[string]int64{"stored_bytes_per_day": 200})
		post := func(headers ...string) testkit.Answer { return c.Call(t, http.MethodPost, leads, lead, headers...) }
		post("Idempotency-Key", "a").Want(t, http.StatusCreated)
		post("Idempotency-Key", "a").Want(t, http.StatusCreated) // a replay stores nothing
		for range 3 {                                            // nor does a call that fails
			c.Call(t, http.MethodPost, leads, `{"name":"`+strings.Repeat("y", 40)+`","score":"high"}`).
				Want(t, http.StatusBadRequest)
			c.Call(t, http.MethodPatch, leads+"/lead_00000000000000000000000000", lead).Want(t, http.StatusNotFound)
		}
		post().Want(t, http.StatusCreated)
		wantOver(t, post(), "stored_bytes_per_day", 200, 182)
		wantOver(t, c.Call(t, http.MethodPost, "/api/v1/events", object{"type": "lead.created", "data": object{}}),
			"stored_bytes_per_day", 200, 182)
		if used, limit := usedOf(t, c, "stored_bytes_per_day"); used != 182 || limit != 200 {
			t.Errorf("GET /usage: got %d of %d, want 182 of 200", used, limit)
		}
		c.Call(t, http.MethodGet, leads, nil).Want(t, http.StatusOK)
		c.NewEndpoint(t, "http://127.0.0.1:9/", nil) // has a quota of its own
		set(map[string]int64{"stored_bytes_per_day": 300})
		clock.Advance(2 * time.Second) // a process knows a key for a second
		p.Await(t, "the raised quota", func() bool { return post().Status == http.StatusCreated })
		wantOver(t, post(), "stored_bytes_per_day", 300, 273)
		clock.Advance(24 * time.Hour)
		post().Want(t, http.StatusCreated)
		if used, _ := usedOf(t, c, "stored_bytes_per_day"); used != 91 {
			t.Errorf("GET /usage on the next day: got %d used, want 91", used)
		}
	})
}

func TestStoredBytesSurviveARestartAndAreSharedByProcesses(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		s := testkit.NewServices(t, e)
		noon := &testkit.Clock{}
		noon.Advance(time.Until(time.Now().UTC().Truncate(24 * time.Hour).Add(36 * time.Hour)))
		p := testkit.StartOn(t, s, testkit.WithClock(noon), testkit.WithoutWorker())
		c, _ := withQuotas(t, p, map[string]int64{"stored_bytes_per_day": 30})
		lead := `{"name":"abcdefghi"}` // 20 bytes
		c.Call(t, http.MethodPost, leads, lead).Want(t, http.StatusCreated)
		if e == testkit.Embedded {
			p.Stop()
		} else if err := p.App.Stored.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		again := testkit.StartOn(t, s, testkit.WithClock(noon), testkit.WithoutWorker(),
			func(config *config.Config, _ *app.Options) { config.EncryptionKeys = p.Config.EncryptionKeys })
		there := testkit.NewClient(again.URL, c.Key())
		wantOver(t, there.Call(t, http.MethodPost, leads, lead), "stored_bytes_per_day", 30, 20)
		there.Call(t, http.MethodPost, leads, `{"name":""}`).Want(t, http.StatusForbidden) // 11 bytes
	})
}

func TestOperatorsSetQuotasOfATenant(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	c, set := withQuotas(t, p, map[string]int64{"endpoints": 7})
	path := "/admin/v1/tenants/" + testkit.TenantOf(t, c)
	change := func(body object) gen.Tenant {
		t.Helper()
		return testkit.Into[gen.Tenant](t, p.Operator.Call(t, http.MethodPatch, path, body).Want(t, http.StatusOK))
	}
	got := change(object{"entitlement_overrides": object{"webhooks": true}})
	if got.QuotaOverrides["endpoints"] != 7 || !got.EntitlementOverrides["webhooks"] {
		t.Errorf("after a change of the entitlements: got %+v, want the quotas kept", got)
	}
	set(map[string]int64{"keys": 9})
	got = testkit.Get[gen.Tenant](t, p.Operator, path)
	if len(got.QuotaOverrides) != 1 || got.QuotaOverrides["keys"] != 9 || !got.EntitlementOverrides["webhooks"] {
		t.Errorf("after a change of the quotas: got %+v, want them replaced and the entitlements kept", got)
	}
	for _, bad := range []object{{"endpoints": -1}, {"leads": 5}, {"keys": "many"}, {"requests_per_minute": 0}} {
		p.Operator.Call(t, http.MethodPatch, path, object{"quota_overrides": bad}).Want(t, http.StatusBadRequest)
	}
	if _, limit := usedOf(t, c, "endpoints"); limit != 200 {
		t.Errorf("endpoints of the plan business: got %d, want 200", limit)
	}
	if used, limit := usedOf(t, c, "requests_per_minute"); used != -1 || limit != 4000 {
		t.Errorf("requests_per_minute: got %d of %d, want null of 4000", used, limit)
	}
}
