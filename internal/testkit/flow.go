package testkit

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
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
	return Get[api.DeliveryDetail](t, c, "/api/v1/deliveries/"+id)
}

// Counts is how many deliveries a client's tenant has in each status. It asks the database, so that waiting for many is
// cheap; what a tenant sees is what Deliveries returns.
func (p *Program) Counts(t testing.TB, c *Client) map[api.DeliveryStatus]int {
	t.Helper()
	var rows []struct {
		Status api.DeliveryStatus
		N      int
	}
	q := db.Tenant(p.App.Database().Read(t.Context()).Table("deliveries"), TenantOf(t, c))
	err := q.Select("status, COUNT(*) AS n").Group("status").Scan(&rows).Error
	if err != nil {
		t.Fatal(err)
	}
	counts := make(map[api.DeliveryStatus]int, len(rows))
	for _, r := range rows {
		counts[r.Status] = r.N
	}
	return counts
}

// AwaitCount waits until a client's tenant has n deliveries in the status.
func (p *Program) AwaitCount(t testing.TB, c *Client, status api.DeliveryStatus, n int) {
	t.Helper()
	var counts map[api.DeliveryStatus]int
	defer func() {
		if t.Failed() {
			t.Logf("deliveries: got %v, want %d %s", counts, n, status)
		}
	}()
	p.Await(t, fmt.Sprintf("%d deliveries that are %s", n, status), func() bool {
		counts = p.Counts(t, c)
		return counts[status] == n
	})
}

// AwaitDelivery waits until the tenant has exactly one delivery and that is in the status, and returns it.
func (p *Program) AwaitDelivery(t testing.TB, c *Client, status api.DeliveryStatus) api.DeliveryDetail {
	t.Helper()
	p.Await(t, "a delivery that is "+string(status), func() bool {
		counts := p.Counts(t, c)
		return len(counts) == 1 && counts[status] == 1
	})
	return c.Delivery(t, c.Deliveries(t, "")[0].ID)
}

// AwaitPull waits until the ordered pull of a client's tenant has n events. It shows an event when every transaction
// that began before the event's commit has ended, those of other tests in the same database included.
func (p *Program) AwaitPull(t testing.TB, c *Client, n int) {
	t.Helper()
	p.Await(t, fmt.Sprintf("%d events in the ordered pull", n), func() bool {
		return len(Get[struct{ Data []json.RawMessage }](t, c, "/api/v1/events?order=asc&limit=100").Data) >= n
	})
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
