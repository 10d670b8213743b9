package page_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// outage makes an endpoint named CRM that answers 503 until it is repaired, and one that works, with a delivery each.
func outage(t *testing.T, p *testkit.Program, tenant *testkit.Client) (hook string, repair func()) {
	t.Helper()
	var works atomic.Bool
	consumer := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
		if !works.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	hook = tenant.NewEndpoint(t, consumer.URL, map[string]any{"name": "CRM",
		"retry_policy": map[string]any{"schedule": []string{"30m", "30m"}, "jitter": 0}}).ID
	tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, map[string]any{"name": "Warehouse"})
	tenant.NewLead(t, "ada@example.com")
	p.Await(t, "a failed attempt", func() bool { return len(tenant.Deliveries(t, "&status=retrying")) == 1 })
	return hook, func() { works.Store(true) }
}

func TestHealthNamesAFailingEndpointUntilItIsMended(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		health := func() api.WebhookHealth {
			return testkit.Get[api.WebhookHealth](t, tenant, "/api/v1/webhooks/health")
		}
		if got := health(); len(got.Data) != 0 || !got.Complete {
			t.Errorf("health before the first endpoint: got %+v, want none", got)
		}
		hook, repair := outage(t, p, tenant)
		other := p.NewTenant(t, "business")
		if got := testkit.Get[api.WebhookHealth](t, other, "/api/v1/webhooks/health"); len(got.Data) != 0 {
			t.Errorf("health of another tenant: got %+v, want none", got)
		}
		p.Await(t, "an issue", func() bool { return len(health().Data) == 1 })
		got := health().Data[0]
		if got.WebhookID != hook || got.Name != "CRM" || got.State != api.WebhookIssueStateFailing ||
			got.ConsecutiveFailures != 1 || got.Waiting != 1 || got.Since.IsNull() || got.NextAttemptAt.IsNull() {
			t.Errorf("health: got %+v, want CRM failing with one delivery waiting", got)
		}
		if e := got.Errors; len(e) != 1 || e[0].Count != 1 || e[0].ResponseStatus.MustGet() != 503 ||
			got.LastError.ResponseStatus.MustGet() != 503 || got.LastError.DeliveryID.IsNull() {
			t.Errorf("errors: got %+v and last %+v, want one 503", e, got.LastError)
		}
		p.Await(t, "response times", func() bool {
			s := testkit.Get[api.DeliveryStats](t, tenant, "/api/v1/webhooks/stats?period=1h")
			return !s.ResponseTime.P50Ms.IsNull() && !s.Latency.P50Ms.IsNull() && s.Failing == 1 &&
				s.Previous.Total == 0 && s.Previous.SuccessRate.IsNull() &&
				!s.Series[len(s.Series)-1].ResponseP95Ms.IsNull()
		})
		repair()
		tenant.Call(t, http.MethodPost, "/api/v1/webhooks/"+hook+"/enable", nil).Want(t, http.StatusOK)
		p.Await(t, "no issue", func() bool { return len(health().Data) == 0 })
	})
}

func TestInTheBrowserTheOverviewNamesAnOutageItsReasonAndTheWayOut(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	_, repair := outage(t, p, tenant)
	b := openTab(t, p.URL)
	b.open(portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)
	b.open("/app?period=1h")
	for _, text := range []string{"1 endpoint is failing", "CRM", "503 Service Unavailable", "1 × 503",
		"Waiting\n1 delivery", "1 endpoint failing"} {
		b.sees(text)
	}
	b.await(`/Next attempt\nin \d+ min/.test(document.body.innerText)`) // 30, less what the test has taken so far
	if first, _ := js[bool](b, `document.querySelector('#outage').getBoundingClientRect().top <
		document.querySelector('.tiles').getBoundingClientRect().top`); !first {
		t.Error("first on the overview: got the metrics, want the outage")
	}
	b.await("document.querySelector('.tile .big').classList.contains('bad')") // the rate, however high
	b.shoot("overview-outage")
	b.size(390, 844)
	if seen, _ := js[bool](b, "document.querySelector('.issue .primary').getBoundingClientRect().bottom < 844"); !seen {
		t.Error("button that helps: got it below the first screen of a phone, want it on it")
	}
	b.size(1360, 900)
	b.await("document.querySelector('.chart a') !== null") // counted
	// What waits may have come to another column than what succeeded.
	b.await(`[...document.querySelectorAll('[aria-labelledby=c-deliveries] .chart a')].some((column) => {
		column.focus();
		return document.querySelector('.chart [data-readout]').textContent.includes('1 waiting');
	})`)
	if text, _ := js[string](b, "document.querySelector('.chart [data-readout]').textContent"); strings.Contains(text,
		"UTC") {
		t.Errorf("read-out: got %q, want the reader's own time", text)
	}
	repair()
	b.leave("Retry now")
	b.sees("Recent failures are retried")
	p.Await(t, "the retry", func() bool { return len(tenant.Deliveries(t, "&status=retrying")) == 0 })
	b.open("/app?period=1h")
	b.sees("No endpoint is failing.")
	b.await("document.querySelector('.chart a')?.getAttribute('href').includes('from=')")
	if _, ok := js[bool](b, "delete document.documentElement.dataset.ready, "+
		"document.querySelector('.chart a').focus() ?? true"); !ok {
		t.Fatal("column of the chart: got none, want a link")
	}
	b.keys("\r")
	b.await("location.pathname === '/app/deliveries' && document.documentElement.dataset.ready !== undefined")
	b.sees("lead.created")
}

func TestPagesAreSmallAndCompressed(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	outage(t, p, tenant)
	for range 20 {
		tenant.NewLead(t, "ada@example.com")
	}
	v := enter(t, p, portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)
	const most = 60 << 10
	for _, path := range []string{"/app", "/app?period=1h", "/app/endpoints", "/app/endpoints/new", "/app/deliveries",
		"/app/dead-letters", "/app/events", "/app/keys", "/app/event-types", "/app/usage", "/app/settings"} {
		v.get(path)
		whole := len(v.last)
		a := v.get(path, "Accept-Encoding", "gzip") // the client then leaves it packed
		if whole > most || a.Header.Get("Content-Encoding") != "gzip" || len(v.last) > whole/2 {
			t.Errorf("%s: got %d bytes, %q with %d, want at most %d, and gzip with half of it", path, whole,
				a.Header.Get("Content-Encoding"), len(v.last), most)
		}
		t.Logf("%s: %d bytes, %d compressed", path, whole, len(v.last))
	}
}

func TestTheEnvironmentIsSwitchedInTheTopBar(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	id := testkit.TenantOf(t, p.NewTenant(t, "business"))
	one := enter(t, p, portal(t, p, id, map[string]any{"role": "owner"}).URL)
	if strings.Contains(one.last, `action="/app/settings/environment"`) {
		t.Error("session for one environment: got a switch, want none")
	}
	v := enter(t, p, portal(t, p, id, map[string]any{"role": "owner", "may_switch": true}).URL)
	for _, c := range []struct{ page, back, to, leadsTo string }{
		{"/app/deliveries", "/app/deliveries", "test", "/app/deliveries?done=test"},
		{"/app/keys/new", "/app/keys", "live", "/app/keys?done=live"},
		{"/app", "/app", "test", "/app?done=test"},
		{"/app", "https://example.com/", "live", "/app/settings?done=live"},
		{"/app", "//example.com/", "test", "/app/settings?done=test"},
	} {
		v.sees(c.page, http.StatusOK, `action="/app/settings/environment"`)
		if strings.HasPrefix(c.back, "/app") && !strings.Contains(v.last, `name="back" value="`+c.back+`"`) {
			t.Errorf("switch on %s: got it leading elsewhere, want %s", c.page, c.back)
		}
		a := v.submit("/app/settings/environment", url.Values{"environment": {c.to}, "back": {c.back}})
		if got := a.Request.URL.RequestURI(); got != c.leadsTo {
			t.Errorf("switch on %s to %s: got sent to %q, want %q", c.page, c.to, got, c.leadsTo)
		}
	}
}
