package delivery_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// answering makes an endpoint for each path of one receiver: /200 answers 200, and so on; /refused can't be reached.
func answering(t *testing.T, c *testkit.Client, names ...string) map[string]string {
	t.Helper()
	receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, r testkit.Received, _ int) {
		status := 0
		_, _ = fmt.Sscanf(r.Path, "/%d", &status)
		w.WriteHeader(status)
	})
	ids := map[string]string{}
	for _, name := range names {
		at := receiver.URL + "/" + name
		if name == "refused" {
			at = "http://127.0.0.1:1/"
		}
		ids[name] = c.NewEndpoint(
			t,
			at,
			map[string]any{"name": name, "retry_policy": map[string]any{"initial": "1s", "max_attempts": 1}},
		).ID
	}
	return ids
}

func TestTheDeliveryLogIsNarrowedByEachFilterAndBySeveral(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		hooks := answering(t, tenant, "200", "302", "404", "503", "refused")
		answering(t, other, "200")
		tenant.NewLead(t, "ada@example.com")
		other.NewLead(t, "ada@example.com")
		p.AwaitCount(t, tenant, api.DeliveryStatusDead, 4)
		p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, 1)
		one := tenant.Deliveries(t, "")[0]
		stamp := func(at time.Time) string { return url.QueryEscape(at.Format(time.RFC3339Nano)) }
		for query, want := range map[string][]string{
			"":                                  {"200", "302", "404", "503", "refused"},
			"&http_class=2xx":                   {"200"},
			"&http_class=3xx":                   {"302"},
			"&http_class=4xx":                   {"404"},
			"&http_class=5xx":                   {"503"},
			"&http_class=none":                  {"refused"},
			"&http_status=404":                  {"404"},
			"&http_status=405":                  {},
			"&http_status=404&http_class=5xx":   {},
			"&http_class=5xx&status=dead":       {"503"},
			"&http_class=5xx&status=succeeded":  {},
			"&reason=exhausted":                 {"302", "404", "503", "refused"},
			"&reason=timeout":                   {},
			"&status=succeeded":                 {"200"},
			"&webhook_id=" + hooks["503"]:       {"503"},
			"&event_type=lead.created":          {"200", "302", "404", "503", "refused"},
			"&event_type=lead.updated":          {},
			"&event_id=" + one.EventID:          {"200", "302", "404", "503", "refused"},
			"&event_id=evt_other":               {},
			"&from=" + stamp(one.CreatedAt):     {"200", "302", "404", "503", "refused"},
			"&to=" + stamp(one.CreatedAt):       {},
			"&to=" + stamp(time.Now().Add(1e9)): {"200", "302", "404", "503", "refused"},
			"&from=" +
				stamp(one.CreatedAt.Add(time.Microsecond)): {},
			"&reason=exhausted&http_class=4xx&status=dead&webhook_id=" + hooks["404"] + "&from=" +
				stamp(one.CreatedAt.Add(-time.Hour)): {"404"},
		} {
			var got []string
			for _, d := range tenant.Deliveries(t, query) {
				for name, id := range hooks {
					if id == d.WebhookID {
						got = append(got, name)
					}
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", query, got, want)
			}
		}
	})
}

func TestAFilterThatContradictsItselfIsRefused(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	for query, field := range map[string]string{
		"from=2026-11-21T10:00:00Z&to=2026-11-21T09:00:00Z": "from",
		"http_class=6xx": "http_class", "http_status=99": "http_status", "http_status=x": "http_status",
		"from=yesterday": "from",
	} {
		a := tenant.Call(t, http.MethodGet, "/api/v1/webhooks/deliveries?"+query, nil).Want(t, http.StatusBadRequest)
		if details := a.Problem(t).Error.Details; len(details) != 1 || details[0].Field != field {
			t.Errorf("%s: got %s, want one violation at %s", query, a.Body, field)
		}
	}
	same := "?from=2026-11-21T10:00:00Z&to=2026-11-21T10:00:00Z"
	if list := testkit.Get[api.DeliveryList](t, tenant, "/api/v1/webhooks/deliveries"+same).Data; len(list) != 0 {
		t.Errorf("an empty time: got %v, want nothing", list)
	}
}

// fill writes many deliveries of several tenants, so that a planner has a reason to choose.
func fill(t *testing.T, d *db.DB, now time.Time) {
	t.Helper()
	numbers := "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
	text := "CAST(i AS text)"
	sql := numbers +
		`INSERT INTO deliveries (id, tenant_id, environment, event_id, event_type, endpoint_id, status, reason, error,
		content_type, body, attempt_count, failure_count, max_attempts, response_status, created_at)
		SELECT CASE i % 3 WHEN 0 THEN ? WHEN 1 THEN ? ELSE ? END || ` + text +
		`, 'tnt_' || CAST(i % 4 AS text), 'live', 'evt_' || ` + text +
		`, 'type.' || CAST(i % 7 AS text), 'whe_' || CAST(i % 11 AS text),
		CASE i % 5 WHEN 0 THEN 'dead' WHEN 1 THEN 'retrying' ELSE 'succeeded' END, CASE i % 5 WHEN 0 THEN 'exhausted' WHEN 1 THEN 'timeout' ELSE '' END, '',
		'application/json', '', 1, 0, 10, CASE i % 5 WHEN 0 THEN 503 WHEN 1 THEN NULL ELSE 200 END, CAST(? AS bigint) + CAST(i AS bigint) * 1000000 FROM n`
	if !d.Postgres() {
		sql = strings.Replace(sql, "'', 1, 0, 10", "x'', 1, 0, 10", 1)
	}
	var days []string // all partitions that there are
	for n := range 3 {
		days = append(days, id.Since(id.Delivery, now.AddDate(0, 0, -n)))
	}
	if d.Postgres() {
		dropAfter(t, d, now)
	}
	err := d.Tx(t.Context(), func(tx *gorm.DB) error {
		return tx.Exec(sql, days[0], days[1], days[2], now.Add(-20000*time.Second).UnixMicro()).Error
	})
	if err == nil {
		err = d.Tx(t.Context(), func(tx *gorm.DB) error { return tx.Exec("ANALYZE").Error })
	}
	if err != nil {
		t.Fatal(err)
	}
}

// dropAfter drops the partitions of the days to come: a planner reads what is empty from end to end, rightly.
func dropAfter(t *testing.T, d *db.DB, now time.Time) {
	t.Helper()
	for n := 1; n <= 8; n++ {
		name := "DROP TABLE IF EXISTS deliveries_" + now.UTC().AddDate(0, 0, n).Format("20060102")
		if err := d.Tx(t.Context(), func(tx *gorm.DB) error { return tx.Exec(name).Error }); err != nil {
			t.Fatal(err)
		}
	}
}

// plan is how the engine would read one page of the log.
func plan(t *testing.T, d *db.DB, f delivery.Filter, l page.Log) string {
	t.Helper()
	scope := principal.Scope{TenantID: "tnt_1", Environment: principal.Live}
	var rows []delivery.Delivery
	q := d.Read(t.Context()).Session(&gorm.Session{DryRun: true})
	return engine.Plan(t, d, delivery.LogQuery(f, q, scope, l), &rows)
}

func texts(t *testing.T, d *db.DB, sql string) []string {
	t.Helper()
	var out []string
	if err := d.Read(t.Context()).Raw(sql).Scan(&out).Error; err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return out
}

// Both lists are looked at in one database: to fill it takes longer than to look.
func TestListsOfDeliveriesReadAnIndexWhateverNarrowsThem(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		now := time.Now()
		d := engine.Database(t, e)
		fill(t, d, now)
		t.Run(
			"log",
			func(t *testing.T) { checkLogPlans(t, d, now) },
		) //nolint:paralleltest // the database ends with the test
		die(t, d)
		t.Run("dead letters", func(t *testing.T) { checkDeadLetterPlans(t, d, now) }) //nolint:paralleltest // likewise
	})
}

// checkLogPlans proves that each filter of the log reads an index in its order.
func checkLogPlans(t *testing.T, d *db.DB, now time.Time) {
	t.Helper()
	for name, f := range map[string]delivery.Filter{
		"none":             {},
		"status":           {Status: "dead"},
		"endpoint":         {EndpointID: "whe_3"},
		"event":            {EventID: "evt_4001"},
		"type":             {EventType: "type.3"},
		"class":            {HTTPClass: "5xx"},
		"without a status": {HTTPClass: "none"},
		"HTTP status":      {HTTPStatus: 503},
		"reason":           {Reason: "timeout"},
		"from":             {From: now.Add(-time.Hour)},
		"to":               {To: now.Add(-time.Hour)},
	} {
		for _, l := range []page.Log{{Limit: 25}, {Limit: 25, After: &page.Cursor{At: now.Add(-2 * time.Hour),
			ID: "dlv_x"}}} {
			got := plan(t, d, f, l)
			for _, bad := range []string{"Seq Scan", "Sort  (", "TEMP B-TREE", "SCAN"} {
				// An event has few deliveries; sorting those is nothing.
				if strings.Contains(got, bad) && (name != "event" || bad != "Sort  (") {
					t.Errorf("plan of %s: got this, want no %s:\n%s", name, bad, got)
				}
			}
		}
	}
}
