package webhook_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/testkit"
)

// TestEveryRequestToAConsumerIsAsTheContractDescribesIt because SDKs are generated from it: for each profile, and for
// CloudEvents, every event type that it has, a real change, and the signatures of a rotation.
func TestEveryRequestToAConsumerIsAsTheContractDescribesIt(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		for _, name := range append(profile.All(), "cloudevents") {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				p := testkit.Shared(t, e)
				product, settings := name, object{"name": "CRM", "events": []string{"*"}}
				if name == "cloudevents" {
					product, settings["envelope"] = profile.Default, name
				}
				rules, _ := profile.Find(product)
				tenant, receiver := p.NewOwner(t, product), testkit.NewReceiver(t, nil)
				if product == "savelead" {
					settings["events"] = []string{"save_lead"}
				}
				hook := tenant.NewEndpoint(t, receiver.URL, settings)
				published, tested := 0, 0
				for _, et := range testkit.Contract().EventTypes {
					if !rules.Offers(et.Name, et.Resource) {
						continue
					}
					a := tenant.Call(t, http.MethodPost, "/api/v1/events", object{"type": rules.EventName(et.Name),
						"data": json.RawMessage(et.Sample)})
					if a.Status == http.StatusAccepted {
						published++
						continue
					}
					tenant.Call(t, http.MethodPost, "/api/v1/webhooks/"+hook.ID+"/test",
						object{"event_type": rules.EventName(et.Name)}).Want(t, http.StatusOK)
					tested++
				}
				if rules.Sells("leads") {
					lead := tenant.NewLead(t, "ada@example.com")
					tenant.Call(t, http.MethodPatch, "/api/v1/leads/"+lead.ID, object{"notes": "Later."}).
						Want(t, http.StatusOK)
					published += 2
				}
				p.Await(t, "all deliveries", func() bool { return len(receiver.All()) >= published+tested })
				if product != "savelead" {
					tenant.Call(t, http.MethodPost, "/api/v1/webhooks/"+hook.ID+"/rotate-secret", object{}).
						Want(t, http.StatusOK)
					published++
					tenant.Call(t, http.MethodPost, "/api/v1/webhooks/"+hook.ID+"/test", object{}).
						Want(t, http.StatusOK)
				}
				if published == 0 || len(receiver.All()) < published+tested {
					t.Fatalf("requests: got %d, want %d and some", len(receiver.All()), published+tested)
				}
				for _, r := range receiver.All() {
					testkit.FitsWebhook(t, name, r)
				}
			})
		}
	})
}
