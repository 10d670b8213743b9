package resource_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestTicketsAreFilteredAndCounted(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		one, two, ada := p.NewInbox(t, c, "one").ID, p.NewInbox(t, c, "two").ID, c.NewMember(t, "ada@example.com").ID
		c.NewTicket(t, one, object{"subject": "Export is empty", "priority": "high"})
		second := c.NewTicket(t, two, object{"subject": "Können Sie helfen?", "assignee_id": ada})
		c.NewTicket(t, one, object{"subject": "Invoice of October", "assignee_id": ada})
		patchTicket(t, c, "TCK-3", object{"status": "pending", "subject": "Invoice of November"}, http.StatusOK)
		at := url.QueryEscape(second.CreatedAt.Format(time.RFC3339Nano))
		for query, want := range map[string]string{
			"": "TCK-3 TCK-2 TCK-1", "status=open": "TCK-2 TCK-1", "status=closed": "", "inbox_id=" +
				one: "TCK-3 TCK-1", "inbox_id=ibx_nothing": "",
			"assignee_id=" + ada: "TCK-3 TCK-2", "priority=high": "TCK-1", "priority=normal&inbox_id=" + two: "TCK-2",
			"q=EXP":         "TCK-1",
			"q=k%C3%B6nnen": "TCK-2", "q=october": "", "q=invoice+nov": "TCK-3", "created_from=" + at: "TCK-3 TCK-2",
			"created_to=" + at: "TCK-1",
		} {
			var got []string
			list := testkit.Get[api.TicketList](t, c, "/api/v1/tickets?"+query)
			for _, x := range list.Data {
				got = append(got, x.TicketNumber)
			}
			if strings.Join(got, " ") != want || list.Meta.Total != len(got) {
				t.Errorf("?%s: %v of %d instead of %s", query, got, list.Meta.Total, want)
			}
		}
		for query, field := range map[string]string{
			"page=0": "page", "per_page=101": "per_page", "status=x": "status", "priority=x": "priority", "q=-": "q",
			"created_from=2026-11-21T10:00:00Z&created_to=2026-11-21T09:00:00Z": "created_to",
		} {
			a := c.Call(t, http.MethodGet, "/api/v1/tickets?"+query, nil).Want(t, http.StatusBadRequest)
			if details := a.Problem(t).Error.Details; len(details) != 1 || details[0].Field != field {
				t.Errorf("?%s: got %s, want the field %s", query, a.Body, field)
			}
		}
	})
}
