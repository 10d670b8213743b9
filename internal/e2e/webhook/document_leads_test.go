package webhook_test

import (
	"net/http"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestTheDocumentOfLeadhooksHolds(t *testing.T) {
	t.Parallel()
	holds(t, "leadhooks", []string{"new_lead", "lead_update"}, documentOfLeadhooks)
}

func documentOfLeadhooks() []sentence {
	var id string
	return []sentence{
		{"Create, list, and revoke API keys with role-based access", keyOnce("wk_")},
		{"GET /api/v1/webhooks - List webhook endpoints", answers(http.MethodGet, "/api/v1/webhooks", nil,
			http.StatusOK)},
		{"GET /api/v1/webhooks/deliveries - View delivery history",
			answers(http.MethodGet, "/api/v1/webhooks/deliveries?event_type=new_lead", nil, http.StatusOK)},
		{"new_lead: Triggered when a new lead is created", func(t *testing.T, c *customer) {
			made := testkit.Post[api.Lead](t, c.Client, "/api/v1/leads", object{"name": "John Doe", "source": "website",
				"email": "john@example.com", "phone": "+1234567890"}, http.StatusCreated)
			id = made.ID
			body, data := c.arrives(t, "event", "timestamp", "data")
			if body["event"] != "new_lead" || data["id"] != id || data["name"] != "John Doe" ||
				data["email"] != "john@example.com" || data["phone"] != "+1234567890" || data["source"] != "website" {
				t.Errorf("new_lead: got %v, want the lead of the document", body)
			}
		}},
		{"lead_update: Triggered when a lead is updated, with changes", func(t *testing.T, c *customer) {
			c.Call(t, http.MethodPatch, "/api/v1/leads/"+id, object{"status": "contacted"}).Want(t, http.StatusOK)
			body, data := c.arrives(t, "event", "timestamp", "data")
			if body["event"] != "lead_update" || asJSON(t, data["changes"]) != `{"status":"contacted"}` {
				t.Errorf("lead_update: got %v, want the change of the status", body)
			}
		}},
		{"Rate limits are enforced per API key: 1000 requests per hour", limit(1000, "3600")},
		{"Configurable per key with different tiers", answers(http.MethodPost, "/api/v1/keys", object{"name": "tier",
			"rate_limit": object{"requests": 500, "per": "hour"}}, http.StatusCreated)},
		{"Initial retry: 1 second; 2x multiplier; max retries: 5", waits("1s", "2s", "4s", "8s", "16s")},
		{"Create API keys with role-based access", rolesDiffer},
		{"Dead-letter queue after max retries, and failure alerting", diesAndAlerts("new_lead", object{"id": "lead_123",
			"name": "John Doe", "email": "john@example.com", "phone": "+1234567890", "source": "website"})},
		{"Full OpenAPI/Swagger specification with payload schemas", publishes([]string{"/api/v1/keys",
			"/api/v1/keys/{key_id}", "/api/v1/webhooks", "/api/v1/webhooks/{webhook_id}",
			"/api/v1/webhooks/deliveries"}, []string{"new_lead", "lead_update"})},
		{"Configure webhook endpoints, retry policies", func(t *testing.T, c *customer) {
			c.Call(t, http.MethodPatch, hooks+"/"+c.hook.ID, object{"retry_policy": object{"initial": "2s",
				"multiplier": 2, "max_attempts": 3}, "retry_policies": object{"new_lead": object{"max_attempts": 2}}}).
				Want(t, http.StatusOK)
		}},
		{"DELETE /api/v1/webhooks/{webhook_id}", func(t *testing.T, c *customer) {
			c.Call(t, http.MethodPut, hooks+"/"+c.hook.ID, object{"url": c.receiver.URL,
				"events": []string{"new_lead"}}).Want(t, http.StatusOK)
			c.Call(t, http.MethodDelete, hooks+"/"+c.hook.ID, nil).Want(t, http.StatusNoContent)
		}},
	}
}

func TestTheDocumentOfSaveleadHolds(t *testing.T) {
	t.Parallel()
	holds(t, "savelead", []string{"save_lead"}, documentOfSavelead)
}

func documentOfSavelead() []sentence {
	var id string
	arrived := func(t *testing.T, c *customer, score float64) {
		t.Helper()
		_, data := c.arrives(t, "data")
		for _, key := range []string{"email", "company", "first_name", "last_name", "phone", "website", "position",
			"twitter", "linkedin", "notes", "score"} {
			if _, there := data[key]; !there {
				t.Errorf("payload: got %v, want the field %s", data, key)
			}
		}
		if len(data) != 11 || data["email"] != "x@example.com" || data["score"] != score {
			t.Errorf("payload: got %v, want the 11 fields of the lead", data)
		}
	}
	return []sentence{
		{"Provide a unique name for your webhook", func(t *testing.T, c *customer) {
			for _, status := range []int{http.StatusCreated, http.StatusConflict} {
				c.Call(t, http.MethodPost, hooks, object{"name": "Lead Tracking Webhook", "enabled": false,
					"url": "https://your-service.example/webhooks/leads"}).Want(t, status)
			}
		}},
		{"Select the HTTP method used to send the webhook; add headers", func(t *testing.T, c *customer) {
			c.Call(t, http.MethodPatch, hooks+"/"+c.hook.ID, object{"method": "PUT",
				"headers": object{"Authorization": "Bearer token"}}).Want(t, http.StatusOK)
		}},
		{"save_lead: Triggered when a new lead is saved", func(t *testing.T, c *customer) {
			id = testkit.Post[api.Lead](t, c.Client, "/api/v1/leads", object{"email": "x@example.com"},
				http.StatusCreated).ID
			arrived(t, c, 0)
			if got := c.receiver.All()[0]; got.Method != http.MethodPut ||
				got.Header.Get("Authorization") != "Bearer token" {
				t.Errorf("request: got %s %v, want the chosen method and header", got.Method, got.Header)
			}
		}},
		{"or an existing lead is updated", func(t *testing.T, c *customer) {
			c.Call(t, http.MethodPatch, "/api/v1/leads/"+id, object{"score": 7}).Want(t, http.StatusOK)
			arrived(t, c, 7)
		}},
		{"Currently, we support the following event: save_lead", func(t *testing.T, c *customer) {
			c.Call(t, http.MethodGet, "/api/v1/event-types/save_lead", nil).Want(t, http.StatusOK)
			c.Call(t, http.MethodPatch, hooks+"/"+c.hook.ID, object{"events": []string{"job.completed"}}).
				Want(t, http.StatusBadRequest)
		}},
		{"Enable or disable the webhook as needed", func(t *testing.T, c *customer) {
			for _, on := range []bool{false, true} {
				c.Call(t, http.MethodPatch, hooks+"/"+c.hook.ID, object{"enabled": on}).Want(t, http.StatusOK)
			}
		}},
	}
}
