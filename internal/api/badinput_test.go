package api_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// fields lists where an answer says that something is wrong.
func fields(t *testing.T, a testkit.Answer) string {
	t.Helper()
	var out []string
	for _, d := range a.Problem(t).Error.Details {
		if d.Message == "" {
			t.Errorf("violations: got one without a message, want a message: %s", a.Body)
		}
		out = append(out, d.Field)
	}
	return strings.Join(out, " ")
}

func TestBadInputIsRefusedWithEveryViolationNamed(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		method, path, body string
		status             int
		fields             string // each must be named
	}{
		"an unknown event type": {"POST", "/events", `{"type":"lead.exploded","data":{}}`, 400, "type"},
		"data that does not fit": {"POST", "/events",
			`{"type":"job.completed","data":{"job_id":"x","job_type":"a","status":"b"}}`, 422,
			"data.job_id data.started_at"},
		"an event id with a dot": {"POST", "/events", `{"id":"a.b","type":"lead.created","data":{}}`, 400,
			"id"},
		"a URL that is none": {"POST", "/webhooks", `{"url":"nonsense","events":["*"]}`, 400, "url"},
		"a URL with credentials": {"POST", "/webhooks", `{"url":"https://user:pw@example.com/","events":["*"]}`,
			400, "url"},
		"a private address": {"POST", "/webhooks", `{"url":"http://10.1.2.3/","events":["*"]}`, 400,
			"url"},
		"the metadata address": {"POST", "/webhooks",
			`{"url":"http://169.254.169.254/latest","events":["*"]}`, 400, "url"},
		"everything wrong with a hook": {"POST", "/webhooks",
			`{"url":"ftp://x","events":["nope","*","*"],"headers":{"Host":"x","A b":"y","X-Ok":"a\nb"},"retry_policy":{"schedule":["1s"],"initial":"1s"}}`, 400, "url events[0] events[2] headers.Host headers.A b headers.X-Ok retry_policy"},
		"a method that is not offered": {"POST", "/webhooks",
			`{"url":"https://example.com","events":["*"],"method":"DELETE"}`, 400, "method"},
		"a duration that is none": {"POST", "/webhooks",
			`{"url":"https://example.com","events":["*"],"retry_policy":{"schedule":["soon"]}}`, 400,
			"retry_policy.schedule[0]"},
		"a wait of a year": {"POST", "/webhooks",
			`{"url":"https://example.com","events":["*"],"retry_policy":{"schedule":["365d"]}}`, 400,
			"retry_policy.schedule"},
		"a masked header without value": {"POST", "/webhooks",
			`{"url":"https://example.com","events":["*"],"headers":{"X-A":"********"}}`, 400, "headers.X-A"},
		"unknown fields, and a bad type": {"POST", "/leads", `{"emial":"x","nmae":"y","score":"high"}`, 400,
			"emial nmae score"},
		"a bad email and a long name": {"POST", "/leads", `{"email":"not-an-address","name":"` + strings.Repeat("n",
			201) + `"}`, 400, "email name"},
		"a whole number as a fraction": {"POST", "/leads", `{"score":1.5}`, 400, "score"},
		"a header in two spellings": {"POST", "/webhooks",
			`{"url":"https://example.com","events":["*"],"headers":{"X-A":"1","x-a":"2"}}`, 400, "headers.x-a"},
		"a NUL character": {"POST", "/events", `{"type":"lead.created","data":{"a":"b\u0000"}}`, 400,
			"data.a"},
		"nothing":          {"POST", "/leads", `{}`, 400, ""},
		"trailing garbage": {"POST", "/leads", `{"name":"a"} x`, 400, ""},
		"a second value":   {"POST", "/leads", `{"name":"a"}{"name":"b"}`, 400, ""},
		"duplicate keys":   {"POST", "/leads", `{"name":"a","name":"b"}`, 400, "name"},
		"duplicate keys deep down": {"POST", "/events", `{"type":"lead.created","data":{"a":{"b":1,"b":2}}}`, 400,
			"data.a.b"},
		"invalid UTF-8":                 {"POST", "/leads", "{\"name\":\"\xff\"}", 400, ""},
		"page 0 and per_page 101":       {"GET", "/leads?page=0&per_page=101", ``, 400, "page per_page"},
		"a page that is no number":      {"GET", "/leads?page=one", ``, 400, "page"},
		"a bad cursor":                  {"GET", "/events?cursor=bm9uc2Vuc2U", ``, 400, "cursor"},
		"a cursor with a NUL character": {"GET", "/events?cursor=MC5hAGI", ``, 400, "cursor"},
		"a cursor that is no text":      {"GET", "/webhooks/deliveries?cursor=MC7__g", ``, 400, "cursor"},
		"a filter that is no text":      {"GET", "/webhooks/deliveries?webhook_id=%ff", ``, 400, "webhook_id"},
		"an id that is no text":         {"GET", "/leads/%ff", ``, 404, ""},
		"a page beyond all pages":       {"GET", "/leads?page=9223372036854775807", ``, 400, "page"},
		"a status that is none":         {"GET", "/webhooks/deliveries?status=none", ``, 400, "status"},
		"an unknown permission": {"POST", "/keys", `{"name":"x","permissions":["write:everything"]}`, 400,
			"permissions[0]"},
		"an unknown id":                {"GET", "/leads/lead_01jd4x2m9qe4fv0w3n7q1x5z8k", ``, 404, ""},
		"an id with odd characters":    {"GET", "/leads/%2e%2e%2fkeys", ``, 404, ""},
		"an unknown event type's page": {"GET", "/event-types/nope", ``, 404, ""},
	}
	tenant := testkit.Shared(t, testkit.Servers).NewTenant(t, "business")
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var body any
			if c.body != "" {
				body = c.body
			}
			a := tenant.Call(t, c.method, "/api/v1"+c.path, body).Want(t, c.status)
			got := " " + fields(t, a) + " "
			for _, want := range strings.Fields(strings.ReplaceAll(c.fields, "A b", "A~b")) {
				if want = strings.ReplaceAll(want, "~", " "); !strings.Contains(got, " "+want+" ") {
					t.Errorf("%q is not named in %s", want, a.Body)
				}
			}
			if c.status == 400 && len(a.Problem(t).Error.Details) == 0 {
				t.Errorf("details: got none, want the violations: %s", a.Body)
			}
		})
	}
}

func TestABodyOfTenMegabytesIsRefusedAndTheNextRequestWorks(t *testing.T) {
	t.Parallel()
	tenant := testkit.Shared(t, testkit.Embedded).NewTenant(t, "business")
	body := fmt.Sprintf(`{"name":%q}`, strings.Repeat("n", 10<<20))
	a := tenant.Call(t, http.MethodPost, "/api/v1/leads", body).Want(t, http.StatusRequestEntityTooLarge)
	if a.Problem(t).Error.Code != gen.ErrorErrorCodePayloadTooLarge {
		t.Errorf("body of 10 MB: got %s, want payload_too_large", a.Body)
	}
	tenant.NewLead(t, "after@example.com")
}

func TestUnknownPathsAndMethodsAnswerInTheOneForm(t *testing.T) {
	t.Parallel()
	tenant := testkit.Shared(t, testkit.Servers).NewTenant(t, "business")
	a := tenant.Call(t, http.MethodGet, "/api/v1/nothing", nil).Want(t, http.StatusNotFound)
	if a.Problem(t).Error.Code != gen.ErrorErrorCodeNotFound ||
		a.Problem(t).Error.RequestID != a.Header.Get("X-Request-Id") {
		t.Errorf("unknown path: got %s, want not_found with the request id of the header", a.Body)
	}
	a = tenant.Call(t, http.MethodDelete, "/api/v1/me", nil).Want(t, http.StatusMethodNotAllowed)
	allowed := a.Header.Get("Allow")
	if a.Problem(t).Error.Code != gen.ErrorErrorCodeMethodNotAllowed || allowed != "OPTIONS, GET, HEAD" {
		t.Errorf("unknown method: got %s, Allow: %s, want method_not_allowed, with GET and HEAD allowed", a.Body, allowed)
	}
	tenant.Call(t, http.MethodOptions, "/api/v1/nothing", nil).Want(t, http.StatusNotFound)
	a = tenant.Call(t, http.MethodOptions, "/api/v1/leads/nope", nil).Want(t, http.StatusNoContent)
	if allowed := a.Header.Get("Allow"); !strings.Contains(allowed, "PATCH") {
		t.Errorf("OPTIONS of a lead that does not exist: got Allow: %s, want the methods of its path", allowed)
	}
}

func TestAPathThatIsNoTextIsUnknown(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		tenant := testkit.Shared(t, e).NewTenant(t, "business")
		for _, name := range []string{"%FF", "%25%FF", "%00", "a%C0%AF"} {
			for _, list := range []string{"/api/v1/keys/", "/api/v1/event-types/"} {
				tenant.Call(t, http.MethodGet, list+name, nil).Want(t, http.StatusNotFound)
			}
		}
	})
}

func TestHeadIsAnsweredAsGetWithoutTheBody(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		key := p.NewTenant(t, "business").Key()
		for path, want := range map[string]int{
			"/api/v1/openapi.json": http.StatusOK,
			"/docs":                http.StatusOK, "/app/login": http.StatusOK, "/api/v1/leads": http.StatusOK,
			"/api/v1/leads?per_page=none": http.StatusBadRequest, "/api/v1/nothing": http.StatusNotFound,
			"/api/v1/webhooks/deliveries/stream": http.StatusOK,
			"/api/v1/webhooks/whe_1/test":        http.StatusMethodNotAllowed,
		} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodHead, p.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+key)
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if response.StatusCode != want || len(body) > 0 || err != nil ||
				response.Header.Get("Content-Type") == "" {
				t.Errorf("HEAD %s: got %d, %q with %d bytes, %v, want %d and the type of GET's body without it", path,
					response.StatusCode, response.Header.Get("Content-Type"), len(body), err, want)
			}
		}
	})
}

func TestTheKeyIsTakenFromEitherHeaderAndNotFromTwoThatDiffer(t *testing.T) {
	t.Parallel()
	tenant := testkit.Shared(t, testkit.Embedded).NewTenant(t, "business")
	tenant.Call(t, http.MethodGet, "/api/v1/me", nil).Want(t, http.StatusOK)
	tenant.Call(t, http.MethodGet, "/api/v1/me", nil, "Authorization", "", "X-Api-Key", tenant.Key()).
		Want(t, http.StatusOK)
	tenant.Call(t, http.MethodGet, "/api/v1/me", nil, "X-Api-Key", tenant.Key()).Want(t, http.StatusOK)
	tenant.Call(t, http.MethodGet, "/api/v1/me", nil, "X-Api-Key", "another").Want(t, http.StatusUnauthorized)
	tenant.Call(t, http.MethodGet, "/api/v1/me", nil, "Authorization", "Basic "+tenant.Key()).
		Want(t, http.StatusUnauthorized)
}
