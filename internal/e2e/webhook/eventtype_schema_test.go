package webhook_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestAChangeThatWouldBreakConsumersIsRefusedWithEveryPlace(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		register(t, c, nil)
		schema := func() object { return order(nil)["schema"].(object) }
		broken := schema()
		broken["required"] = []string{"number"}
		delete(broken["properties"].(object), "lines")
		broken["properties"].(object)["currency"] = object{"enum": []string{"EUR", "USD", "CHF"}}
		a := c.Call(t, http.MethodPatch, types+"/order.created", object{"schema": broken, "description": "Other"}).
			Want(t, http.StatusConflict)
		var fields []string
		for _, d := range a.Problem(t).Error.Details {
			fields = append(fields, d.Field)
		}
		if got := strings.Join(fields,
			" "); got != "schema.properties.currency.enum schema.properties.lines schema.required" ||
			!strings.Contains(a.Problem(t).Error.Message, "order.created.v2") {
			t.Errorf("got %s, want the three violations and a new name", a.Body)
		}
		if kept := testkit.Get[api.EventType](t, c, types+
			"/order.created"); kept.Description != "An order was placed." {
			t.Errorf("type after a refused change: got %+v, want it unchanged", kept)
		}

		better := schema()
		better["required"] = []string{"number", "total", "placed_at"}
		better["properties"].(object)["placed_at"] = object{"type": "string", "format": "date-time"}
		better["properties"].(object)["coupon"] = object{"type": "string"}
		a = c.Call(t, http.MethodPatch, types+"/order.created", object{"schema": better}).
			Want(t, http.StatusUnprocessableEntity)
		if details(t, a) != "sample.placed_at is required" {
			t.Errorf("sample without a new field: got %s, want sample.placed_at", a.Body)
		}
		sample := object{"number": "A-1", "total": 1, "placed_at": "2026-11-21T09:00:00Z"}
		c.Call(t, http.MethodPatch, types+"/order.created", object{"schema": better, "sample": sample}).
			Want(t, http.StatusOK)
		a = c.Call(t, http.MethodPost, publishPath, object{"type": "order.created", "data": object{"number": "A-1",
			"total": 1}}).Want(t, http.StatusUnprocessableEntity)
		if details(t, a) != "data.placed_at is required" {
			t.Errorf("event without a new field: got %s, want data.placed_at", a.Body)
		}
		c.Call(t, http.MethodPost, publishPath, object{"type": "order.created", "data": sample}).
			Want(t, http.StatusAccepted)
	})
}

func TestASchemaThatCantBeUsedIsRefusedWithItsPlaces(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		for schema, want := range map[string]string{
			`{"type":"object","properties":{"a":{"type":"text"}}}`:       "schema.properties.a.type",
			`{"type":"object","properties":{"a":{"$ref":"http://x/y"}}}`: "schema.properties.a.$ref",
			`{"type":"object","properties":{"a":{"pattern":"(?=a)"}}}`:   "schema.properties.a.pattern",
			`{"type":"array"}`: "schema.type",
			`{}`:               "schema.type",
		} {
			body := order(object{"schema": json.RawMessage(schema)})
			a := c.Call(t, http.MethodPost, types, body).Want(t, http.StatusBadRequest)
			if got := a.Problem(t).Error.Details; len(got) != 1 || got[0].Field != want {
				t.Errorf("%s: got %s, want the field %s", schema, a.Body, want)
			}
		}
		a := c.Call(t, http.MethodPost, types, order(object{"sample": object{"number": 1}})).
			Want(t, http.StatusUnprocessableEntity)
		if details(t, a) != "sample.number must be a string; sample.total is required" {
			t.Errorf("got %s, want both violations of the sample", a.Body)
		}
	})
}
