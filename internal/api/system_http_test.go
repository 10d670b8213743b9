package api_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/testkit"
)

// published fetches the contract as both documents and returns the JSON one, parsed.
func published(t *testing.T, c *testkit.Client) map[string]any {
	t.Helper()
	asJSON := c.Call(t, http.MethodGet, "/api/v1/openapi.json", nil).Want(t, http.StatusOK)
	asYAML := c.Call(t, http.MethodGet, "/api/v1/openapi.yaml", nil).Want(t, http.StatusOK)
	if asJSON.Header.Get("Content-Type") != "application/json" ||
		asYAML.Header.Get("Content-Type") != "application/yaml" {
		t.Errorf("content types: got %s and %s, want application/json and application/yaml",
			asJSON.Header.Get("Content-Type"), asYAML.Header.Get("Content-Type"))
	}
	var fromYAML any
	if err := yaml.Unmarshal(asYAML.Body, &fromYAML); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(fromYAML) // so that numbers and keys have the same Go types as in the other
	if err != nil {
		t.Fatal(err)
	}
	document := testkit.Into[map[string]any](t, asJSON)
	if other := testkit.Into[map[string]any](t, testkit.Answer{Body: raw}); !reflect.DeepEqual(document, other) {
		t.Error("openapi.json and openapi.yaml: got different documents, want the same")
	}
	return document
}

func TestThePublishedContractIsWholeWithoutTheOperators(t *testing.T) {
	t.Parallel()
	document := published(t, testkit.NewClient(testkit.Shared(t, testkit.Embedded).URL, ""))
	var got, want []string
	for _, item := range document["paths"].(map[string]any) {
		for _, operation := range item.(map[string]any) {
			if o, ok := operation.(map[string]any); ok {
				got = append(got, o["operationId"].(string))
			}
		}
	}
	for id, rule := range testkit.Contract().Rules {
		if !strings.HasPrefix(rule.Path, "/admin/") {
			want = append(want, id)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) || len(got) < 20 {
		t.Errorf("published are %v instead of %v", got, want)
	}
	webhooks := len(testkit.Contract().EventTypes) + len(profile.All()) + 1 // CloudEvents
	if n := len(document["webhooks"].(map[string]any)); n != webhooks || document["openapi"] != "3.1.0" {
		t.Errorf("got %d webhooks in OpenAPI %s, want %d in 3.1.0", n, document["openapi"], webhooks)
	}
	raw, _ := json.Marshal(document)
	for _, hidden := range []string{"/admin/", "x-audience", "hk_op_", "OperatorKey", "TenantCreate", "x-go-"} {
		if strings.Contains(string(raw), hidden) {
			t.Errorf("published contract: got %q in it, want it left out", hidden)
		}
	}
	for _, ref := range regexp.MustCompile(`"\$ref":"([^"]+)"`).FindAllStringSubmatch(string(raw), -1) {
		at := any(document)
		for _, step := range strings.Split(strings.TrimPrefix(ref[1], "#/"), "/") {
			at = at.(map[string]any)[step]
			if at == nil {
				t.Fatalf("reference %s: got no target, want one", ref[1])
			}
		}
	}
}

func TestARequestIDIsEchoedWhenItIsWellFormed(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	tenant := p.NewTenant(t, "business")
	seen := map[string]bool{}
	for _, id := range []string{"a", "req-1_2.3", strings.Repeat("x", 64), "0f8fad5b-d9cb-469f-a165-70867728950e"} {
		for path, status := range map[string]int{"/api/v1/me": 200, "/api/v1/leads/nothing": 404, "/nothing": 404,
			"/api/v1/openapi.json": 200} {
			a := tenant.Call(t, http.MethodGet, path, nil, "X-Request-Id", id).Want(t, status)
			if got := a.Header.Get("X-Request-Id"); got != id ||
				(status != 200 && a.Problem(t).Error.RequestID != id) {
				t.Errorf("X-Request-Id of %s: got %s, want %s in header and body: %s", path, got, id, a.Body)
			}
		}
	}
	made := regexp.MustCompile(`^req_[0-9a-z]{26}$`)
	for _, id := range []string{"", strings.Repeat("x", 65), "two words", "a/b", "<script>", "é", `"quoted"`, "a,b",
		"a:b", "tab\tbed"} {
		a := tenant.Call(t, http.MethodGet, "/api/v1/leads/nothing", nil, "X-Request-Id", id).
			Want(t, http.StatusNotFound)
		got := a.Header.Get("X-Request-Id")
		if !made.MatchString(got) || seen[got] || a.Problem(t).Error.RequestID != got ||
			len(a.Header.Values("X-Request-Id")) != 1 {
			t.Errorf("X-Request-Id for %q: got %q, want a new one, once, as in the body: %s", id, got, a.Body)
		}
		seen[got] = true
	}
}
