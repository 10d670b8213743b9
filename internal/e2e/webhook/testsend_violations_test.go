package webhook_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// TestOperationsWithoutRowsNameAllViolationsAndDoNothing walks the operations of the contract whose effect can't be
// rolled back: a body that breaks both its schema and the operation's own rules.
func TestOperationsWithoutRowsNameAllViolationsAndDoNothing(t *testing.T) {
	t.Parallel()
	tenant := testkit.Shared(t, testkit.Embedded).NewTenant(t, "business")
	receiver := testkit.NewReceiver(t, nil)
	hook := tenant.NewEndpoint(t, receiver.URL, nil)
	listener := testkit.Post[api.Listener](t, tenant, listeners, object{}, http.StatusCreated)
	cases := map[string][]struct {
		path string
		body object
		want []string
	}{
		"testWebhook": {
			{hooks + "/" + hook.ID + "/test", object{"event_type": 1, "data": "no object", "colour": "red"},
				[]string{"colour", "data", "event_type"}},
			{hooks + "/" + hook.ID + "/test", object{"event_type": "lead.created", "data": object{"id": 1, "email": 2},
				"colour": "red"}, []string{"colour", "data.email", "data.id"}},
			{hooks + "/" + hook.ID + "/test", object{"event_type": "lead.created", "colour": "red"},
				[]string{"colour"}},
		},
		"respondToListener": {
			{listeners + "/" + listener.ID + "/responses", object{"request_id": "req_1", "body": "no base64",
				"status": 200, "error": "dns", "headers": object{"A b": "x"}, "truncated": 5, "colour": "red"},
				[]string{"body", "colour", "headers", "status", "truncated"}},
		},
	}
	immediate := 0
	for id, rule := range testkit.Contract().Rules {
		if !rule.Immediate {
			continue
		}
		immediate++
		if len(cases[id]) == 0 {
			t.Errorf("%s: got no case, want one for each operation with x-immediate", id)
		}
		for _, c := range cases[id] {
			a := tenant.Call(t, http.MethodPost, c.path, c.body).Want(t, http.StatusBadRequest)
			var fields []string
			for _, d := range a.Problem(t).Error.Details {
				fields = append(fields, d.Field)
			}
			for _, want := range c.want {
				if !slices.Contains(fields, want) {
					t.Errorf("violations of %s by %v: got %v, want %s among them", id, c.body, fields, want)
				}
			}
		}
	}
	if n := receiver.Count(); n != 0 || immediate == 0 {
		t.Errorf("requests at the endpoint: got %d after %d operations, want none after some", n, immediate)
	}
	if n := len(tenant.Deliveries(t, "")); n != 0 {
		t.Errorf("deliveries: got %d, want none", n)
	}
}
