package api_test

import (
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/metrics"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

// TestThePublicAddressHasNoProbesAndMetrics because anybody can reach it.
func TestThePublicAddressHasNoProbesAndMetrics(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	for _, path := range []string{"/metrics", "/healthz", "/readyz"} {
		testkit.NewClient(p.URL, "").Call(t, http.MethodGet, path, nil).Want(t, http.StatusNotFound)
		p.Monitoring.Call(t, http.MethodGet, path, nil).Want(t, http.StatusOK)
	}
	p.Monitoring.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusNotFound)
	p.Monitoring.Call(t, http.MethodPost, "/metrics", nil).Want(t, http.StatusMethodNotAllowed)
}

func TestProbesReportTheStateOfTheDependencies(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		services := testkit.NewServices(t, e)
		var redis *fake.Proxy
		if e == testkit.Servers {
			redis, services.RedisURL = fake.NewProxy(t, services.RedisURL)
		}
		p := testkit.StartOn(t, services)
		if h := testkit.Get[metrics.Health](t, p.Monitoring, "/healthz"); h.Status != metrics.OK || h.Version == "" {
			t.Errorf("/healthz: got %+v, want ok and the version", h)
		}
		ready := p.Ready(t, http.StatusOK)
		if ready.Status != metrics.OK || !reflect.DeepEqual(ready.Checks, map[string]string{"database": "ok",
			"redis": "ok"}) {
			t.Errorf("/readyz: got %+v, want ok", ready)
		}
		if redis == nil {
			return
		}
		// Redis being away is shown, and no reason to take the process out: nothing accepted depends on it.
		redis.Cut()
		away := p.Ready(t, http.StatusOK)
		if away.Status != metrics.OK || !reflect.DeepEqual(away.Checks, map[string]string{"database": "ok",
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
	database.Cut()
	h := p.Ready(t, http.StatusServiceUnavailable)
	if h.Status != metrics.Failing || h.Checks["database"] != "failing" ||
		h.Checks["redis"] != "ok" {
		t.Errorf("/readyz without a database: got %+v, want failing with the database failing", h)
	}
	testkit.Get[metrics.Health](t, p.Monitoring, "/healthz")
	// What can't be read is absent: 0 would mean that no delivery is overdue.
	text := p.Metrics(t)
	for _, name := range []string{"hookline_oldest_overdue_delivery_seconds", "hookline_throttled_endpoints",
		"hookline_reconciler_lag_seconds"} {
		if strings.Contains(text, "\n"+name+" ") {
			t.Errorf("without the database /metrics has a value of %s, want none", name)
		}
	}
	database.Restore()
	p.Await(t, "the process to be ready again", func() bool {
		return p.Monitoring.Call(t, http.MethodGet, "/readyz", nil).Status == http.StatusOK
	})
}

func TestAProcessWhoseDatabaseTakesNoWritesIsNotReady(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e)
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
		p.Ready(t, http.StatusOK)
		run(refuse...)
		p.Await(t, "the process to be unready", func() bool {
			return p.Monitoring.Call(t, http.MethodGet, "/readyz", nil).Status == http.StatusServiceUnavailable
		})
		run(allow)
		p.Await(t, "the process to be ready again", func() bool {
			return p.Monitoring.Call(t, http.MethodGet, "/readyz", nil).Status == http.StatusOK
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

	text := p.Metrics(t)
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
	p := testkit.Shared(t, testkit.Embedded)
	stranger := testkit.NewClient(p.URL, "")
	for _, path := range []string{"/nothing/of-mine", "/api/v1/leads", "/api/v1/leads/of-mine"} {
		stranger.Call(t, "OFMINE", path, nil)
		stranger.Call(t, http.MethodGet, path+"/of-mine", nil)
	}
	text := strings.ToLower(p.Metrics(t))
	for _, chosen := range []string{"of-mine", "ofmine"} {
		if strings.Contains(text, chosen) {
			t.Errorf("metrics: got %q, which a stranger sent, want it left out", chosen)
		}
	}
}

// conditional are the metrics that are there once something failed or was limited, or with a replica or a proxy.
var conditional = []string{"hookline_delivery_attempt_failures_total", "hookline_egress_proxy_connects_total",
	"hookline_rate_limited_requests_total", "hookline_read_replica_lag_seconds", "hookline_read_replica_state",
	"hookline_stale_reads_total", "hookline_trace_spans_total"}

// TestEveryMetricIsDocumented so that operators need not read the code, and that what is documented exists.
func TestEveryMetricIsDocumented(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../docs/monitoring.md")
	if err != nil {
		t.Fatal(err)
	}
	p := testkit.Shared(t, testkit.Servers)
	tenant := p.NewTenant(t, "business") // a metric with labels is there once it has counted something
	tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, nil)
	tenant.NewLead(t, "documented@example.com")
	p.AwaitDelivery(t, tenant, gen.DeliveryStatusSucceeded)
	text, names := p.Metrics(t), 0
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (hookline_\w+) `).FindAllStringSubmatch(text, -1) {
		names++
		if !strings.Contains(string(guide), "`"+m[1]) {
			t.Errorf("docs/monitoring.md: got no %s, want it explained", m[1])
		}
	}
	if names < 20 {
		t.Errorf("metrics: got %d, want all", names)
	}
	for _, m := range regexp.MustCompile("(?m)^\\| .*?`hookline_.*?\\|").FindAllString(string(guide), -1) {
		for _, name := range regexp.MustCompile(`hookline_\w+`).FindAllString(m, -1) {
			if !strings.Contains(text, "# TYPE "+name+" ") && !slices.Contains(conditional, name) {
				t.Errorf("docs/monitoring.md: got %s, want a metric of the program", name)
			}
		}
	}
}
