package webhook_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

// A test send calls somebody else's server, so it is not tried to find further violations; it must find all at once.
func TestATestSendNamesAllOfItsViolationsAndSendsNothing(t *testing.T) {
	t.Parallel()
	tenant := testkit.Shared(t, testkit.Embedded).NewTenant(t, "business")
	receiver := testkit.NewReceiver(t, nil)
	hook := tenant.NewEndpoint(t, receiver.URL, nil)
	for name, c := range map[string]struct {
		body object
		want []string
	}{
		"by the contract": {object{"event_type": 1, "data": "no object", "colour": "red"},
			[]string{"colour", "data", "event_type"}},
		"by the schema of the type": {object{"event_type": "lead.created", "data": object{"id": 1, "email": 2}},
			[]string{"data.email", "data.id"}},
	} {
		answer := tenant.Call(t, http.MethodPost, hooks+"/"+hook.ID+"/test", c.body)
		var fields []string
		for _, d := range answer.Problem(t).Error.Details {
			fields = append(fields, d.Field)
		}
		for _, want := range c.want {
			if !slices.Contains(fields, want) {
				t.Errorf("violations %s: got %v (%s), want %s among them", name, fields, answer.Body, want)
			}
		}
	}
	if n := receiver.Count(); n != 0 {
		t.Errorf("requests at the endpoint: got %d, want none", n)
	}
}
