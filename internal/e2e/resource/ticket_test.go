package resource_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func patchTicket(t *testing.T, c *testkit.Client, ref string, fields object, status int) testkit.Answer {
	t.Helper()
	return c.Call(t, http.MethodPatch, "/api/v1/tickets/"+ref, fields).Want(t, status)
}

// ticketEvents lists the types of the tenant's events, oldest first.
func ticketEvents(t *testing.T, c *testkit.Client) []string {
	t.Helper()
	var out []string
	for _, e := range testkit.Get[api.EventList](t, c, "/api/v1/events?limit=100").Data {
		out = append(out, e.Type)
		testkit.FitsEvent(t, e.Type, e.Data)
	}
	slices.Sort(out) // events of one change have one time
	return out
}

func TestTicketsAreNumberedWithoutGapsWhateverFails(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e)
		c, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		inbox := p.NewInbox(t, c, "Support").ID
		const calls = 50
		numbers := make([]string, calls)
		var all sync.WaitGroup
		together := make(chan struct{})
		for i := range calls {
			body := object{"subject": fmt.Sprint(i), "inbox_id": inbox}
			if i%5 == 4 {
				body["inbox_id"] = "ibx_nothing"
			}
			var headers []string
			if i%3 == 0 { // in a transaction around it
				headers = []string{"Idempotency-Key", fmt.Sprint(i)}
			}
			all.Go(func() {
				<-together
				a := c.Call(t, http.MethodPost, "/api/v1/tickets", body, headers...)
				switch {
				case i%5 == 4 && a.Status != http.StatusUnprocessableEntity, i%5 != 4 && a.Status != http.StatusCreated:
					t.Errorf("ticket %d: got %d %s, want 201, and 422 for every fifth", i, a.Status, a.Body)
				case a.Status == http.StatusCreated:
					numbers[i] = testkit.Into[api.Ticket](t, a).TicketNumber
				}
			})
		}
		close(together)
		all.Wait()

		// A ticket that fails after it took its number gives it back.
		p.RenameTable(t, "tickets", "tickets_away")
		c.Call(t, http.MethodPost, "/api/v1/tickets", object{"subject": "x", "inbox_id": inbox}).
			Want(t, http.StatusInternalServerError)
		p.RenameTable(t, "tickets_away", "tickets")
		numbers = append(numbers, c.NewTicket(t, inbox, nil).TicketNumber)

		var got []int
		for _, n := range numbers {
			var i int
			if _, err := fmt.Sscanf(n, "TCK-%d", &i); n != "" && err != nil {
				t.Fatalf("number: got %q, want TCK- and a number", n)
			} else if n != "" {
				got = append(got, i)
			}
		}
		slices.Sort(got)
		for i, n := range got {
			if n != i+1 {
				t.Fatalf("numbers: got %v, want no gap and no duplicate", got)
			}
		}
		if len(got) != 41 {
			t.Errorf("tickets: got %d, want 41", len(got))
		}
		if n := other.NewTicket(t, p.NewInbox(t, other, "x").ID, nil).TicketNumber; n != "TCK-1" {
			t.Errorf("another tenant's first ticket: got %s, want TCK-1", n)
		}
	})
}

func TestATicketIsFoundByItsIDAndItsNumber(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		made := c.NewTicket(t, p.NewInbox(t, c, "Support").ID, nil)
		if made.Status != api.TicketStatusOpen || made.Priority != api.TicketPriorityNormal ||
			!made.AssigneeID.IsNull() || !strings.HasPrefix(made.ID, "tkt_") {
			t.Errorf("new ticket: got %+v, want it open, normal and unassigned", made)
		}
		for _, ref := range []string{made.ID, "TCK-1", "tck-1", "1"} {
			if got := testkit.Get[api.Ticket](t, c, "/api/v1/tickets/"+ref); got.ID != made.ID {
				t.Errorf("ticket %s: got %+v, want %s", ref, got, made.ID)
			}
		}
		patchTicket(t, c, "TCK-1", object{"subject": "by its number"}, http.StatusOK)
		for _, ref := range []string{"TCK-2", "TCK-01", "TCK-0", "TCK--1", "TCK-", "01", "TCK-99999999999999999999",
			"tkt_nothing"} {
			c.Call(t, http.MethodGet, "/api/v1/tickets/"+ref, nil).Want(t, http.StatusNotFound)
		}
		for _, ref := range []string{made.ID, "TCK-1"} {
			other.Call(t, http.MethodGet, "/api/v1/tickets/"+ref, nil).Want(t, http.StatusNotFound)
		}
	})
}

func TestAWrongChangeOfStatusIsRefusedAndSaysWhatIsAllowed(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		id := c.NewTicket(t, p.NewInbox(t, c, "Support").ID, nil).ID
		patchTicket(t, c, id, object{"status": "closed"}, http.StatusOK)
		a := patchTicket(t, c, id, object{"status": "pending", "subject": "x"}, http.StatusConflict)
		if message := a.Problem(t).Error.Message; !strings.Contains(message, "closed can't become pending") ||
			!strings.Contains(message, "can become open.") {
			t.Errorf("got %s, want that closed can't become pending but open", a.Body)
		}
		if got := testkit.Get[api.Ticket](t, c, "/api/v1/tickets/"+id); got.Status != "closed" || got.Subject == "x" {
			t.Errorf("ticket after a refused change: got %+v, want it unchanged", got)
		}
		for _, body := range []object{{"status": "reopened"}, {"status": nil}, {"priority": "x"}, {"subject": ""}, {},
			{"ticket_number": "TCK-7"}} {
			patchTicket(t, c, id, body, http.StatusBadRequest)
		}
		for _, next := range []string{"open", "pending", "resolved", "open", "resolved", "closed", "open"} {
			patchTicket(t, c, id, object{"status": next}, http.StatusOK)
		}
	})
}

func TestEveryChangeFiresItsEventsAndNoChangeNone(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		inbox, ada := p.NewInbox(t, c, "Support").ID, c.NewMember(t, "ada@example.com").ID
		id := c.NewTicket(t, inbox, object{"assignee_id": ada}).ID
		known := ticketEvents(t, c)
		if !slices.Equal(known, []string{"ticket.assigned", "ticket.created"}) {
			t.Fatalf("events: got %v, want ticket.assigned and ticket.created", known)
		}
		for _, step := range []struct {
			change object
			want   string
		}{
			{object{"subject": "The export is empty", "status": "open", "priority": "normal", "inbox_id": inbox,
				"assignee_id": ada}, ""},
			{object{"priority": "urgent", "subject": "Other"}, "ticket.updated"},
			{object{"assignee_id": nil}, "ticket.assigned ticket.updated"},
			{object{"assignee_id": ada, "status": "pending"}, "ticket.assigned ticket.status_changed ticket.updated"},
			{object{"status": "closed"}, "ticket.closed ticket.status_changed ticket.updated"},
		} {
			patchTicket(t, c, id, step.change, http.StatusOK)
			now := ticketEvents(t, c)
			fresh := slices.Clone(now)
			for _, k := range known {
				i := slices.Index(fresh, k)
				fresh = slices.Delete(fresh, i, i+1)
			}
			if got := strings.Join(fresh, " "); got != step.want {
				t.Errorf("%v: %q instead of %q", step.change, got, step.want)
			}
			known = now
		}
		closed := testkit.Get[api.EventList](t, c, "/api/v1/events?type=ticket.closed").Data
		var data object
		if err := json.Unmarshal(closed[0].Data, &data); err != nil {
			t.Fatal(err)
		}
		if data["ticket_number"] != "TCK-1" || data["priority"] != "urgent" ||
			fmt.Sprint(data["changes"]) != fmt.Sprint(object{"status": object{"old": "pending", "new": "closed"}}) {
			t.Errorf("ticket.closed: got %v, want the ticket and its changes", data)
		}
	})
}

// TestEveryEventOfSupportReachesItsConsumers fires each by its real change, for the product whose events they are and
// for Hookline's own envelope.
func TestEveryEventOfSupportIsDelivered(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		tenantID := testkit.TenantOf(t, c)
		receivers := map[string]*testkit.Receiver{}
		for _, profile := range []string{"inboxops", "hookline"} {
			receivers[profile] = testkit.NewReceiver(t, nil)
			c.NewEndpoint(t, receivers[profile].URL, object{"profile": profile, "events": []string{"ticket.*",
				"message.*", "inbox.error"}})
		}
		inbox, ada := p.NewInbox(t, c, "Support").ID, c.NewMember(t, "ada@example.com").ID
		admin := "/admin/v1/tenants/" + tenantID
		id := c.NewTicket(t, inbox, nil).ID
		patchTicket(t, c, id, object{"assignee_id": ada}, http.StatusOK)
		patchTicket(t, c, id, object{"status": "closed"}, http.StatusOK)
		for _, kind := range []string{"inbound", "outbound"} {
			testkit.Post[api.Message](t, p.Operator, admin+"/tickets/TCK-1/messages", object{"type": kind,
				"from": "x@example.com", "body_text": "Hello"}, http.StatusCreated)
		}
		p.Operator.Call(t, http.MethodPatch, admin+"/inboxes/"+inbox, object{"error": "It is full."}).
			Want(t, http.StatusOK)
		want := []string{
			"inbox.error", "message.received", "message.sent", "ticket.assigned", "ticket.closed", "ticket.created",
			"ticket.status_changed", "ticket.updated", "ticket.updated",
		}
		for profile, r := range receivers {
			var got []string
			for range want {
				var body struct {
					Type, Event string
					EventID     string `json:"event_id"`
					TenantID    string `json:"tenant_id"`
					CreatedAt   string `json:"created_at"`
					Data        json.RawMessage
				}
				received := r.Next(t)
				if err := json.Unmarshal(received.Body, &body); err != nil {
					t.Fatal(err)
				}
				name := body.Type + body.Event
				got = append(got, name)
				testkit.FitsEvent(t, name, body.Data)
				if profile == "inboxops" && (body.Event == "" || body.TenantID != tenantID ||
					body.EventID != received.Header.Get("webhook-id") ||
					body.CreatedAt == "" || len(received.Header.Get("X-InboxOps-Signature")) != 64) {
					t.Errorf("webhook of inboxops: got %v %s, want the product's envelope and signature",
						received.Header, received.Body)
				}
			}
			if slices.Sort(got); !slices.Equal(got, want) {
				t.Errorf("events of %s: got %v, want %v", profile, got, want)
			}
		}
	})
}

func TestObjectsOfAnotherTenantAreNotFound(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		mine, theirs := p.NewInbox(t, c, "mine").ID, p.NewInbox(t, other, "theirs").ID
		member := other.NewMember(t, "ada@example.com").ID
		id := c.NewTicket(t, mine, nil).ID
		for foreign, missing := range map[*object]object{
			{"inbox_id": theirs}:    {"inbox_id": "ibx_nothing"},
			{"assignee_id": member}: {"assignee_id": "usr_nothing"},
		} {
			for _, call := range []func(object) testkit.Answer{
				func(o object) testkit.Answer { return patchTicket(t, c, id, o, http.StatusUnprocessableEntity) },
				func(o object) testkit.Answer {
					body := object{"subject": "x", "inbox_id": mine}
					for k, v := range o {
						body[k] = v
					}
					return c.Call(t, http.MethodPost, "/api/v1/tickets", body).Want(t, http.StatusUnprocessableEntity)
				},
			} {
				a, b := call(*foreign).Problem(t).Error, call(missing).Problem(t).Error
				if a.Message != b.Message || a.Code != api.ErrorErrorCodeUnprocessable || len(a.Details) != 1 ||
					a.Details[0] != b.Details[0] {
					t.Errorf("another tenant's: got %+v, want the same as for a missing one, %+v", a, b)
				}
			}
		}
		for _, path := range []string{"/inboxes/" + theirs, "/inboxes/ibx_nothing"} {
			p.Operator.Call(t, http.MethodPatch, "/admin/v1/tenants/"+testkit.TenantOf(t, c)+path,
				object{"error": "x"}).Want(t, http.StatusNotFound)
		}
		p.Operator.Call(t, http.MethodPost, "/admin/v1/tenants/"+testkit.TenantOf(t, other)+"/tickets/"+id+"/messages",
			object{"type": "inbound", "body_text": "x"}).Want(t, http.StatusNotFound)
	})
}

func TestInternalNotesAreWrittenAndNeverShown(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		c.NewTicket(t, p.NewInbox(t, c, "Support").ID, nil)
		admin, path := "/admin/v1/tenants/"+testkit.TenantOf(t, c)+"/tickets/TCK-1/messages",
			"/api/v1/tickets/TCK-1/messages"
		in := testkit.Post[api.Message](t, p.Operator, admin, object{"type": "inbound", "from": "customer@example.com",
			"body_html": "<b>Hello</b>"}, http.StatusCreated)
		note := testkit.Post[api.Message](t, c, path, object{"type": "internal_note", "body_text": "secret"},
			http.StatusCreated)
		out := testkit.Post[api.Message](t, p.Operator, admin, object{"type": "outbound", "body_text": "Hi"},
			http.StatusCreated)
		if note.Type != "internal_note" || note.BodyText.MustGet() != "secret" || note.From.MustGet() != "test" {
			t.Errorf("note: got %+v, want an internal note of the key", note)
		}
		list := testkit.Get[api.MessageList](t, c, path)
		if len(list.Data) != 2 || list.Meta.Total != 2 || list.Data[0].ID != out.ID || list.Data[1].ID != in.ID ||
			list.Data[1].BodyHTML.MustGet() != "<b>Hello</b>" {
			t.Errorf("messages: got %+v, want the two that are no notes, the newest first", list)
		}
		for _, other := range []string{"reply", "outbound", "inbound", "", "INTERNAL_NOTE"} {
			a := c.Call(t, http.MethodPost, path, object{"type": other, "body_text": "x"}).
				Want(t, http.StatusUnprocessableEntity)
			if err := a.Problem(t).Error; err.Code != api.ErrorErrorCodeUnprocessable ||
				err.Details[0].Field != "type" || !strings.Contains(err.Details[0].Message, "internal_note") {
				t.Errorf("got %s, want unprocessable on type", a.Body)
			}
		}
		for _, body := range []object{{"type": "internal_note"}, {"body_text": "x"}, {"type": "internal_note",
			"body_text": ""}, {"type": "internal_note", "body_text": "x", "from": "x"}} {
			c.Call(t, http.MethodPost, path, body).Want(t, http.StatusBadRequest)
		}
		p.Operator.Call(t, http.MethodPost, admin, object{"type": "internal_note", "body_text": "x"}).
			Want(t, http.StatusBadRequest)
		if got := strings.Join(ticketEvents(t, c), " "); got != "message.received message.sent ticket.created" {
			t.Errorf("events: got %s, want none of the notes", got)
		}
		for _, entry := range testkit.Get[api.AuditEntryList](t, c, "/api/v1/audit-log?action=message.recorded").Data {
			if raw, _ := json.Marshal(entry); strings.Contains(string(raw), "Hello") {
				t.Errorf("audit entry: got a customer's text in it, want none: %s", raw)
			}
		}
	})
}
