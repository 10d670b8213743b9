package api_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/hookline/hookline/internal/testkit"
)

// always are the headers of every response of operations that take a key; others have the first.
var always = []string{"X-Request-Id", "RateLimit", "RateLimit-Policy"}

// TestEveryResponseDocumentsItsHeaders checks the documents; that responses have what these say, and nothing else, is
// checked for every response of every test by testkit.Client.
func TestEveryResponseDocumentsItsHeaders(t *testing.T) {
	t.Parallel()
	for _, o := range operations(t) {
		route := testkit.Contract().Route(o.Rule)
		takesKey := slices.ContainsFunc(slices.Concat(route.PathItem.Parameters, route.Operation.Parameters),
			func(p *openapi3.ParameterRef) bool { return p.Value.Name == "Idempotency-Key" })
		takes := !o.Public && o.Method != "get" && !o.Immediate &&
			o.OperationID != "testAlertChannel" // which refuses it
		if takesKey != takes {
			t.Errorf("%s documents an Idempotency-Key: got %t, want %t", o.OperationID, takesKey, takes)
		}
		for status, response := range route.Operation.Responses.Map() {
			if o.Stream && status == "200" {
				continue // described in words, for the sake of generated clients
			}
			headers := response.Value.Headers
			for _, name := range always {
				want := !o.Public || status == "429" || name == "X-Request-Id"
				if got := headers[name] != nil && headers[name].Value.Required; got != want {
					t.Errorf("%s %s requires %s: got %t, want %t", o.OperationID, status, name, got, want)
				}
			}
			for name, want := range map[string]bool{
				"WWW-Authenticate": status == "401", "Retry-After": status == "429", "Accept-Encoding": status == "415",
				"Idempotency-Replayed": takesKey && status[0] == '2',
			} {
				if got := headers[name] != nil; got != want {
					t.Errorf("%s %s documents %s: got %t, want %t", o.OperationID, status, name, got, want)
				}
			}
		}
	}
}

// TestOptionalHeadersAreSent because the contract must not document what no response has.
func TestOptionalHeadersAreSent(t *testing.T) {
	t.Parallel()
	tenant := testkit.Shared(t, testkit.Embedded).NewTenant(t, "business")
	lead := map[string]any{"email": "ada@example.com"}
	for i, want := range []string{"", "true"} {
		a := tenant.Call(t, http.MethodPost, "/api/v1/leads", lead, "Idempotency-Key", "k").Want(t, http.StatusCreated)
		if got := a.Header.Get("Idempotency-Replayed"); got != want {
			t.Errorf("Idempotency-Replayed of response %d: got %q, want %q", i+1, got, want)
		}
	}
	a := tenant.Call(t, http.MethodPost, "/api/v1/leads", lead, "Content-Encoding", "gzip").
		Want(t, http.StatusUnsupportedMediaType)
	if got := a.Header.Get("Accept-Encoding"); got != "identity" {
		t.Errorf("Accept-Encoding of a 415: got %q, want identity", got)
	}
	a = tenant.Call(t, http.MethodGet, "/api/v1/openapi.json", nil, "Accept-Encoding", "gzip").Want(t, http.StatusOK)
	if got := a.Header.Get("Content-Encoding"); got != "gzip" {
		t.Errorf("Content-Encoding of the contract: got %q, want gzip", got)
	}
}

// TestPathsThatDoNotExistAnswerLikeTheOthers calls each operation with methods and values of parameters that it does
// not have; testkit.Client holds the answers to the contract.
func TestPathsThatDoNotExistAnswerLikeTheOthers(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	for _, o := range operations(t) {
		client := o.caller(p, tenant)
		if o.Stream {
			continue
		}
		wrong := client.Call(t, http.MethodTrace, o.at("x"), nil).Want(t, http.StatusMethodNotAllowed)
		if got := wrong.Header.Get("Allow"); !strings.Contains(got, o.methods) {
			t.Errorf("%s: got Allow: %q for another method, want %s in it", o.OperationID, got, o.methods)
		}
		longer := client.Call(t, o.methods, o.at("x")+"/no/such/path", nil)
		if longer.Status != http.StatusNotFound {
			t.Errorf("%s with more after its path: got %d %s, want 404", o.OperationID, longer.Status, longer.Body)
		}
		if !parameter.MatchString(o.Path) {
			continue
		}
		for _, value := range []string{"", "%00", "%2500", "%ff", "%25ff", "%2f", "%252f", ".", "%20", "a%0ab"} {
			a := client.Call(t, o.methods, o.at(value), o.body)
			if a.Status < 400 || a.Status >= 500 {
				t.Errorf("%s with the parameter %q: got %d %.200s, want it refused", o.OperationID, value, a.Status,
					a.Body)
			}
		}
	}
}
