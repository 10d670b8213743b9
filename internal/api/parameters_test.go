package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/testkit"
)

// caller is a client that may call the operation.
func (o operation) caller(p *testkit.Program, tenant *testkit.Client) *testkit.Client {
	switch {
	case o.Public:
		return testkit.NewClient(p.URL, "")
	case o.Permission == contract.Operator:
		return p.Operator
	}
	return tenant
}

// queryOf lists the parameters of an operation's query.
func queryOf(o operation) []*openapi3.Parameter {
	var out []*openapi3.Parameter
	route := testkit.Contract().Route(o.Rule)
	for _, list := range []openapi3.Parameters{route.PathItem.Parameters, route.Operation.Parameters} {
		for _, ref := range list {
			if ref.Value.In == openapi3.ParameterInQuery {
				out = append(out, ref.Value)
			}
		}
	}
	return out
}

// message is what an answer says of a field.
func message(t *testing.T, a testkit.Answer, field string) string {
	t.Helper()
	for _, d := range a.Want(t, http.StatusBadRequest).Problem(t).Error.Details {
		if d.Field == field {
			return d.Message
		}
	}
	return ""
}

// TestAnUnknownParameterIsRefusedByEveryOperation because an answer to a misspelt filter looks like one without it.
func TestAnUnknownParameterIsRefusedByEveryOperation(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	for _, o := range operations(t) {
		if o.Public && o.Body {
			continue // switched off in this program, and nothing is said of a body that is not signed
		}
		client := o.caller(p, tenant)
		a := client.Call(t, o.methods, o.at("x")+"?no_such_parameter=1", o.body)
		if got := message(t, a, "no_such_parameter"); !strings.HasPrefix(got, "is an unknown parameter; ") {
			t.Errorf("%s with an unknown parameter: got %s, want it refused", o.OperationID, a.Body)
		}
		for _, q := range queryOf(o) {
			if len(q.Name) < 4 {
				continue
			}
			misspelt := q.Name[1:2] + q.Name[:1] + q.Name[2:]
			a := client.Call(t, o.methods, o.at("x")+"?"+misspelt+"=1", o.body)
			if got := message(t, a, misspelt); got != "is an unknown parameter; did you mean "+q.Name+"?" {
				t.Errorf("%s with %s: got %q, want %s named", o.OperationID, misspelt, got, q.Name)
			}
		}
	}
}

func TestEveryParameterNamesItsField(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	for _, o := range operations(t) {
		for _, q := range queryOf(o) {
			client := o.caller(p, tenant)
			wrong := map[string]string{"=1&" + q.Name + "=1": "is given twice", "=%zz": "is not percent-encoded"}
			if q.Schema.Value.Format == "date-time" {
				wrong["=2027-02-29T00:00:00Z"] = "must be a time such as 2026-01-31T12:00:00Z"
				wrong["=2026-01-31T12:00:00+01:00"] = "write it as %2B"
				delete(wrong, "=1&"+q.Name+"=1")
			}
			for value, want := range wrong {
				a := client.Call(t, o.methods, o.at("x")+"?"+q.Name+value, o.body).Want(t, http.StatusBadRequest)
				said := false
				for _, d := range a.Problem(t).Error.Details {
					said = said || d.Field == q.Name && strings.Contains(d.Message, want)
				}
				if !said {
					t.Errorf("%s?%s%s: got %s, want %s named: %s", o.Path, q.Name, value, a.Body, q.Name, want)
				}
			}
		}
	}
}
