package testkit

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
)

// NewEndpoint makes an endpoint that subscribes to everything; settings override the defaults.
func (c *Client) NewEndpoint(t testing.TB, url string, settings map[string]any) api.WebhookCreated {
	t.Helper()
	body := map[string]any{"url": url, "events": []string{"*"}}
	for k, v := range settings {
		body[k] = v
	}
	return Post[api.WebhookCreated](t, c, "/api/v1/webhooks", body, http.StatusCreated)
}

// NewLead makes a lead, which fires lead.created.
func (c *Client) NewLead(t testing.TB, email string) api.Lead {
	t.Helper()
	return Post[api.Lead](t, c, "/api/v1/leads", map[string]any{"name": "Ada Lovelace", "email": email},
		http.StatusCreated)
}

// Deliveries lists the newest hundred deliveries; query narrows them, such as "&status=dead".
func (c *Client) Deliveries(t testing.TB, query string) []api.Delivery {
	t.Helper()
	return Get[api.DeliveryList](t, c, "/api/v1/webhooks/deliveries?limit=100"+query).Data
}

// Delivery reads one delivery.
func (c *Client) Delivery(t testing.TB, id string) api.DeliveryDetail {
	t.Helper()
	return Get[api.DeliveryDetail](t, c, "/api/v1/webhooks/deliveries/"+id)
}

// AwaitDelivery waits until the tenant has exactly one delivery and that is in the status, and returns it.
func (p *Program) AwaitDelivery(t testing.TB, c *Client, status api.DeliveryStatus) api.DeliveryDetail {
	t.Helper()
	var id string
	p.Await(t, "a delivery that is "+string(status), func() bool {
		all := c.Deliveries(t, "")
		if len(all) == 1 && all[0].Status == status {
			id = all[0].ID
		}
		return id != ""
	})
	return c.Delivery(t, id)
}

// TryLead makes a lead and returns its id; it is false when the answer was not 201, or none came.
func (c *Client) TryLead(email string) (string, bool) {
	body := strings.NewReader(`{"name":"Ada Lovelace","email":"` + email + `"}`)
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, c.base+"/api/v1/leads", body)
	if err != nil {
		return "", false
	}
	r.Header.Set("Authorization", "Bearer "+c.key)
	r.Header.Set("Content-Type", "application/json")
	response, err := c.http.Do(r)
	if err != nil {
		return "", false
	}
	defer func() { _ = response.Body.Close() }()
	var lead api.Lead
	if json.NewDecoder(response.Body).Decode(&lead) != nil || response.StatusCode != http.StatusCreated {
		return "", false
	}
	return lead.ID, true
}
