package resource_test

import (
	"net/http"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/testkit"
)

func TestTicketsInboxesAndTagsAreFoundByTheirUUIDsToo(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewOwner(t, "inboxops")
		uuid := func(typeID string) string {
			u, err := id.Parse(typeID)
			if err != nil {
				t.Fatal(err)
			}
			return u.String()
		}
		inbox := p.NewInbox(t, c, "Support")
		made := testkit.Post[api.Ticket](t, c, "/api/v1/tickets", object{"subject": "x", "inbox_id": uuid(inbox.ID)},
			http.StatusCreated)
		if made.InboxID != inbox.ID {
			t.Errorf("ticket: got the inbox %s, want %s", made.InboxID, inbox.ID)
		}
		if i := testkit.Get[api.Inbox](t, c, "/api/v1/inboxes/"+uuid(inbox.ID)); i.ID != inbox.ID {
			t.Errorf("inbox by its UUID: got %s, want %s", i.ID, inbox.ID)
		}
		if n := testkit.Get[api.TicketList](t, c, "/api/v1/tickets?inbox_id="+uuid(inbox.ID)).Meta.Total; n != 1 {
			t.Errorf("tickets of the inbox by its UUID: got %d, want 1", n)
		}
		path := "/api/v1/tickets/" + uuid(made.ID)
		if got := testkit.Get[api.Ticket](t, c, path); got.ID != made.ID {
			t.Errorf("ticket by its UUID: got %s, want %s", got.ID, made.ID)
		}
		patchTicket(t, c, uuid(made.ID), object{"status": "pending", "inbox_id": uuid(inbox.ID)}, http.StatusOK)
		testkit.Post[api.Message](t, c, path+"/messages", object{"type": "internal_note", "body_text": "x"},
			http.StatusCreated)
		tags := testkit.Into[api.TagList](t, c.Call(t, http.MethodPost, path+"/tags", object{"tag_name": "vip"}))
		tag := path + "/tags/" + uuid(tags.Data[0].ID)
		c.Call(t, http.MethodDelete, tag, nil).Want(t, http.StatusNoContent)
		c.Call(t, http.MethodPost, path+"/tags", object{"tag_id": uuid(tags.Data[0].ID)})
		if n := len(testkit.Get[api.TagList](t, c, path+"/tags").Data); n != 1 {
			t.Errorf("tags given by UUID: got %d, want 1", n)
		}
		p.NewOwner(t, "inboxops").Call(t, http.MethodGet, path, nil).Want(t, http.StatusNotFound)
	})
}
