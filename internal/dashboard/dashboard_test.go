package dashboard

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
)

var (
	_ Events     = (*event.Store)(nil)
	_ Endpoints  = (*endpoint.Store)(nil)
	_ Deliveries = (*delivery.Store)(nil)
)

var (
	noon  = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	scope = principal.Scope{TenantID: "tnt_1", Environment: principal.Test}
)

const base = "http://127.0.0.1:8080"

// rooms fakes the three stores. It answers only for the scope of the session.
type rooms struct {
	t          *testing.T
	events     []event.Event
	endpoints  []endpoint.Endpoint
	deliveries []delivery.Delivery
	attempts   []delivery.Attempt
	failure    error
	asked      delivery.Filter // by the last list
}

func (r *rooms) check(s principal.Scope) error {
	if s != scope {
		r.t.Errorf("asked for the scope %+v", s)
	}
	return r.failure
}

type fakeEvents struct{ *rooms }

func (f fakeEvents) List(_ context.Context, s principal.Scope, l page.Log, eventType string) ([]event.Event, *string, error) {
	var found []event.Event
	for _, e := range f.events {
		if eventType == "" || e.Type == eventType {
			found = append(found, e)
		}
	}
	rows, next := page.Cut(l, found, func(e event.Event) page.Cursor { return page.Cursor{At: noon, ID: e.ID} })
	return rows, next, f.check(s)
}

type fakeEndpoints struct{ *rooms }

func (f fakeEndpoints) List(_ context.Context, s principal.Scope, _ page.Page, _ string) ([]endpoint.Endpoint, int64, error) {
	return f.endpoints, int64(len(f.endpoints)), f.check(s)
}

type fakeDeliveries struct{ *rooms }

func (f fakeDeliveries) List(_ context.Context, s principal.Scope, l page.Log, filter delivery.Filter) ([]delivery.Delivery, *string, error) {
	f.asked = filter
	var found []delivery.Delivery
	for _, d := range f.deliveries {
		if filter.Status == "" || filter.Status == string(d.Status) {
			found = append(found, d)
		}
	}
	rows, next := page.Cut(l, found, func(d delivery.Delivery) page.Cursor { return page.Cursor{At: noon, ID: d.ID} })
	return rows, next, f.check(s)
}

func (f fakeDeliveries) Get(_ context.Context, s principal.Scope, id string) (delivery.Delivery, []delivery.Attempt, error) {
	if err := f.check(s); err != nil {
		return delivery.Delivery{}, nil, err
	}
	for _, d := range f.deliveries {
		if d.ID == id {
			return d, f.attempts, nil
		}
	}
	return delivery.Delivery{}, nil, problem.Missing("delivery")
}

// browser is a dashboard and who looks at it.
type browser struct {
	t         *testing.T
	now       *time.Time
	dashboard *Dashboard
	echo      *echo.Echo
	cookie    *http.Cookie
}

func open(t *testing.T, r *rooms) *browser {
	t.Helper()
	r.t = t
	b := &browser{t: t, now: new(noon), echo: echo.New()}
	b.dashboard = newAt(fakeEvents{r}, fakeEndpoints{r}, fakeDeliveries{r}, func() time.Time { return *b.now })
	b.dashboard.Register(b.echo)
	return b
}

func (b *browser) get(target string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, http.NoBody)
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	w := httptest.NewRecorder()
	b.echo.ServeHTTP(w, r)
	if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		if got := w.Header().Get("Content-Security-Policy"); got != ui.CSP {
			b.t.Errorf("%s has the policy %q", target, got)
		}
		if w.Header().Get("Cache-Control") != "no-store" {
			b.t.Errorf("%s may be stored", target)
		}
		if regexp.MustCompile(`<script[^>]*>[^<]|<style| style=| on[a-z]+="`).MatchString(w.Body.String()) {
			b.t.Errorf("%s has something inline", target)
		}
	}
	return w
}

func (b *browser) signIn() *browser {
	b.t.Helper()
	w := b.get(b.dashboard.Link(base, "Demo & Sons", scope))
	if w.Code != http.StatusSeeOther || len(w.Result().Cookies()) != 1 {
		b.t.Fatalf("the link answered %d", w.Code)
	}
	b.cookie = w.Result().Cookies()[0]
	return b
}

// page is what a signed-in browser sees.
func (b *browser) page(target string, status int) string {
	b.t.Helper()
	w := b.get(target)
	if w.Code != status {
		b.t.Errorf("%s answered %d, want %d", target, w.Code, status)
	}
	return w.Body.String()
}

func (b *browser) sees(target string, status int, want ...string) {
	b.t.Helper()
	body := b.page(target, status)
	for _, text := range want {
		if !strings.Contains(body, text) {
			b.t.Errorf("%s lacks %q:\n%s", target, text, body)
		}
	}
}

func TestLinkWorksOnce(t *testing.T) {
	t.Parallel()
	b := open(t, &rooms{})
	link := b.dashboard.Link(base+"/", "Demo", scope)
	if !regexp.MustCompile(`^http://127\.0\.0\.1:8080/app/login\?once=[A-Z2-7]{26}$`).MatchString(link) {
		t.Fatalf("link %s", link)
	}
	w := b.get(link)
	cookie := w.Result().Cookies()[0]
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/app" || w.Body.Len() != 0 {
		t.Errorf("answered %d to %s with %q", w.Code, w.Header().Get("Location"), w.Body)
	}
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/app" || cookie.MaxAge != 12*60*60 || strings.Contains(link, cookie.Value) {
		t.Errorf("cookie %+v", cookie)
	}
	b.sees(link, http.StatusUnauthorized, "has been used or is too old", "hookline dev")
	b.cookie = cookie
	b.sees("/app", http.StatusOK, "Demo", ">test<")
	b.sees(link, http.StatusUnauthorized, "has been used or is too old", "still signed in")
}

func TestLinkOverHTTPSMakesASecureCookie(t *testing.T) {
	t.Parallel()
	b := open(t, &rooms{})
	if w := b.get(b.dashboard.Link("https://hooks.example.com", "Demo", scope)); !w.Result().Cookies()[0].Secure {
		t.Error("the cookie also goes over plain http")
	}
}

func TestPrefetchDoesNotUseTheLinkUp(t *testing.T) {
	t.Parallel()
	b := open(t, &rooms{})
	link := b.dashboard.Link(base, "Demo", scope)
	r := httptest.NewRequest(http.MethodGet, link, http.NoBody)
	r.Header.Set("Sec-Purpose", "prefetch;prerender")
	w := httptest.NewRecorder()
	b.echo.ServeHTTP(w, r)
	if len(w.Result().Cookies()) != 0 {
		t.Error("guessing ahead signed somebody in")
	}
	if w := b.get(link); w.Code != http.StatusSeeOther {
		t.Errorf("afterwards the link answered %d", w.Code)
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	b := open(t, &rooms{})
	link, other := b.dashboard.Link(base, "Demo", scope), b.dashboard.Link(base, "Demo", scope)
	*b.now = noon.Add(10*time.Minute - time.Second)
	b.cookie = b.get(link).Result().Cookies()[0]
	entered := *b.now
	*b.now = noon.Add(10 * time.Minute)
	b.sees(other, http.StatusUnauthorized, "has been used or is too old")

	*b.now = entered.Add(12*time.Hour - time.Second)
	b.sees("/app", http.StatusOK, "Overview")
	*b.now = entered.Add(12 * time.Hour)
	b.sees("/app", http.StatusUnauthorized, "You are not signed in")
	b.dashboard.Link(base, "Demo", scope)
	if d := b.dashboard.doors; len(d.links) != 1 || len(d.sessions) != 0 {
		t.Errorf("%d links and %d sessions are remembered", len(d.links), len(d.sessions))
	}
}

func TestNoSession(t *testing.T) {
	t.Parallel()
	b := open(t, &rooms{events: []event.Event{{ID: "evt_secret", Type: "lead.created", Data: "{}"}}})
	for _, cookie := range []*http.Cookie{nil, {Name: cookieName, Value: ""}, {Name: cookieName, Value: "guess"}} {
		b.cookie = cookie
		for _, path := range []string{"/app", "/app/deliveries", "/app/deliveries/dlv_1", "/app/events", "/app/endpoints", "/app/login", "/app/login?once="} {
			body := b.page(path, http.StatusUnauthorized)
			if !strings.Contains(body, "hookline dev") || strings.Contains(body, "evt_secret") {
				t.Errorf("%s shows:\n%s", path, body)
			}
		}
	}
}

func TestNotFound(t *testing.T) {
	t.Parallel()
	b := open(t, &rooms{}).signIn()
	b.sees("/app/deliveries/dlv_nobody", http.StatusNotFound, "There is no such delivery.")
	for _, path := range []string{"/app/nothing", "/app/assets/nothing.js", "/app/deliveries/dlv_1/more"} {
		b.page(path, http.StatusNotFound)
	}
	b.sees("/app/deliveries?cursor=x", http.StatusBadRequest, `href="/app/deliveries"`)
	b.sees("/app/events?cursor=x", http.StatusBadRequest, `href="/app/events"`)
}

func TestFailureHidesItsCause(t *testing.T) {
	t.Parallel()
	b := open(t, &rooms{failure: errors.New("password=hunter2")}).signIn()
	for _, path := range []string{"/app", "/app/deliveries?status=dead", "/app/deliveries/dlv_1", "/app/events", "/app/endpoints"} {
		if body := b.page(path, http.StatusInternalServerError); strings.Contains(body, "hunter2") || !strings.Contains(body, `href="`+path+`">Try again`) {
			t.Errorf("%s shows:\n%s", path, body)
		}
	}
}

const evil = `</pre><script>alert(1)</script><img src=x onerror=alert(2)>`

func hostile() *rooms {
	status := http.StatusServiceUnavailable
	schedule, err := profile.ParseDuration("5m")
	if err != nil {
		panic(err)
	}
	d := delivery.Delivery{
		ID: "dlv_1", EventID: "evt_1", EventType: "lead.created", EndpointID: "whe_1", Status: delivery.Dead, Reason: delivery.ReasonExhausted,
		Error: "The endpoint answered 503.", ContentType: "application/json", Body: []byte(`{"a":  "` + evil + `"}`), AttemptCount: 1, MaxAttempts: 2,
		ResponseStatus: &status, CreatedAt: db.At(noon), FinishedAt: db.At(noon),
	}
	a := delivery.Attempt{
		ID: "att_1", Number: 1, Status: delivery.AttemptFailed, Method: "POST", URL: "https://example.com/?q=" + evil,
		RequestHeaders: db.JSON[map[string]string]{V: map[string]string{"webhook-id": "evt_1"}}, ResponseStatus: &status,
		ResponseHeaders: db.JSON[map[string]string]{V: map[string]string{"X-Evil": evil}}, ResponseBody: []byte(evil + strings.Repeat("z", 1<<20)),
		StartedAt: db.At(noon), FinishedAt: db.At(noon.Add(143 * time.Millisecond)), ResponseTruncated: true,
	}
	return &rooms{
		events:     []event.Event{{ID: "evt_1", Type: "lead.created", Data: `{"name":"` + evil + `"}`, OccurredAt: db.At(noon), DispatchedAt: db.At(noon), DeliveryCount: 1}},
		deliveries: []delivery.Delivery{d}, attempts: []delivery.Attempt{a},
		endpoints: []endpoint.Endpoint{{
			ID: "whe_1", Name: evil, URL: "javascript:" + evil, Method: "POST", Events: db.JSON[[]string]{V: []string{"lead.*"}}, Profile: "hookline",
			DisabledReason: endpoint.ReasonManual, RetryPolicy: db.JSON[profile.Policy]{V: profile.Policy{Schedule: []profile.Duration{schedule}, Jitter: 0.2}},
		}},
	}
}

func TestHostileContentIsEscapedAndCut(t *testing.T) {
	t.Parallel()
	b := open(t, hostile()).signIn()
	for _, path := range []string{"/app", "/app/deliveries", "/app/deliveries?event_type=" + `"><script>alert(1)</script>`, "/app/deliveries/dlv_1", "/app/events", "/app/endpoints"} {
		body := b.page(strings.ReplaceAll(path, " ", "%20"), http.StatusOK)
		if strings.Contains(body, "<script>") || strings.Contains(body, "<img src=x") || strings.Contains(body, `href="javascript:`) {
			t.Errorf("%s runs what strangers wrote:\n%s", path, body)
		}
		if len(body) > 100<<10 {
			t.Errorf("%s has %d bytes", path, len(body))
		}
	}
}

func TestDeadDelivery(t *testing.T) {
	t.Parallel()
	b := open(t, hostile()).signIn()
	b.sees("/app/deliveries/dlv_1", http.StatusOK,
		"curl -X POST http://127.0.0.1:8080/api/v1/webhooks/dead-letters/dlv_1/replay", "Bearer hk_test_…", "503 Service Unavailable", "143 ms",
		"webhook-id", "X-Evil", "The answer was longer than what is kept.", `{&#34;a&#34;:  &#34;`, `<time datetime="2026-11-21T12:00:00.000Z">`, "Demo &amp; Sons")
}

func TestRetryingDelivery(t *testing.T) {
	t.Parallel()
	r := hostile()
	r.deliveries[0].Status, r.deliveries[0].FinishedAt, r.deliveries[0].NextAttemptAt = delivery.Retrying, db.Time{}, db.At(noon.Add(time.Hour))
	for range maxAttempts {
		r.attempts = append(r.attempts, r.attempts[0])
	}
	b := open(t, r).signIn()
	b.sees("/app/deliveries/dlv_1", http.StatusOK, "Next attempt", `<time datetime="2026-11-21T13:00:00.000Z">`, "1 earlier attempt is not shown", "data-live")
	if strings.Contains(b.page("/app/deliveries/dlv_1", http.StatusOK), "/replay") {
		t.Error("a delivery that is not dead offers a replay")
	}
}

func TestOverview(t *testing.T) {
	t.Parallel()
	b := open(t, hostile()).signIn()
	b.sees("/app", http.StatusOK, `<b>1</b> <span class="chip s-dead">dead</span>`, `<b>0</b> <span class="chip s-succeeded">`, `href="/app/deliveries/dlv_1"`, "turned off by its owner")
	r := &rooms{}
	b = open(t, r).signIn()
	b.sees("/app", http.StatusOK, "Waiting for your first endpoint", "/api/v1/webhooks")
	r.endpoints = hostile().endpoints
	b.sees("/app", http.StatusOK, "Waiting for your first event", "curl -X POST http://127.0.0.1:8080/api/v1/leads")
	r.events = hostile().events
	b.sees("/app", http.StatusOK, "Events arrive, but nothing is delivered yet")
}

func TestLists(t *testing.T) {
	t.Parallel()
	r := hostile()
	for i := range 30 {
		d := r.deliveries[0]
		d.ID, d.Status = "dlv_more"+string(rune('a'+i)), delivery.Succeeded
		r.deliveries = append(r.deliveries, d)
	}
	b := open(t, r).signIn()
	b.sees("/app/deliveries?status=succeeded&event_type=lead.created&event_id=evt_1&webhook_id=whe_1", http.StatusOK,
		"<option selected>succeeded</option>", "cursor=", "status=succeeded", `rel="next"`)
	if want := (delivery.Filter{Status: "succeeded", EventType: "lead.created", EventID: "evt_1", EndpointID: "whe_1"}); r.asked != want {
		t.Errorf("asked for %+v", r.asked)
	}
	cursor := page.Cursor{At: noon, ID: "dlv_x"}.String()
	b.sees("/app/deliveries?status=dead&cursor="+cursor, http.StatusOK, `href="/app/deliveries?status=dead">Back to the newest`)
	b.sees("/app/deliveries?status=cancelled", http.StatusOK, "No delivery matches", "“cancelled”")
	b.sees("/app/events?type=job.completed", http.StatusOK, "No event of the type “job.completed”")
	b.sees("/app/endpoints", http.StatusOK, "2 attempts", "after 5m (±20 %)", "lead.*", "disabled")
	b.sees("/app/deliveries", http.StatusOK, `aria-current="page">Deliveries`)
}

func TestEmptyLists(t *testing.T) {
	t.Parallel()
	b := open(t, &rooms{}).signIn()
	b.sees("/app/deliveries", http.StatusOK, "No deliveries yet")
	b.sees("/app/events", http.StatusOK, "No events yet", "curl -X POST")
	b.sees("/app/endpoints", http.StatusOK, "No endpoints yet", "curl -X POST")
}
