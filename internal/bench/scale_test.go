package bench

import (
	"cmp"
	"context"
	_ "embed"
	"flag"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/retention"
	"github.com/hookline/hookline/internal/testkit"
)

var (
	scaleRows = flag.Int("scale.rows", 10_000_000, "how many deliveries BenchmarkScale stores")
	//go:embed scale.sql
	scaleSQL string
	//go:embed scale_counts.sql
	scaleCountsSQL string
)

const (
	scaleDays      = 30
	scaleEndpoints = 50 // of the large tenant
	scaleTenants   = 20 // small ones, with one endpoint each
	scaleLeads     = 50_000
	scaleChunk     = 50_000
	scaleCalls     = 11 // of each list and page
)

// BenchmarkScale compares a burst on an empty installation with one on an installation that has stored scale.rows
// deliveries over 30 days, five of seven of them one tenant's. Each is the second burst of its processes: during the
// first, connections plan their statements and the janitor makes its first round. Then it times each list, statistic
// and page of that tenant and of operators, and the retention of a day. It prints each of them, and the slowest median.
func BenchmarkScale(b *testing.B) {
	for b.Loop() {
		s := newSystem(b)
		s.endpoints(b, 1)
		s.bursts(b)
		empty := s.rate
		s.stop()
		g := s.grow(b, *scaleRows)

		s = startSystem(b, s.services, s.env)
		s.endpoints(b, 1)
		s.bursts(b)
		b.ReportMetric(s.rate/empty, "burst_of_empty")
		g.read(b, s)
		s.stop()
		g.retain(b)
	}
}

// bursts makes two bursts.
func (s *system) bursts(b *testing.B) {
	b.Helper()
	for range 2 {
		s.burst(b, burstEvents, burstEvents)
		b.Logf("a burst: %.0f delivered a second", s.rate)
	}
}

// grown is what an installation that has run for thirty days has, by one tenant.
type grown struct {
	conn     *pgx.Conn
	key      string
	tenantID string
	endpoint string
	database string
}

// grow makes tenants and stores n deliveries of theirs.
func (s *system) grow(b *testing.B, n int) *grown {
	b.Helper()
	again := startSystem(b, s.services, s.env)
	g := &grown{key: again.key, tenantID: testkit.TenantOf(b, again.client), database: s.services.DatabaseURL}
	again.leads(b)
	again.types(b)
	places := again.places(b)
	g.endpoint = places[0].endpoint
	again.stop()

	conn, err := pgx.Connect(b.Context(), s.services.DatabaseURL)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close(context.Background()) })
	g.conn = conn
	g.exec(b, "CREATE UNLOGGED TABLE scale_endpoints (n bigint, tenant_id uuid, endpoint_id uuid, url text)")
	for i, p := range places {
		g.exec(b, "INSERT INTO scale_endpoints VALUES ($1, $2, $3, 'https://example.com/hook')", i, parse(b, p.tenant),
			parse(b, p.endpoint))
	}
	start := time.Now()
	today := time.Now().UTC().Truncate(24 * time.Hour)
	g.exec(b, "SELECT make_partitions($1::date, $2::date)", today.AddDate(0, 0, -scaleDays), today)
	each := n / scaleDays
	step := (24 * time.Hour).Milliseconds() / int64(each)
	for day := range scaleDays {
		begin := today.AddDate(0, 0, day-scaleDays)
		for first := 0; first < each; first += scaleChunk {
			g.exec(b, scaleSQL, begin.UnixMilli()+int64(first)*step, min(scaleChunk, each-first), step, day*each+first)
		}
	}
	for _, p := range []struct{ step, back time.Duration }{{2 * time.Minute, 25 * time.Hour},
		{time.Hour, 49 * time.Hour}, {6 * time.Hour, 8 * 24 * time.Hour}, {24 * time.Hour, 31 * 24 * time.Hour}} {
		g.exec(b, scaleCountsSQL, int(p.step.Seconds()), time.Now().Add(-p.back).UnixMicro())
	}
	// The reconciler has been here, and so has autovacuum.
	g.exec(b, "UPDATE reconciler SET position = pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1, "+
		"at = (extract(epoch FROM clock_timestamp()) * 1e6)::bigint")
	g.exec(b, "VACUUM (ANALYZE)")
	g.exec(b, "CHECKPOINT")
	b.Logf("stored %d deliveries in %s", each*scaleDays, time.Since(start).Round(time.Second))
	size := s.size(b)
	b.ReportMetric(size.disk/float64(each*scaleDays), "stored_disk_B/delivery")
	return g
}

func (g *grown) exec(b *testing.B, sql string, args ...any) {
	b.Helper()
	if _, err := g.conn.Exec(b.Context(), sql, args...); err != nil {
		b.Fatalf("%.60s: %v", sql, err)
	}
}

func parse(b *testing.B, typeID string) string {
	b.Helper()
	u, err := id.Parse(typeID)
	if err != nil {
		b.Fatal(err)
	}
	return u.String()
}

// leads gives the tenant leads, while it has no endpoint that their events would be delivered to.
func (s *system) leads(b *testing.B) {
	b.Helper()
	const most = 500
	for n := 0; n < scaleLeads; n += most {
		rows := make([]map[string]any, most)
		for i := range rows {
			k := n + i
			rows[i] = map[string]any{
				"name": fmt.Sprintf("Ada Lovelace %d", k), "email": fmt.Sprintf("ada%d@example.com", k),
				"status": []string{"new", "contacted", "won"}[k%3], "source": fmt.Sprintf("source-%d", k%7),
				"score": k % 100,
			}
		}
		testkit.Post[api.LeadBulkResult](b, s.client, "/api/v1/leads/bulk", map[string]any{"leads": rows},
			http.StatusOK)
	}
}

// types registers the event types that filters name. No event has the type scale.none.
func (s *system) types(b *testing.B) {
	b.Helper()
	names := []string{"scale.none", "scale.type_rare"}
	for i := range 10 {
		names = append(names, fmt.Sprintf("scale.type_%d", i))
	}
	for _, name := range names {
		testkit.Post[api.EventType](b, s.client, "/api/v1/event-types", map[string]any{"type": name,
			"description": "Made to measure.", "schema": map[string]any{"type": "object"}, "sample": map[string]any{}},
			http.StatusCreated)
	}
}

type place struct{ tenant, endpoint string }

// places makes the endpoints that deliveries are stored for.
func (s *system) places(b *testing.B) []place {
	b.Helper()
	var all []place
	add := func(c *testkit.Client, n int) {
		for range n {
			all = append(all, place{testkit.TenantOf(b, c), c.NewEndpoint(b, s.consumer.URL+"/grown", nil).ID})
		}
	}
	add(s.client, scaleEndpoints)
	for range scaleTenants {
		c, _ := s.tenant(b)
		add(c, 1)
	}
	return all
}

// view is a list, statistic or page, and how long it took.
type view struct {
	path string
	took []time.Duration
}

// read times every view.
func (g *grown) read(b *testing.B, s *system) {
	b.Helper()
	own := testkit.NewClient(s.base, g.key)
	browser := g.signIn(b, s)
	all := []struct {
		call  func(path string) int
		paths []string
	}{
		{func(path string) int { return own.Call(b, http.MethodGet, path, nil).Status }, g.lists(b, own)},
		{func(path string) int { return s.operator.Call(b, http.MethodGet, path, nil).Status }, g.operatorLists()},
		{func(path string) int {
			response, _ := testkit.Submit(b, browser, http.MethodGet, s.base+path, nil)
			return response.StatusCode
		}, g.pages()},
	}
	var views []view
	for _, kind := range all {
		for _, path := range kind.paths {
			v := view{path: path}
			for range scaleCalls {
				start := time.Now()
				if status := kind.call(path); status != http.StatusOK {
					b.Errorf("GET %s: status %d, want 200", path, status)
				}
				v.took = append(v.took, time.Since(start))
			}
			slices.Sort(v.took)
			views = append(views, v)
		}
	}
	slices.SortFunc(views, func(x, y view) int {
		return cmp.Compare(quantile(y.took, 0.5), quantile(x.took, 0.5))
	})
	var table strings.Builder
	for _, v := range views {
		fmt.Fprintf(&table, "\n%8.1f %8.1f  %s", quantile(v.took, 0.5), quantile(v.took, 1), v.path)
	}
	b.Logf("median and maximum of %d calls, in milliseconds:%s", scaleCalls, table.String())
	b.ReportMetric(quantile(views[0].took, 0.5), "slowest_view_p50_ms")
}

// signIn opens the dashboard as a user of the tenant.
func (g *grown) signIn(b *testing.B, s *system) *http.Client {
	b.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	link := testkit.Post[api.PortalSession](b, s.operator, "/admin/v1/tenants/"+g.tenantID+"/portal-sessions",
		map[string]any{"environment": "live"}, http.StatusCreated)
	_, once, _ := strings.Cut(link.URL, "?once=")
	testkit.Submit(b, browser, http.MethodPost, s.base+"/app/login", url.Values{"once": {once}})
	return browser
}

// lists are the lists of the tenant, with filters that find much, little and nothing, and deep pages.
func (g *grown) lists(b *testing.B, own *testkit.Client) []string {
	b.Helper()
	day := func(back int) string { return time.Now().UTC().AddDate(0, 0, -back).Format(time.RFC3339) }
	const deliveries, events, dead = "/api/v1/webhooks/deliveries", "/api/v1/events", "/api/v1/dead-letters"
	filters := []string{"", "limit=100", "from=" + day(20) + "&to=" + day(19), "from=" + day(25)}
	for _, one := range []string{"status=succeeded", "status=dead", "status=cancelled", "status=retrying",
		"status=pending", "status=delivering", "event_type=scale.type_3", "event_type=scale.type_rare",
		"event_type=scale.none", "http_class=2xx", "http_class=5xx", "http_class=3xx", "http_status=404",
		"reason=exhausted", "reason=gone"} {
		filters = append(filters, one, one+"&webhook_id="+g.endpoint, one+"&from="+day(20)+"&to="+day(19))
	}
	filters = append(filters, "webhook_id="+g.endpoint, "status=dead&event_type=scale.none&http_class=3xx",
		"event_type=scale.type_rare&http_class=5xx&reason=gone", "webhook_id="+g.endpoint+
			"&event_type=scale.type_rare&http_status=404")
	var out []string
	for _, f := range filters {
		out = append(out, deliveries+"?"+f)
	}
	for _, f := range []string{"", "event_type=scale.type_3", "event_type=scale.type_rare", "event_type=scale.none",
		"http_class=5xx", "http_class=3xx", "reason=exhausted", "reason=gone", "webhook_id=" + g.endpoint,
		"webhook_id=" + g.endpoint + "&event_type=scale.none", "created_from=" + day(20) + "&created_to=" + day(19),
		"died_from=" + day(20) + "&died_to=" + day(19),
		"died_from=" + day(20) + "&died_to=" + day(19) + "&reason=gone"} {
		out = append(out, dead+"?"+f)
	}
	for _, f := range []string{"", "limit=100", "order=asc", "order=asc&limit=100", "type=scale.type_3",
		"type=scale.type_rare", "type=scale.none", "order=asc&type=scale.none"} {
		out = append(out, events+"?"+f)
	}
	for _, list := range []string{deliveries + "?limit=100", dead + "?limit=100", events + "?limit=100",
		events + "?limit=100&order=asc"} {
		out = append(out, deep(b, own, list))
	}
	for _, period := range []string{"1h", "24h", "7d", "30d"} {
		stats := "/api/v1/webhooks/stats?period=" + period
		out = append(out, stats, stats+"&webhook_id="+g.endpoint)
	}
	return append(out, "/api/v1/analytics/overview",
		"/api/v1/analytics/overview?from="+day(29)[:len(time.DateOnly)], "/api/v1/usage",
		"/api/v1/leads", "/api/v1/leads?page=100&per_page=100", "/api/v1/leads?q=lovelace", "/api/v1/leads?q=ada49999",
		"/api/v1/leads?status=won&sort=-score", "/api/v1/leads?source=source-3&score_min=50", "/api/v1/webhooks",
		"/api/v1/event-types", "/api/v1/audit-log", "/api/v1/alerts", "/api/v1/jobs")
}

// deep is the address of a list's thirtieth page.
func deep(b *testing.B, own *testkit.Client, list string) string {
	b.Helper()
	path := list
	for range 30 {
		got := testkit.Get[struct {
			Meta struct {
				NextCursor *string `json:"next_cursor"`
			} `json:"meta"`
		}](b, own, path)
		if got.Meta.NextCursor == nil {
			break
		}
		path = list + "&cursor=" + url.QueryEscape(*got.Meta.NextCursor)
	}
	return path
}

func (g *grown) operatorLists() []string {
	const dead = "/admin/v1/dead-letters?"
	return []string{dead, dead + "tenant_id=" + g.tenantID, dead + "event_type=key.leaked", dead + "reason=gone",
		dead + "http_class=3xx&tenant_id=" + g.tenantID, "/admin/v1/tenants", "/admin/v1/audit-log", "/admin/v1/alerts",
		"/admin/v1/queues", "/admin/v1/jobs"}
}

func (g *grown) pages() []string {
	return []string{"/app", "/app?period=1h", "/app?period=7d", "/app?period=30d", "/app/deliveries",
		"/app/deliveries?status=dead", "/app/deliveries?status=succeeded&event_type=scale.type_rare", "/app/events",
		"/app/events?type=scale.type_rare", "/app/dead-letters", "/app/endpoints", "/app/endpoints/" + g.endpoint,
		"/app/usage", "/app/event-types", "/app/audit"}
}

// retain times the retention of one day, as the first sweep after midnight does it, and a sweep after it.
func (g *grown) retain(b *testing.B) {
	b.Helper()
	d, err := db.Open(b.Context(), g.database)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	c, err := config.FromEnvironment()
	if err != nil {
		b.Fatal(err)
	}
	tomorrow := func() time.Time { return time.Now().Add(24 * time.Hour) }
	sweep := func() float64 {
		begun := time.Now()
		j := retention.NewJanitor(d, tomorrow, retention.Retention{Deliveries: c.RetentionDeliveries,
			DeadLetters: c.RetentionDeadLetters, Events: c.RetentionEvents})
		if err := j.Sweep(b.Context()); err != nil {
			b.Fatal(err)
		}
		return time.Since(begun).Seconds()
	}
	b.ReportMetric(sweep(), "retention_s/day")
	b.ReportMetric(sweep(), "retention_s/again")
}
