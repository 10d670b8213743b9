package webhook_test

import (
	"net/http"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

func TestAnEndpointOfSaveleadNeedsAMethodWithABody(t *testing.T) {
	t.Parallel()
	tenant := testkit.Shared(t, testkit.Embedded).NewOwner(t, "savelead")
	for method, status := range map[string]int{"POST": http.StatusCreated, "PUT": http.StatusCreated,
		"GET": http.StatusBadRequest} {
		a := tenant.Call(t, http.MethodPost, hooks, object{"url": "https://example.com",
			"events": []string{"save_lead"}, "method": method})
		if a.Status != status {
			t.Errorf("endpoint with the method %s: got %d %s, want %d", method, a.Status, a.Body, status)
		}
		if status == http.StatusBadRequest && a.Problem(t).Error.Details[0].Field != "method" {
			t.Errorf("refusal: got %s, want the field method", a.Body)
		}
	}
}
