package page_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/hookline/hookline/internal/testkit"
)

func TestTheEndpointFormShowsAllProblemsAtOnceAndKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	v := enter(t, p, portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)
	v.get("/app/endpoints/new")
	form := url.Values{
		"url": {"nonsense"}, "events_more": {"lead.creatd"}, "rate_limit": {"1.5"}, "timeout": {"soon"},
		"headers": {"X-Team: crm\nAuthorization Bearer x"}, "retry": {"exponential"}, "initial": {"1s"},
		"multiplier": {"twice"}, "auth": {"basic"}, "metadata": {"nothing"}, "filter": {"data.score >"},
	}
	v.submits("/app/endpoints/new", form, http.StatusBadRequest, "fields need a change.",
		"URL: ", "Events: “lead.creatd” ", "Rate limit, requests: must be a whole number", "Auth, username: ",
		"Timeout: must be like 10s", "each line is “name: value”", "Retry policy, multiplier: must be a number",
		"Filter: ", "9 fields", "<details class=\"card advanced\" open>",
		`value="nonsense"`, `value="lead.creatd"`, `value="1.5"`, "Authorization Bearer x", `value="twice"`)
	v.submits("/app/endpoints/new", url.Values{"url": {"https://example.com/hook"}}, http.StatusBadRequest,
		"One field needs a change.", "Events: choose at least one event", `<details class="card advanced">`)
	savelead := url.Values{"url": {"https://example.com/hook"}, "profile": {"savelead"}, "event": {"lead.*"}}
	v.submits("/app/endpoints/new", savelead, http.StatusBadRequest, "One field needs a change.",
		"Name: give the webhook a unique name, such as “Lead Tracking Webhook”",
		`required placeholder="Lead Tracking Webhook"`)
	if got := testkit.Get[map[string]any](t, tenant, "/api/v1/webhooks"); len(got["data"].([]any)) != 0 {
		t.Errorf("endpoints after forms with problems: got %s, want none", got)
	}
}

func TestTheEndpointFormHasEverythingThatTheAPIHasAndSavesItUnchanged(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	tenant := p.NewTenant(t, "business")
	v := enter(t, p, portal(t, p, testkit.TenantOf(t, tenant), map[string]any{"role": "owner"}).URL)
	v.get("/app/endpoints/new")
	made := v.submits("/app/endpoints/new", url.Values{
		"url": {"https://example.com/hook"}, "name": {"CRM"}, "description": {"Leads"}, "event": {"lead.*"},
		"events_more": {"invoice.paid"}, "method": {"PUT"}, "profile": {"hookline"}, "envelope": {"cloudevents"},
		"signing": {"both"}, "secret": {"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"}, "timeout": {"4s"},
		"rate_limit": {"7"}, "headers": {"X-Team: crm"}, "auth": {"oauth2"},
		"auth.token_url": {"https://example.com/token"}, "auth.client_id": {"me"}, "auth.client_secret": {"s3cret"},
		"auth.scope": {"a b"}, "auth.token_endpoint_auth_method": {"client_secret_post"}, "retry": {"exponential"},
		"initial": {"2s"}, "multiplier": {"3"}, "max_interval": {"1h"}, "max_attempts": {"4"}, "jitter": {"0.1"},
		"retry_policies": {"invoice.*: 5s, 5m\nlead.created: initial=1s multiplier=2 max_attempts=3"},
		"filter":         {"data.score == 3"}, "metadata": {"team: sales"}, "disabled": {"1"},
		"trace_context": {"yes"},
	}, http.StatusOK, "The endpoint was created.")
	path := made.Request.URL.Path
	before := endpointOf(t, tenant, path)
	for field, want := range map[string]string{
		"method": `"PUT"`, "envelope": `"cloudevents"`, "signing": `"both"`, "timeout": `"4s"`, "enabled": "false",
		"trace_context": "true",
		"rate_limit":    `{"per":"second","requests":7}`, "headers": `{"X-Team":"********"}`,
		"metadata": `{"team":"sales"}`, "filter": `"data.score == 3"`, "events": `["invoice.paid","lead.*"]`,
		"auth": `{"client_id":"me","client_secret":"********","scope":"a b",` +
			`"token_endpoint_auth_method":"client_secret_post","token_url":"https://example.com/token","type":"oauth2"}`,
		"retry_policy": `{"initial":"2s","jitter":0.1,"max_attempts":4,"max_interval":"1h","multiplier":3}`,
		"retry_policies": `{"invoice.*":{"jitter":0.2,"schedule":["5s","5m"]},` +
			`"lead.created":{"initial":"1s","jitter":0.2,"max_attempts":3,"multiplier":2}}`,
	} {
		got, err := json.Marshal(before[field])
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s: got %s, want %s", field, got, want)
		}
	}
	v.get(path + "/edit")
	v.submits(path+"/edit", fieldsOf(t, v.last, path+"/edit"), http.StatusOK, "Your changes were saved.")
	after := endpointOf(t, tenant, path)
	delete(before, "updated_at")
	delete(after, "updated_at")
	if !reflect.DeepEqual(before, after) {
		t.Errorf("endpoint after its form was saved unchanged: got %v, want %v", after, before)
	}
}

func endpointOf(t *testing.T, tenant *testkit.Client, path string) map[string]any {
	t.Helper()
	return testkit.Get[map[string]any](t, tenant, "/api/v1/webhooks/"+strings.TrimPrefix(path, "/app/endpoints/"))
}

// fieldsOf is what a browser sends when the form of a page with the action is submitted unchanged.
func fieldsOf(t *testing.T, page, action string) url.Values {
	t.Helper()
	root, err := nethtml.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	out := url.Values{}
	for n := range root.Descendants() {
		if n.DataAtom == atom.Form && attribute(n, "action") == action {
			for field := range n.Descendants() {
				if name := attribute(field, "name"); name != "" && field.DataAtom != atom.Button {
					out[name] = append(out[name], valuesOf(field)...)
				}
			}
		}
	}
	if len(out) == 0 {
		t.Fatalf("form %s: got none, want one on %s", action, page)
	}
	return out
}

func valuesOf(n *nethtml.Node) []string {
	switch n.DataAtom {
	case atom.Textarea:
		if n.FirstChild != nil {
			return []string{n.FirstChild.Data}
		}
		return []string{""}
	case atom.Select:
		chosen, first := "", true
		for option := range n.Descendants() {
			if option.DataAtom == atom.Option && (first || carries(option, "selected")) {
				chosen, first = optionValue(option), false
			}
		}
		return []string{chosen}
	}
	if kind := attribute(n, "type"); (kind == "checkbox" || kind == "radio") && !carries(n, "checked") {
		return nil
	}
	return []string{attribute(n, "value")}
}

func optionValue(n *nethtml.Node) string {
	if carries(n, "value") {
		return attribute(n, "value")
	}
	return strings.TrimSpace(n.FirstChild.Data)
}

func carries(n *nethtml.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func attribute(n *nethtml.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
