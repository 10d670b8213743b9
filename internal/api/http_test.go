package api_test

import (
	"context"
	"net/http"
	"testing"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit"
)

func TestPlainHTTPEndpointsAreRefusedOutsideDevelopment(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Embedded, func(c *config.Config, _ *app.Options) { c.AllowHTTPEndpoints = false })
	tenant := p.NewTenant(t, "business")
	hook := map[string]any{"url": "http://example.com/hooks", "events": []string{"*"}}
	a := tenant.Call(t, http.MethodPost, "/api/v1/webhooks", hook).Want(t, http.StatusBadRequest)
	if fields(t, a) != "url" {
		t.Errorf("http:// endpoint: got %s, want the field url", a.Body)
	}
	hook["url"] = "https://example.com/hooks"
	tenant.Call(t, http.MethodPost, "/api/v1/webhooks", hook).Want(t, http.StatusCreated)
}

func TestTheGeneratedGoClientSpeaksToTheProgram(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		c, err := gen.NewClient(p.URL, gen.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			r.Header.Set("X-Api-Key", tenant.Key())
			return nil
		}))
		if err != nil {
			t.Fatal(err)
		}
		status := "contacted"
		response, err := c.CreateLead(t.Context(), &gen.CreateLeadParams{}, gen.LeadCreate{Status: &status})
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		leads := testkit.Get[gen.LeadList](t, tenant, "/api/v1/leads?status=contacted")
		if response.StatusCode != http.StatusCreated || leads.Meta.Total != 1 {
			t.Errorf("got status %d and leads %+v, want 201 and one lead", response.StatusCode, leads)
		}
	})
}
