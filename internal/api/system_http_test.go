package api_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"gorm.io/gorm"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

func TestProbesReportTheStateOfTheDependencies(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		services := testkit.NewServices(t, e)
		var redis *fake.Proxy
		if e == testkit.Servers {
			redis, services.RedisURL = fake.NewProxy(t, services.RedisURL)
		}
		p := testkit.StartOn(t, services)
		anyone := testkit.NewClient(p.URL, "")
		if h := testkit.Get[gen.Health](t, anyone, "/healthz"); h.Status != gen.HealthStatusOk || h.Version == "" {
			t.Errorf("/healthz: got %+v, want ok and the version", h)
		}
		ready := testkit.Get[gen.Health](t, anyone, "/readyz")
		if ready.Status != gen.HealthStatusOk || !reflect.DeepEqual(ready.Checks, map[string]string{"database": "ok",
			"redis": "ok"}) {
			t.Errorf("/readyz: got %+v, want ok", ready)
		}
		if redis == nil {
			return
		}
		// Redis being away is shown, and no reason to take the process out: nothing accepted depends on it.
		redis.Cut()
		away := testkit.Get[gen.Health](t, anyone, "/readyz")
		if away.Status != gen.HealthStatusOk || !reflect.DeepEqual(away.Checks, map[string]string{"database": "ok",
			"redis": "failing"}) {
			t.Errorf("/readyz without Redis: got %+v, want ok with Redis failing", away)
		}
		redis.Restore()
	})
}

func TestWithoutItsDatabaseAProcessIsAliveAndNotReady(t *testing.T) {
	t.Parallel()
	services := testkit.NewServices(t, testkit.Servers)
	var database *fake.Proxy
	database, services.DatabaseURL = fake.NewProxy(t, services.DatabaseURL)
	p := testkit.StartOn(t, services)
	anyone := testkit.NewClient(p.URL, "")
	database.Cut()
	a := anyone.Call(t, http.MethodGet, "/readyz", nil).Want(t, http.StatusServiceUnavailable)
	if h := testkit.Into[gen.Health](t, a); h.Status != gen.HealthStatusFailing || h.Checks["database"] != "failing" ||
		h.Checks["redis"] != "ok" {
		t.Errorf("/readyz without a database: got %+v, want failing with the database failing", h)
	}
	testkit.Get[gen.Health](t, anyone, "/healthz")
	// What can't be read is absent: 0 would mean that no delivery is overdue.
	metrics := string(anyone.Call(t, http.MethodGet, "/metrics", nil).Want(t, http.StatusOK).Body)
	for _, name := range []string{"hookline_oldest_overdue_delivery_seconds", "hookline_throttled_endpoints"} {
		if strings.Contains(metrics, "\n"+name+" ") {
			t.Errorf("without the database /metrics has a value of %s, want none", name)
		}
	}
	database.Restore()
	p.Await(t, "the process to be ready again", func() bool {
		return anyone.Call(t, http.MethodGet, "/readyz", nil).Status == http.StatusOK
	})
}

func TestAProcessWhoseDatabaseTakesNoWritesIsNotReady(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e)
		anyone := testkit.NewClient(p.URL, "")
		run := func(statements ...string) {
			t.Helper()
			for _, s := range statements {
				err := p.App.Database().Tx(t.Context(), func(tx *gorm.DB) error { return tx.Exec(s).Error })
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		refuse := []string{"CREATE TRIGGER full_disk BEFORE INSERT ON settings BEGIN SELECT RAISE(ABORT, 'full'); END"}
		allow := "DROP TRIGGER full_disk"
		if e == testkit.Servers {
			refuse = []string{"CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS " +
				"$$ BEGIN RAISE disk_full; END $$",
				"CREATE TRIGGER full_disk BEFORE INSERT ON settings EXECUTE FUNCTION full_disk()"}
			allow += " ON settings"
		}
		testkit.Get[gen.Health](t, anyone, "/readyz")
		run(refuse...)
		p.Await(t, "the process to be unready", func() bool {
			return anyone.Call(t, http.MethodGet, "/readyz", nil).Status == http.StatusServiceUnavailable
		})
		run(allow)
		p.Await(t, "the process to be ready again", func() bool {
			return anyone.Call(t, http.MethodGet, "/readyz", nil).Status == http.StatusOK
		})
	})
}

func TestMetricsCountDeliveriesAndNameNobody(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Servers) // metrics count all tenants
	tenant := p.NewTenant(t, "business")
	receiver := testkit.NewReceiver(t, nil)
	hook := tenant.NewEndpoint(t, receiver.URL, nil)
	lead := tenant.NewLead(t, "metrics@example.com")
	d := p.AwaitDelivery(t, tenant, gen.DeliveryStatusSucceeded)
	me := testkit.Get[gen.Me](t, tenant, "/api/v1/me")
	// Paths with ids, paths that don't exist, and queries must not become labels either.
	tenant.Call(t, http.MethodGet, "/api/v1/leads/"+lead.ID, nil).Want(t, http.StatusOK)
	tenant.Call(t, http.MethodGet, "/api/v1/leads?email=metrics@example.com", nil).Want(t, http.StatusOK)
	tenant.Call(t, http.MethodGet, "/no/such/"+lead.ID, nil).Want(t, http.StatusNotFound)

	text := string(testkit.NewClient(p.URL, "").Call(t, http.MethodGet, "/metrics", nil).
		Want(t, http.StatusOK).Body)
	for _, line := range []string{
		"hookline_events_total 1",
		`hookline_delivery_attempts_total{delivery_status="succeeded",outcome="succeeded"} 1`,
		"hookline_delivery_attempt_duration_seconds_count 1",
		`hookline_http_request_duration_seconds_count{method="POST",path="/api/v1/leads",status="201"} 1`,
		`hookline_http_request_duration_seconds_count{method="GET",path="/api/v1/leads/:lead_id",status="200"} 1`,
	} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("metrics: got no line %s, want it", line)
		}
	}
	own := strings.Join(regexp.MustCompile(`(?m)^hookline_.*$`).FindAllString(text, -1), "\n")
	secrets := []string{me.Tenant.ID, me.Tenant.Name, me.Key.ID, lead.ID, hook.ID, d.ID, d.EventID, "@",
		"example.com", receiver.URL, tenant.Key(), "127.0.0.1"}
	for _, secret := range append(secrets, "tnt_", "key_", "evt_01", "whe_", "dlv_", "hk_") {
		if strings.Contains(own, secret) {
			t.Errorf("metrics: got %q in them, want no secret", secret)
		}
	}
}

// TestMetricsDoNotGrowWithWhatStrangersSend because a label that a caller can choose makes a new series for each call,
// and series stay in memory as long as the process runs.
func TestMetricsDoNotGrowWithWhatStrangersSend(t *testing.T) {
	t.Parallel()
	stranger := testkit.NewClient(testkit.Shared(t, testkit.Embedded).URL, "")
	for _, path := range []string{"/nothing/of-mine", "/api/v1/leads", "/api/v1/leads/of-mine"} {
		stranger.Call(t, "OFMINE", path, nil)
		stranger.Call(t, http.MethodGet, path+"/of-mine", nil)
	}
	text := strings.ToLower(string(stranger.Call(t, http.MethodGet, "/metrics", nil).Body))
	for _, chosen := range []string{"of-mine", "ofmine"} {
		if strings.Contains(text, chosen) {
			t.Errorf("metrics: got %q, which a stranger sent, want it left out", chosen)
		}
	}
}

// published fetches the contract as both documents and returns the JSON one, parsed.
func published(t *testing.T, c *testkit.Client) map[string]any {
	t.Helper()
	asJSON := c.Call(t, http.MethodGet, "/api/v1/openapi.json", nil).Want(t, http.StatusOK)
	asYAML := c.Call(t, http.MethodGet, "/api/v1/openapi.yaml", nil).Want(t, http.StatusOK)
	if asJSON.Header.Get("Content-Type") != "application/json" ||
		asYAML.Header.Get("Content-Type") != "application/yaml" {
		t.Errorf("content types: got %s and %s, want application/json and application/yaml",
			asJSON.Header.Get("Content-Type"), asYAML.Header.Get("Content-Type"))
	}
	var fromYAML any
	if err := yaml.Unmarshal(asYAML.Body, &fromYAML); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(fromYAML) // so that numbers and keys have the same Go types as in the other
	if err != nil {
		t.Fatal(err)
	}
	document := testkit.Into[map[string]any](t, asJSON)
	if other := testkit.Into[map[string]any](t, testkit.Answer{Body: raw}); !reflect.DeepEqual(document, other) {
		t.Error("openapi.json and openapi.yaml: got different documents, want the same")
	}
	return document
}

func TestThePublishedContractIsWholeWithoutTheOperators(t *testing.T) {
	t.Parallel()
	document := published(t, testkit.NewClient(testkit.Shared(t, testkit.Embedded).URL, ""))
	var got, want []string
	for _, item := range document["paths"].(map[string]any) {
		for _, operation := range item.(map[string]any) {
			if o, ok := operation.(map[string]any); ok {
				got = append(got, o["operationId"].(string))
			}
		}
	}
	for id, rule := range testkit.Contract().Rules {
		if !strings.HasPrefix(rule.Path, "/admin/") && !slices.Contains([]string{"/healthz", "/readyz", "/metrics"},
			rule.Path) {
			want = append(want, id)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) || len(got) < 20 {
		t.Errorf("published are %v instead of %v", got, want)
	}
	webhooks := len(testkit.Contract().EventTypes) + len(profile.All()) + 1 // CloudEvents
	if n := len(document["webhooks"].(map[string]any)); n != webhooks || document["openapi"] != "3.1.0" {
		t.Errorf("got %d webhooks in OpenAPI %s, want %d in 3.1.0", n, document["openapi"], webhooks)
	}
	raw, _ := json.Marshal(document)
	for _, hidden := range []string{"/admin/", "x-audience", "hk_op_", "OperatorKey", "TenantCreate", "x-go-",
		"/metrics", "/readyz"} {
		if strings.Contains(string(raw), hidden) {
			t.Errorf("published contract: got %q in it, want it left out", hidden)
		}
	}
	for _, ref := range regexp.MustCompile(`"\$ref":"([^"]+)"`).FindAllStringSubmatch(string(raw), -1) {
		at := any(document)
		for _, step := range strings.Split(strings.TrimPrefix(ref[1], "#/"), "/") {
			at = at.(map[string]any)[step]
			if at == nil {
				t.Fatalf("reference %s: got no target, want one", ref[1])
			}
		}
	}
}

func TestARequestIDIsEchoedWhenItIsWellFormed(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	tenant := p.NewTenant(t, "business")
	seen := map[string]bool{}
	for _, id := range []string{"a", "req-1_2.3", strings.Repeat("x", 64), "0f8fad5b-d9cb-469f-a165-70867728950e"} {
		for path, status := range map[string]int{"/api/v1/me": 200, "/api/v1/leads/nothing": 404, "/nothing": 404,
			"/healthz": 200} {
			a := tenant.Call(t, http.MethodGet, path, nil, "X-Request-Id", id).Want(t, status)
			if got := a.Header.Get("X-Request-Id"); got != id ||
				(status != 200 && a.Problem(t).Error.RequestID != id) {
				t.Errorf("X-Request-Id of %s: got %s, want %s in header and body: %s", path, got, id, a.Body)
			}
		}
	}
	made := regexp.MustCompile(`^req_[0-9a-z]{26}$`)
	for _, id := range []string{"", strings.Repeat("x", 65), "two words", "a/b", "<script>", "é", `"quoted"`, "a,b",
		"a:b", "tab\tbed"} {
		a := tenant.Call(t, http.MethodGet, "/api/v1/leads/nothing", nil, "X-Request-Id", id).
			Want(t, http.StatusNotFound)
		got := a.Header.Get("X-Request-Id")
		if !made.MatchString(got) || seen[got] || a.Problem(t).Error.RequestID != got ||
			len(a.Header.Values("X-Request-Id")) != 1 {
			t.Errorf("X-Request-Id for %q: got %q, want a new one, once, as in the body: %s", id, got, a.Body)
		}
		seen[got] = true
	}
}
