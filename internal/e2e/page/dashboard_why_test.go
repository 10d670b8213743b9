package page_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestInTheBrowserAnOutageIsFoundExplainedMendedAndReplayed(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	var broken atomic.Bool
	broken.Store(true)
	consumer := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
		if broken.Load() {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`{"error":"maintenance","retry":true}`))
		}
	})
	hook := tenant.NewEndpoint(t, consumer.URL, map[string]any{"name": "CRM",
		"retry_policy": map[string]any{"schedule": []string{"1h"}, "jitter": 0}})
	tenant.NewLead(t, "ada@example.com")
	p.AwaitCount(t, tenant, api.DeliveryStatusRetrying, 1)
	b := openTab(t, p.URL)
	b.open(portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)

	// what is broken, and why
	b.open("/app/deliveries?status=retrying")
	b.sees("503")
	b.shoot("why-deliveries")
	b.leave("lead.created")
	b.sees("Backing off: 503 Service Unavailable")
	b.await(`/in \d+ min/.test(document.body.innerText)`) // 59, less what the test has taken so far
	b.await(`document.querySelector('.j-key')?.textContent === '"type"'`)
	b.await(`[...document.querySelectorAll('.j-text')].some((el) => el.textContent === '"maintenance"')`)
	b.await(`document.querySelector('.phases').innerText.includes('Wait')`)
	b.shoot("why-delivery")
	b.open("/app/endpoints/" + hook.ID)
	b.sees("Top errors")
	b.sees("Service Unavailable")
	b.await(`document.querySelectorAll('[aria-labelledby=c-responses] .chart .f-warn').length === 1`)
	b.shoot("why-endpoint")

	// mended: the retry need not wait for its time
	broken.Store(false)
	b.open("/app/deliveries?status=retrying")
	b.leave("lead.created")
	b.leave("Try the endpoint now")
	b.sees("The endpoint is tried now")
	b.sees("succeeded")

	// replayed, and the neighbours in the list
	tenant.NewLead(t, "grace@example.com")
	p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, 2)
	b.open("/app/deliveries?webhook_id=" + hook.ID)
	b.leave("lead.created")
	b.leave("Older →")
	b.sees("ada@example.com")
	b.leave("← Newer")
	b.sees("grace@example.com")
	before := consumer.Count()
	b.leave("Replay")
	b.sees("It is being sent again.")
	p.Await(t, "the replay", func() bool { return consumer.Count() > before })
}

func TestDeliveriesThatMatchAreReplayedFromThePageAfterADryRun(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		consumer := testkit.NewReceiver(t, nil)
		tenant.NewEndpoint(t, consumer.URL, map[string]any{"name": "CRM"})
		tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, map[string]any{"name": "Billing"})
		for i := range 3 {
			tenant.NewLead(t, fmt.Sprintf("lead%d@example.com", i))
		}
		p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, 6)
		v := enter(t, p, portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)
		filter := url.Values{"webhook_id": {"CRM"}, "text": {"lead1@"}}
		v.sees("/app/deliveries?"+filter.Encode(), http.StatusOK, "Replay all that match…")
		if rows := strings.Count(v.last, "data-row="); rows != 1 {
			t.Errorf("rows of the filter: got %d, want 1", rows)
		}
		v.submits("/app/deliveries/replay-all", filter, http.StatusOK, "Replay 1 delivery?",
			"Nothing has been sent yet", "for the second time")
		if got := consumer.Count(); got != 3 {
			t.Errorf("requests after the dry run: got %d, want 3", got)
		}
		filter.Set("do", "replay")
		v.submits("/app/deliveries/replay-all", filter, http.StatusOK, "Replay of deliveries")
		p.Await(t, "the replay", func() bool { return consumer.Count() == 4 })
	})
}

func TestADeliveryFilterThatIsWrongSaysSoAndKeepsTheRest(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	consumer := testkit.NewReceiver(t, nil)
	tenant.NewEndpoint(t, consumer.URL+"/a", map[string]any{"name": "CRM one"})
	tenant.NewEndpoint(t, consumer.URL+"/b", map[string]any{"name": "CRM two"})
	tenant.NewLead(t, "ada@example.com")
	p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, 2)
	v := enter(t, p, portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)
	for query, want := range map[string]struct {
		texts []string
		rows  int
	}{
		"status=lost&webhook_id=CRM+one":   {[]string{"Status:", "The rest of the filter applies."}, 1},
		"from=yesterday&webhook_id=two":    {[]string{"From:", "“yesterday” is not a time"}, 1},
		"webhook_id=CRM":                   {[]string{"several endpoints", "CRM one", "CRM two"}, 2},
		"webhook_id=ERP&status=succeeded":  {[]string{"no endpoint has “ERP”"}, 2},
		"http_status=many":                 {[]string{"HTTP status:"}, 2},
		"cursor=x&webhook_id=CRM+two":      {[]string{"Page:"}, 1},
		"from=2027-01-01&to=2026-01-01":    {[]string{"From:"}, 0},
		"id=nonsense&webhook_id=CRM%20two": {[]string{"is no id of a delivery"}, 1},
	} {
		v.sees("/app/deliveries?"+query, http.StatusBadRequest, want.texts...)
		if rows := strings.Count(v.last, "data-row="); rows != want.rows && !strings.Contains(query, "from=2027") {
			t.Errorf("rows with %s: got %d, want %d", query, rows, want.rows)
		}
	}
	v.sees("/app/deliveries?webhook_id=CRM+one", http.StatusOK, `value="CRM one"`)
	if rows := strings.Count(v.last, "data-row="); rows != 1 {
		t.Errorf("rows of an endpoint by its name: got %d, want 1", rows)
	}
	v.sees("/app/events?sent=perhaps&from=soon", http.StatusBadRequest, "Status: “perhaps”", "From: “soon”")
	v.sees("/app/endpoints?state=lost&search=two", http.StatusBadRequest, "State:", "CRM two")
	v.hasNot("CRM one")
}

func TestDeliveriesAreExportedFromThePageWithItsFilter(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, map[string]any{"name": "CRM"})
	tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, map[string]any{"name": "Billing"})
	tenant.NewLead(t, "ada@example.com")
	p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, 2)
	v := enter(t, p, portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)
	v.sees("/app/deliveries?webhook_id=CRM", http.StatusOK)
	links := regexp.MustCompile(`href="(/app/deliveries/export[^"]*)"`).FindAllStringSubmatch(v.last, -1)
	if len(links) != 2 {
		t.Fatalf("links to exports: got %d, want 2", len(links))
	}
	for i, lines := range []int{2, 1} { // CSV has a head
		got := v.get(strings.ReplaceAll(links[i][1], "&amp;", "&"))
		if got.StatusCode != http.StatusOK || !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment") {
			t.Errorf("%s: got %d, want 200 and a file", links[i][1], got.StatusCode)
		}
		if n := strings.Count(v.last, "\n"); n != lines {
			t.Errorf("%s: got %d lines, want %d", links[i][1], n, lines)
		}
	}
}

func TestInTheBrowserLongAddressesAndNamesDoNotWidenPages(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	consumer := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	hook := tenant.NewEndpoint(t, consumer.URL+"/"+strings.Repeat("long", 125), nil)
	named := tenant.NewEndpoint(t, consumer.URL, map[string]any{"name": strings.Repeat("Name", 20)})
	tenant.NewLead(t, strings.Repeat("a", 60)+"@example.com")
	p.AwaitCount(t, tenant, api.DeliveryStatusRetrying, 2)
	b := openTab(t, p.URL)
	b.open(portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)
	delivery := tenant.Deliveries(t, "&webhook_id="+hook.ID)[0]
	for _, path := range []string{"/app", "/app/deliveries", "/app/deliveries?webhook_id=" + hook.ID,
		"/app/deliveries?webhook_id=127.0.0.1", "/app/deliveries/" + delivery.ID, "/app/endpoints",
		"/app/endpoints/" + hook.ID, "/app/endpoints/" + named.ID, "/app/events", "/app/events/" + delivery.EventID,
		"/app/events/publish", "/app/dead-letters"} {
		b.allow("400")
		b.open(path)
		for _, width := range []int64{390, 1280} {
			b.size(width, 900)
			if got, _ := js[int64](b, "document.documentElement.scrollWidth"); got > width {
				t.Errorf("width of %s at %d: got %d, want no more than the screen", path, width, got)
			}
		}
	}
	b.open("/app/deliveries")
	got, _ := js[float64](b, `Math.max(...[...document.querySelectorAll('tbody tr')].map((row) =>
		row.getBoundingClientRect().height))`)
	if got < 40 || got > 44 {
		t.Errorf("height of a row: got %v, want 40 to 44", got)
	}
}

func TestInTheBrowserEventsArePublishedTestedAndFound(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	consumer := testkit.NewReceiver(t, nil)
	hook := tenant.NewEndpoint(t, consumer.URL, map[string]any{"name": "CRM"})
	b := openTab(t, p.URL)
	b.open(portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)
	b.open("/app/events")
	b.leave("Publish or test")
	b.fill("type", "lead.created")
	b.leave("Use the sample of this type")
	b.await(`document.querySelector('[name=data]').value.includes('"email"')`)
	b.fill("endpoint", hook.ID)
	b.leave("Send a test")
	b.sees("Succeeded.")
	b.shoot("event-publish")
	b.fill("data", `{"id": 7}`)
	b.allow("422")
	b.allow("400")
	b.leave("Publish")
	b.sees("Data")
	b.await(`document.querySelector('[name=data]').value === '{"id": 7}'`)
	b.leave("Use the sample of this type")
	b.leave("Publish")
	b.sees("The event was published.")
	b.sees("CRM")
	b.await(`document.querySelector('#live').innerText.includes('succeeded')`)
	b.shoot("event")
	b.open("/app/events?sent=true&type=lead.created")
	b.sees("1 delivery")
	b.shoot("events-filtered")
}

func TestALivePageAnswersAnUpdateWithItsPartAlone(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	hook := tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, map[string]any{"name": "CRM"})
	tenant.NewLead(t, "ada@example.com")
	p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, 1)
	delivery := tenant.Deliveries(t, "")[0]
	v := enter(t, p, portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)
	for _, path := range []string{"/app", "/app/deliveries", "/app/deliveries/" + delivery.ID, "/app/endpoints",
		"/app/endpoints/" + hook.ID, "/app/events/" + delivery.EventID} {
		v.get(path)
		whole := len(v.last)
		if got := v.get(path, "Hookline-Part", "live"); got.StatusCode != http.StatusOK {
			t.Errorf("part of %s: got %d, want 200", path, got.StatusCode)
		}
		v.has(`id="live"`)
		v.hasNot("<html", "<nav class=\"side\"")
		if len(v.last) >= whole {
			t.Errorf("part of %s: got %d bytes, want fewer than the page's %d", path, len(v.last), whole)
		}
	}
}

func TestInTheBrowserTimesOfAFilterAreInTheReadersZone(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	b := openTab(t, p.URL)
	if _, err := chromedp.Call(b.ctx, emulation.SetTimezoneOverride,
		emulation.SetTimezoneOverrideParams{TimezoneID: "Asia/Tokyo"}); err != nil {
		t.Fatal(err)
	}
	b.open(portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)
	b.open("/app/deliveries?from=2026-11-20T15:30:00Z")
	b.await(`document.querySelector('[data-local]').value === '2026-11-21T00:30'`)
	b.sees("(Asia/Tokyo)")
	b.leave("Show")
	b.await(`new URLSearchParams(location.search).get('from') === '2026-11-20T15:30:00.000Z'`)
	b.await(`[...new URLSearchParams(location.search).keys()].join() === 'from'`)
}

func TestEndpointsAreSearchedSelectedAndChangedOnTheirPage(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	consumer := testkit.NewReceiver(t, nil)
	crm := tenant.NewEndpoint(t, consumer.URL, map[string]any{"name": "CRM", "signing": "both"})
	billing := tenant.NewEndpoint(t, consumer.URL, map[string]any{"name": "Billing", "signing": "ed25519"})
	v := enter(t, p, portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)
	v.sees("/app/endpoints?search=bill", http.StatusOK, "1 endpoint matches", billing.ID)
	v.hasNot(crm.ID)
	v.sees("/app/endpoints/suggest?search=r", http.StatusOK, `["CRM"]`)
	v.sees("/app/endpoints", http.StatusOK, "2 endpoints.")
	v.submits("/app/endpoints", url.Values{"id": {crm.ID, billing.ID}, "do": {"disable"}}, http.StatusOK,
		"The endpoints are disabled.")
	v.sees("/app/endpoints?state=disabled", http.StatusOK, crm.ID, billing.ID)
	v.submits("/app/endpoints", url.Values{"id": {crm.ID}, "do": {"enable"}}, http.StatusOK,
		"The endpoints are enabled.")
	v.sees("/app/endpoints?state=enabled", http.StatusOK, crm.ID)
	v.hasNot(billing.ID)
	v.sees("/app/endpoints/"+crm.ID, http.StatusOK, "Public key", crm.PublicKey.MustGet(), "Signing secret")
	v.sees("/app/endpoints/"+billing.ID, http.StatusOK, "Public key", billing.PublicKey.MustGet(),
		"disabled by a user")
	v.hasNot("Signing secret")
}
