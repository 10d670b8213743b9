package page_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestEndpointsShowTheStatusOfTheirLastDeliveryLive(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		hook := tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, nil)
		silent := tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, map[string]any{"events": []string{"job.*"}})
		v := enter(t, p, portal(t, p, testkit.TenantOf(t, tenant), map[string]any{}).URL)
		status := func() (of, other *api.DeliveryStatus) {
			for _, w := range testkit.Get[api.WebhookList](t, tenant, "/api/v1/webhooks").Data {
				switch w.ID {
				case hook.ID:
					of = w.LastDeliveryStatus
				case silent.ID:
					other = w.LastDeliveryStatus
				}
			}
			return of, other
		}
		if got, _ := status(); got != nil {
			t.Errorf("status before the first delivery: got %s, want none", *got)
		}
		stream := "/app/deliveries/stream"
		ofEndpoint := stream + "?webhook_id=" + hook.ID
		v.sees("/app/endpoints", http.StatusOK, `data-stream="`+stream+`"`)
		v.sees("/app/endpoints/"+hook.ID, http.StatusOK, `data-stream="`+ofEndpoint+`"`)
		lines := v.lines(ofEndpoint)
		tenant.NewLead(t, "ada@example.com")
		awaitLine(t, lines, `"status":"succeeded"`)
		got, other := status()
		if got == nil || *got != api.DeliveryStatusSucceeded || other != nil {
			t.Errorf("status of the last delivery: got %v and %v, want succeeded and none", got, other)
		}
		one := testkit.Get[api.Webhook](t, tenant, "/api/v1/webhooks/"+hook.ID).LastDeliveryStatus
		if one == nil || *one != api.DeliveryStatusSucceeded {
			t.Errorf("status at the endpoint: got %v, want succeeded", one)
		}
		v.sees("/app/endpoints", http.StatusOK, `s-succeeded`)
		tenant.Call(t, http.MethodPost, "/api/v1/webhooks/"+hook.ID+"/test", nil).Want(t, http.StatusOK)
		v.sees("/app/endpoints/"+hook.ID, http.StatusOK, `<span class="tag">test</span>`)
		v.submits("/app/endpoints/"+hook.ID+"/test", nil, http.StatusOK, "Succeeded.")
		if strings.Contains(v.last, "data-stream") {
			t.Error("page after a form: got it live, want it still: its address can't be read again")
		}
	})
}
