package api_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/testkit"
)

// operation is an operation of the contract with what it takes to call it.
type operation struct {
	contract.Rule
	body    any // the contract's example; nil when it takes none
	methods string
}

// operations walks the contract.
func operations(t *testing.T) []operation {
	t.Helper()
	var out []operation
	for path, item := range testkit.Whole().Paths.Map() {
		for method, op := range item.Operations() {
			o := operation{Rule: testkit.Contract().Rules[op.OperationID], methods: method}
			if o.Path != path {
				t.Fatalf("rule of %s: got path %q, want %q", op.OperationID, o.Path, path)
			}
			if op.RequestBody != nil {
				o.body = example(t, op)
			}
			out = append(out, o)
		}
	}
	if len(out) < 30 {
		t.Fatalf("operations: got %d, want at least 30", len(out))
	}
	slices.SortFunc(out, func(a, b operation) int { return strings.Compare(a.OperationID, b.OperationID) })
	return out
}

func example(t *testing.T, op *openapi3.Operation) any {
	t.Helper()
	media := op.RequestBody.Value.Content["application/json"]
	if media == nil || media.Example == nil {
		t.Fatalf("example of the body of %s: got none, want one", op.OperationID)
	}
	return media.Example
}

var parameter = regexp.MustCompile(`\{[^}]+\}`)

// at fills the path's parameters.
func (o operation) at(id string) string { return parameter.ReplaceAllString(o.Path, id) }

func (o operation) tenantOnly() bool { return !o.Public && o.Permission != contract.Operator }

func TestEveryOperationAsksForAKey(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	revoked := p.NewTenant(t, "business")
	me := testkit.Get[gen.Me](t, revoked, "/api/v1/me")
	revoked.Call(t, http.MethodDelete, "/api/v1/keys/"+me.Key.ID, nil).Want(t, http.StatusNoContent)
	for _, o := range operations(t) {
		for name, key := range map[string]string{
			"no key": "", "a malformed key": "hk_live_nonsense", "a key with a wrong checksum": "hk_live_" +
				strings.Repeat("a", 36),
			"an unknown operator key": "hk_op_" + strings.Repeat("a", 40), "a revoked key": revoked.Key(),
		} {
			a := testkit.NewClient(p.URL, key).Call(t, o.methods, o.at("x"), o.body)
			if o.Public {
				if a.Status == http.StatusUnauthorized {
					t.Errorf("public operation %s: got 401, want no key to be required", o.OperationID)
				}
				continue
			}
			if a.Status != http.StatusUnauthorized || a.Header.Get("WWW-Authenticate") == "" ||
				a.Problem(t).Error.Code != gen.ErrorErrorCodeUnauthorized {
				t.Errorf("%s with %s: got %d %s, want 401 with WWW-Authenticate", o.OperationID, name, a.Status,
					a.Body)
			}
		}
	}
}

// TestAKeyInTheURLIsRefusedByEveryOperation because URLs are logged everywhere, also those of what needs no key.
func TestAKeyInTheURLIsRefusedByEveryOperation(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	tenant := p.NewTenant(t, "business")
	for _, o := range operations(t) {
		for _, key := range []string{tenant.Key(), p.Operator.Key()} {
			client := testkit.NewClient(p.URL, "")
			switch {
			case o.Permission == contract.Operator:
				client = p.Operator
			case !o.Public:
				client = tenant
			}
			a := client.Call(t, o.methods, o.at("x")+"?api_key="+key, o.body).Want(t, http.StatusBadRequest)
			if got := a.Problem(t).Error; len(got.Details) != 1 || got.Details[0].Field != "api_key" ||
				!strings.Contains(got.Details[0].Message, "Revoke this key") || strings.Contains(string(a.Body),
				key) {
				t.Errorf("%s with a key in the URL: got %s, want api_key named, and the key not repeated",
					o.OperationID, a.Body)
			}
		}
	}
}

// TestEveryOperationAsksForItsPermissionAndNoOther calls each operation with a key that has only its permission, and
// with a key that has all the others.
func TestEveryOperationAsksForItsPermissionAndNoOther(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	id := testkit.TenantOf(t, p.NewTenant(t, "business"))
	all := testkit.Contract().Permissions()
	only, others := map[string]*testkit.Client{}, map[string]*testkit.Client{}
	for _, permission := range append([]string{contract.Authenticated, contract.Operator}, all...) {
		rest := slices.DeleteFunc(slices.Clone(all), func(p string) bool { return p == permission })
		others[permission] = p.NewKey(t, id, "live", rest...)
		if only[permission] = others[permission]; len(rest) < len(all) {
			only[permission] = p.NewKey(t, id, "live", permission)
		}
	}
	for _, o := range operations(t) {
		if o.Public {
			continue
		}
		for name, c := range map[string]struct {
			client  *testkit.Client
			allowed bool
		}{
			"its permission": {only[o.Permission], o.Permission != contract.Operator},
			"all others":     {others[o.Permission], o.Permission == contract.Authenticated},
		} {
			a := c.client.Call(t, o.methods, o.at("x"), o.body)
			if refused := a.Status == http.StatusForbidden && !beyond(t, a); refused == c.allowed {
				t.Errorf("%s with %s (%s) answered %d, want allowed: %t", o.OperationID, name, o.Permission, a.Status,
					c.allowed)
			}
			if a.Status == http.StatusUnauthorized || a.Status >= 500 {
				t.Errorf("%s with %s: got %d, want neither 401 nor an internal error: %s", o.OperationID, name,
					a.Status, a.Body)
			}
		}
	}
}

// beyond reports whether the operation was allowed but would have granted more than the key has.
func beyond(t *testing.T, a testkit.Answer) bool {
	t.Helper()
	return strings.Contains(a.Problem(t).Error.Message, "has more permissions than this key")
}

func TestOperatorsAndTenantsCantUseEachOthersOperations(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	tenant := p.NewTenant(t, "enterprise")
	for _, o := range operations(t) {
		if o.Public {
			continue
		}
		stranger := p.Operator
		if o.Permission == contract.Operator {
			stranger = tenant
		}
		a := stranger.Call(t, o.methods, o.at("x"), o.body)
		if a.Status != http.StatusForbidden || a.Problem(t).Error.Code != gen.ErrorErrorCodeForbidden {
			t.Errorf("%s: got %d %s, want 403 forbidden", o.OperationID, a.Status, a.Body)
		}
	}
}

func TestAPlanWithoutTheEntitlementIsToldWhichOneIsMissing(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	for _, plan := range []string{"free", "pro"} {
		tenant := p.NewTenant(t, plan)
		for _, o := range operations(t) {
			if !o.tenantOnly() {
				continue
			}
			a := tenant.Call(t, o.methods, o.at("x"), o.body)
			if o.Entitlement == "" {
				want := http.StatusOK
				if parameter.MatchString(o.Path) { // nothing has the id
					want = http.StatusNotFound
				}
				a.Want(t, want)
				continue
			}
			problem := a.Problem(t).Error
			if a.Status != http.StatusForbidden || problem.Code != gen.ErrorErrorCodeEntitlementRequired ||
				!strings.Contains(problem.Message, o.Entitlement) {
				t.Errorf("%s on %s: got %d %s, want 403 entitlement_required for %s", o.OperationID, plan, a.Status,
					a.Body, o.Entitlement)
			}
		}
	}
}

func TestAnInvalidBodyIsRefusedByEveryOperationThatTakesOne(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	tenant := p.NewTenant(t, "business")
	for _, o := range operations(t) {
		if !o.Body {
			continue
		}
		client := tenant
		if o.Permission == contract.Operator {
			client = p.Operator
		}
		for _, body := range []string{`{"no_such_field":1}`, `[]`, `"text"`, `null`, `{`, ` `, ``} {
			if body == "" && o.OptionalBody {
				continue
			}
			a := client.Call(t, o.methods, o.at("x"), body)
			if o.Public { // switched off in this program, and nothing is said of a body that is not signed
				if a.Status != http.StatusNotFound || len(a.Problem(t).Error.Details) > 0 {
					t.Errorf("%s with %q: status %d, want 404 without details: %s", o.OperationID, body, a.Status,
						a.Body)
				}
				continue
			}
			if a.Status != http.StatusBadRequest || len(a.Problem(t).Error.Details) == 0 {
				t.Errorf("%s with %q: got %d %s, want 400 with details", o.OperationID, body, a.Status, a.Body)
			}
		}
		a := client.Call(t, o.methods, o.at("x"), o.body, "Content-Type", "text/plain")
		if a.Status != http.StatusUnsupportedMediaType {
			t.Errorf("%s as text/plain: got %d, want 415", o.OperationID, a.Status)
		}
	}
}

// TestASecondTenantSeesNothing gives one tenant one of everything and tries every operation with the other's ids.
func TestASecondTenantSeesNothing(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		owner, stranger := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		ownerID := testkit.Get[gen.Me](t, owner, "/api/v1/me").Tenant.ID
		testkey := p.NewKey(t, ownerID, "test", "*")
		receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, _ int) {
			w.WriteHeader(500)
		})
		ids := map[string]string{
			"key_id": testkit.Get[gen.Me](t, owner, "/api/v1/me").Key.ID,
			"webhook_id": owner.NewEndpoint(t, receiver.URL,
				map[string]any{"retry_policy": map[string]any{"initial": "1s", "max_attempts": 1}}).ID,
			"lead_id": owner.NewLead(t, "ada@example.com").ID,
			"member_id": testkit.Post[gen.Member](t, owner, "/api/v1/members",
				map[string]any{"email": "ada@example.com", "name": "Ada", "role": "viewer"}, http.StatusCreated).ID,
		}
		ids["session_id"] = testkit.Post[gen.PortalSession](t, p.Operator, "/admin/v1/tenants/"+ownerID+
			"/portal-sessions", map[string]any{"environment": "live"}, http.StatusCreated).ID
		ids["inbox_id"] = p.NewInbox(t, owner, "Support").ID
		d := p.AwaitDelivery(t, owner, gen.DeliveryStatusDead)
		ids["delivery_id"], ids["event_id"] = d.ID, d.EventID
		ids["job_id"] = testkit.Post[gen.Job](t, owner, "/api/v1/dead-letters/purge",
			map[string]any{"filter": map[string]any{"event_type": "dm.failed"}}, http.StatusAccepted).ID
		ids["alert_channel_id"] = testkit.Post[gen.AlertChannel](t, owner, "/api/v1/alert-channels",
			map[string]any{"type": "slack", "target": receiver.URL}, http.StatusCreated).ID
		tracked(t, owner, ids)
		ids["social_post_id"] = testkit.Post[gen.AgentRun](t, owner, "/api/v1/social-posts/generate",
			map[string]any{"topic": "Leads", "platform": "x"}, http.StatusAccepted).PostID
		run := testkit.Post[gen.AgentRun](t, owner, "/api/v1/blog-posts/generate", map[string]any{"topic": "Leads"},
			http.StatusAccepted)
		ids["blog_post_id"], ids["agent_run_id"] = run.PostID, run.ID
		ids["alert_id"] = testkit.Get[gen.AlertList](t, owner, "/api/v1/alerts").Data[0].ID // of the dead letter

		ids["ticket_id"] = owner.NewTicket(t, ids["inbox_id"], nil).ID
		ids["type"] = testkit.Post[gen.EventType](t, owner, "/api/v1/event-types", map[string]any{
			"type": "order.created", "description": "An order was placed.", "schema": map[string]any{"type": "object"},
			"sample": map[string]any{},
		}, http.StatusCreated).Type

		for _, intruder := range []*testkit.Client{stranger, testkey} {
			for _, o := range operations(t) {
				name := strings.Trim(parameter.FindString(o.Path), "{}")
				if !o.tenantOnly() || name == "" || name == "email" { // an address is everybody's to use
					continue
				}
				if ids[name] == "" {
					t.Fatalf("%s has the parameter %s: got no id for it, want one in this test", o.OperationID, name)
				}
				foreign := intruder.Call(t, o.methods, o.at(ids[name]), o.body)
				missing := intruder.Call(t, o.methods, o.at("nothing"), o.body)
				if foreign.Status != http.StatusNotFound || missing.Status != http.StatusNotFound ||
					!sameProblem(t, foreign, missing) {
					t.Errorf("%s: got %d %s for another tenant's id and %d %s for a missing one, want the same "+
						"404", o.OperationID, foreign.Status, foreign.Body, missing.Status, missing.Body)
				}
			}
			for _, path := range []string{"/api/v1/leads", "/api/v1/events", "/api/v1/webhooks",
				"/api/v1/webhooks/deliveries", "/api/v1/dead-letters", "/api/v1/jobs", "/api/v1/alerts",
				"/api/v1/alert-channels", "/api/v1/tickets", "/api/v1/inboxes", "/api/v1/tags",
				"/api/v1/tracked-accounts", "/api/v1/stats", "/api/v1/tracker", "/api/v1/direct-messages",
				"/api/v1/tracker/jobs", "/api/v1/blog-posts", "/api/v1/social-posts", "/api/v1/event-types?own=true",
				"/api/v1/sessions"} {
				list := testkit.Get[struct{ Data []json.RawMessage }](t, intruder, path)
				if len(list.Data) != 0 {
					t.Errorf("%s: got %s, want none of another tenant", path, list.Data)
				}
			}
		}
		owner.Call(t, http.MethodGet, "/api/v1/leads/"+ids["lead_id"], nil).Want(t, http.StatusOK)
	})
}

// tracked makes one of everything that tracking has.
func tracked(t *testing.T, c *testkit.Client, ids map[string]string) {
	t.Helper()
	post := func(path string, body map[string]any, status int) string {
		return testkit.Post[struct{ ID string }](t, c, "/api/v1"+path, body, status).ID
	}
	ids["tracked_account_id"] = post("/tracked-accounts", map[string]any{"platform": "x", "account_id": "1",
		"username": "ada"}, http.StatusCreated)
	account := "/tracked-accounts/" + ids["tracked_account_id"]
	ids["snapshot_id"] = post(account+"/snapshots", map[string]any{"follower_count": 1, "following_count": 1,
		"posts_count": 1, "follower_list": true}, http.StatusCreated)
	ids["direct_message_id"] = post(account+"/direct-messages", map[string]any{"target_username": "b", "message": "c"},
		http.StatusAccepted)
	ids["tracker_job_id"] = post("/tracker/jobs", map[string]any{"job_type": "hashtag"}, http.StatusAccepted)
}

func sameProblem(t *testing.T, a, b testkit.Answer) bool {
	t.Helper()
	x, y := a.Problem(t).Error, b.Problem(t).Error
	x.RequestID, y.RequestID = "", ""
	rawX, _ := json.Marshal(x)
	rawY, _ := json.Marshal(y)
	return string(rawX) == string(rawY)
}
