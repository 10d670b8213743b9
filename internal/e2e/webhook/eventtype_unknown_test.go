package webhook_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/testkit"
)

// misspelt is a request with a name that no event type has, and the field that names it.
type misspelt struct {
	method, path, field string
	body                object
}

// placesOf are the places where requests of tenants name event types.
func placesOf(hook, name string) []misspelt {
	get := func(path, field string) misspelt {
		return misspelt{http.MethodGet, path + "?" + field + "=" + url.QueryEscape(name), field, nil}
	}
	post := func(path, field string, body object) misspelt { return misspelt{http.MethodPost, path, field, body} }
	filter := object{"filter": object{"event_type": name}, "dry_run": true}
	compared := func(text string) object { return object{"filter": strings.ReplaceAll(text, "NAME", name)} }
	at := "/api/v1/webhooks/" + hook
	return []misspelt{
		get("/api/v1/webhooks/deliveries", "event_type"), get("/api/v1/webhooks/deliveries/stream", "event_type"),
		get("/api/v1/dead-letters", "event_type"), get("/api/v1/events", "type"),
		post("/api/v1/dead-letters/replay", "filter.event_type", filter),
		post("/api/v1/dead-letters/purge", "filter.event_type", filter),
		post(at+"/recover", "event_types[0]", object{"since": time.Now().Add(-time.Hour).UTC(),
			"event_types": []string{name}, "dry_run": true}),
		post(at+"/test", "event_type", object{"event_type": name}),
		post("/api/v1/events", "type", object{"type": name, "data": object{}}),
		{http.MethodPatch, at, "events[0]", object{"events": []string{name}}},
		{http.MethodPatch, at, "retry_policies." + name, object{"retry_policies": object{name: object{
			"max_attempts": 2}}}},
		{http.MethodPatch, at, "filter", compared(`event.type == "NAME"`)},
		{http.MethodPatch, at, "filter", compared(`data.x == 1 && "NAME" != event.type`)},
		{http.MethodPatch, at, "filter", compared(`has(data.x) || event.type in ["NAME"]`)},
		post("/api/v1/webhooks/filter-test", "filter", compared(`event.type == "NAME"`)),
	}
}

func TestAnEventTypeThatDoesNotExistIsRefusedWhereverItIsNamed(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	for name, names := range map[string]struct{ misspelt, near string }{
		"hookline": {"lead.creatd", "lead.created"}, "leadhooks": {"new_leed", "new_lead"},
		"inboxops": {"ticket.create", "ticket.created"}, "leadie": {"dm.sentt", "dm.sent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := p.NewOwner(t, name)
			hook := c.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, object{"events": []string{"*"}}).ID
			for _, r := range placesOf(hook, names.misspelt) {
				a := c.Call(t, r.method, r.path, r.body).Want(t, http.StatusBadRequest)
				d, hint := a.Problem(t).Error.Details, "did you mean "+names.near+"?"
				if len(d) != 1 || d[0].Field != r.field || !strings.Contains(d[0].Message, hint) {
					t.Errorf("%s %s %v: got %s, want the field %s and the name %s", r.method, r.path, r.body, a.Body,
						r.field, names.near)
				}
			}
			for _, r := range placesOf(hook, names.near) {
				if strings.HasSuffix(r.path, "/stream?event_type="+names.near) {
					continue // it does not end
				}
				if r.path == "/api/v1/events" && r.body != nil {
					r.body = object{"type": names.near, "data": object{"x": 1}}
				}
				if a := c.Call(t, r.method, r.path, r.body); a.Status == http.StatusBadRequest {
					t.Errorf("%s %s %v: got %s, want the name accepted", r.method, r.path, r.body, a.Body)
				}
			}
		})
	}
}

func TestNamesOfFiltersAreOfOwnTypesAndOfOneOrMore(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		register(t, c, nil)
		hook := c.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, object{
			"filter": `event.type in ["order.created", "lead.created", "delivery.dead"]`}).ID
		const log = "/api/v1/webhooks/deliveries?status=dead&event_type="
		for query, status := range map[string]int{"order.created": http.StatusOK, "": http.StatusOK,
			"order.created,lead.created,delivery.dead": http.StatusOK, "order.created,": http.StatusBadRequest,
			"lead.created,order.craeted": http.StatusBadRequest, "order.*": http.StatusBadRequest} {
			c.Call(t, http.MethodGet, log+query, nil).Want(t, status)
		}
		other.Call(t, http.MethodGet, log+"order.created", nil).Want(t, http.StatusBadRequest)
		a := c.Call(t, http.MethodGet, log+"order.craeted&limit=0", nil).Want(t, http.StatusBadRequest)
		const hint = "did you mean order.created?"
		if d := a.Problem(t).Error.Details; len(d) != 2 || !strings.Contains(string(a.Body), hint) {
			t.Errorf("two violations: got %s, want both, and the own type as the name that was meant", a.Body)
		}
		// A type that a filter names stays.
		c.Call(t, http.MethodDelete, "/api/v1/event-types/order.created", nil).Want(t, http.StatusConflict)
		c.Call(t, http.MethodPatch, "/api/v1/webhooks/"+hook, object{"filter": nil}).Want(t, http.StatusOK)
		const dead = "/admin/v1/dead-letters?event_type="
		for query, status := range map[string]int{"order.created": http.StatusOK, "new_lead": http.StatusBadRequest,
			"lead.creatd": http.StatusBadRequest, "lead.created": http.StatusOK} {
			p.Operator.Call(t, http.MethodGet, dead+query, nil).Want(t, status)
		}
		p.Operator.Call(t, http.MethodPost, "/admin/v1/dead-letters/replay", object{"filter": object{
			"event_type": "lead.creatd"}, "dry_run": true}).Want(t, http.StatusBadRequest)
	})
}
