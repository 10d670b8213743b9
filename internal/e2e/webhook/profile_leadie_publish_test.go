package webhook_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// message is an event to be published, with an id of the publisher's unless it is empty, whose data have the extra
// fields.
func message(id, text string, extra object) object {
	data := object{"platform": "instagram", "tracked_username": "a", "target_username": "b", "message": text,
		"occurred_at": "2026-01-28T09:00:00Z"}
	for name, v := range extra {
		data[name] = v
	}
	event := object{"type": "dm.sent", "data": data}
	if id != "" {
		event["id"] = id
	}
	return event
}

func TestUsersOfLeadieChooseTheIDsOfTheirEventsByThemselves(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		id := p.NewTenantOf(t, "leadie")
		ada, ben := newUser(t, p, id, "ada", "owner"), newUser(t, p, id, "ben", "developer")
		own := testkit.Post[api.Event](t, ada.Client, "/api/v1/events", message("", "of Ada", nil), http.StatusAccepted)
		for _, chosen := range []string{"order-1", own.ID} {
			texts := map[int64]string{ada.number: "of Ada", ben.number: "of Ben"}
			for _, u := range []user{ada, ben} {
				for range 2 { // the second time it is the event that exists
					got := testkit.Post[api.Event](t, u.Client, "/api/v1/events", message(chosen, texts[u.number], nil),
						http.StatusAccepted)
					if got.ID != chosen || !strings.Contains(string(got.Data), texts[u.number]) {
						t.Errorf("event %s of user %d: got %s %s, want the user's own", chosen, u.number, got.ID,
							got.Data)
					}
				}
			}
			for _, u := range []user{ada, ben} {
				got := testkit.Get[api.Event](t, u.Client, "/api/v1/events/"+chosen)
				if !strings.Contains(string(got.Data), texts[u.number]) {
					t.Errorf("GET event %s of user %d: got %s, want the user's own", chosen, u.number, got.Data)
				}
				u.Call(t, http.MethodPost, "/api/v1/events", message(chosen, "other", nil)).Want(t, http.StatusConflict)
				for _, d := range u.Deliveries(t, "&event_id="+chosen) {
					if d.WebhookID != u.hook {
						t.Errorf("deliveries of event %s of user %d: got %+v, want none of other users", chosen,
							u.number, d)
					}
				}
			}
		}
		bulk := testkit.Post[api.EventBulkResult](t, ben.Client, "/api/v1/events/bulk", object{"events": []object{
			message("order-2", "x", nil), message("order-2", "x", nil), message("order-1", "y", nil)}}, http.StatusOK)
		if bulk.Meta.Accepted != 2 || bulk.Data[2].Status != api.EventBulkRowStatusConflict {
			t.Errorf("bulk: got %+v, want the repetition accepted, and a conflict with the user's own event", bulk)
		}
	})
}

func TestAnEventOfLeadieNamesNoOtherUser(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		id := p.NewTenantOf(t, "leadie")
		ada, ben := newUser(t, p, id, "ada", "admin"), newUser(t, p, id, "ben", "developer")
		named := func(n any) object { return message("", "x", object{"user_id": n}) }
		for _, wrong := range []struct {
			u user
			n any
		}{{ben, ada.number}, {ben, 0}, {ben, 1.5}, {ben, -1}, {ada, ben.number + 1}, {ada, 0}, {ada, 1.5}} {
			a := wrong.u.Call(t, http.MethodPost, "/api/v1/events", named(wrong.n)).Want(t, http.StatusBadRequest)
			if d := a.Problem(t).Error.Details; len(d) != 1 || d[0].Field != "data.user_id" {
				t.Errorf("user_id %v by user %d: got %s, want the field data.user_id", wrong.n, wrong.u.number, a.Body)
			}
		}
		bulk := testkit.Post[api.EventBulkResult](t, ben.Client, "/api/v1/events/bulk", object{"events": []object{
			named(ada.number), named(ben.number)}}, http.StatusOK)
		if bulk.Data[0].Errors[0].Field != "events[0].data.user_id" || bulk.Meta.Accepted != 1 {
			t.Errorf("bulk: got %+v, want the event of another user refused and the own accepted", bulk)
		}
		// What an admin publishes for a member is that member's; a field of another name, or a text, names nobody.
		testkit.Post[api.Event](t, ada.Client, "/api/v1/events", named(ben.number), http.StatusAccepted)
		testkit.Post[api.Event](t, ben.Client, "/api/v1/events", message("", "x", object{"USER_ID": ada.number}),
			http.StatusAccepted)
		testkit.Post[api.Event](t, ben.Client, "/api/v1/events", named(strconv.FormatInt(ada.number, 10)),
			http.StatusAccepted)
		for range 4 {
			var body struct {
				UserID int64 `json:"user_id"`
			}
			if err := json.Unmarshal(ben.receiver.Next(t).Body, &body); err != nil || body.UserID != ben.number {
				t.Errorf("event: got user %d (%v), want %d", body.UserID, err, ben.number)
			}
		}
		p.Await(t, "the deliveries to end", func() bool { return len(ben.Deliveries(t, "&status=succeeded")) == 4 })
		if n := ada.receiver.Count(); n != 0 {
			t.Errorf("requests at Ada's endpoint: got %d, want none: the events are Ben's", n)
		}
	})
}
