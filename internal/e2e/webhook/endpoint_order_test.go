package webhook_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// TestEndpointsAreListedByFailureRateAcrossPages has endpoints with rates of 0, 1 and 1/4, and two without deliveries.
func TestEndpointsAreListedByFailureRateAcrossPages(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		fails := func(w http.ResponseWriter, _ testkit.Received, _ int) { w.WriteHeader(http.StatusBadGateway) }
		first := func(w http.ResponseWriter, _ testkit.Received, n int) {
			if n == 1 {
				w.WriteHeader(http.StatusBadGateway)
			}
		}
		once := object{"initial": "1s", "max_attempts": 1}
		ids := map[string]string{}
		for _, add := range []struct {
			name   string
			answer func(http.ResponseWriter, testkit.Received, int)
			more   object
		}{{"well", nil, nil}, {"broken", fails, nil}, {"flaky", first, nil}, {"idle one", nil, object{
			"events": []string{"ticket.created"}}}, {"idle two", nil, object{"enabled": false}}} {
			settings := object{"name": add.name, "retry_policy": once}
			for name, value := range add.more {
				settings[name] = value
			}
			ids[add.name] = tenant.NewEndpoint(t, testkit.NewReceiver(t, add.answer).URL, settings).ID
		}
		for range 2 {
			tenant.NewLead(t, "ada@example.com")
			tenant.NewLead(t, "bob@example.com")
		}
		stats := "/api/v1/webhooks/stats?webhook_id=" + ids["flaky"] + "," + ids["broken"]
		p.Await(t, "the counts of all deliveries", func() bool {
			got := testkit.Get[api.DeliveryStats](t, tenant, stats)
			return len(got.Endpoints) == 2 && got.Dead == 5 && got.Succeeded == 3
		})

		list := func(query string) (names []string) {
			t.Helper()
			got := testkit.Get[api.WebhookList](t, tenant, "/api/v1/webhooks?sort=failure_rate"+query)
			for _, w := range got.Data {
				names = append(names, w.Name)
			}
			return names
		}
		for query, want := range map[string]string{
			"": "broken flaky well idle two idle one", "&per_page=2": "broken flaky",
			"&per_page=2&page=2": "well idle two",
			"&per_page=2&page=3": "idle one", "&per_page=2&page=4": "", "&search=L": "flaky well idle two idle one",
			"&search=l&per_page=2&page=2": "idle two idle one", "&state=disabled": "idle two",
			"&state=enabled&per_page=3&page=2": "idle one",
		} {
			if got := strings.Join(list(query), " "); got != want {
				t.Errorf("endpoints by failure rate with %q: got %q, want %q", query, got, want)
			}
		}
		a := testkit.Get[api.WebhookList](t, tenant, "/api/v1/webhooks?sort=failure_rate&search=idle&per_page=1")
		if a.Meta.Total != 2 {
			t.Errorf("total of a search: got %d, want 2", a.Meta.Total)
		}
		if other := p.NewTenant(t, "business"); len(testkit.Get[api.WebhookList](t, other,
			"/api/v1/webhooks?sort=failure_rate").Data) != 0 {
			t.Error("another tenant: got endpoints, want none")
		}
		bad := tenant.Call(t, http.MethodGet, "/api/v1/webhooks/stats?webhook_id="+
			strings.Join(slices.Repeat([]string{ids["well"]}, 101), ","), nil).Want(t, http.StatusBadRequest)
		if got := bad.Problem(t).Error.Details; len(got) != 1 || got[0].Field != "webhook_id" {
			t.Errorf("101 endpoints: got %+v, want webhook_id refused", got)
		}
	})
}
