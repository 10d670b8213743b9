package page_test

import (
	"net/http"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

// TestPagesAreWhereTheProductsDocumentsSayThatTheyAre follows their ways from Settings and from /admin.
func TestPagesAreWhereTheProductsDocumentsSayThatTheyAre(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	v := visit(t, p, p.NewTenantOf(t, "leadhooks"), map[string]any{})
	v.get(t, "/app/settings", `href="/app/settings/api-keys"`, `href="/app/settings/integrations/webhooks"`)
	for from, to := range map[string]string{
		"/app/settings/api": "/app/keys", "/app/settings/api-keys": "/app/keys",
		"/app/settings/webhooks": "/app/endpoints", "/app/settings/integrations/webhooks": "/app/endpoints",
		"/app/settings/integrations": "/app/endpoints", "/admin": "/app/endpoints",
	} {
		if got := v.send(t, http.MethodGet, from, nil); got.status != http.StatusOK || got.path != to {
			t.Errorf("GET %s: got %d at %s, want 200 at %s", from, got.status, got.path, to)
		}
	}
}
