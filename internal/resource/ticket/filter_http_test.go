package ticket_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/resource/ticket"
	"github.com/hookline/hookline/internal/testkit"
)

func TestTicketsAreFilteredAndCounted(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Start(t, e)
		c := p.NewTenant(t, "business")
		one, two, ada := p.NewInbox(t, c, "one").ID, p.NewInbox(t, c, "two").ID, c.NewMember(t, "ada@example.com").ID
		c.NewTicket(t, one, object{"subject": "Export is empty", "priority": "high"})
		second := c.NewTicket(t, two, object{"subject": "Können Sie helfen?", "assignee_id": ada})
		c.NewTicket(t, one, object{"subject": "Invoice of October", "assignee_id": ada})
		patch(t, c, "TCK-3", object{"status": "pending", "subject": "Invoice of November"}, http.StatusOK)
		at := url.QueryEscape(second.CreatedAt.Format(time.RFC3339Nano))
		for query, want := range map[string]string{
			"": "TCK-3 TCK-2 TCK-1", "status=open": "TCK-2 TCK-1", "status=closed": "", "inbox_id=" + one: "TCK-3 TCK-1", "inbox_id=ibx_nothing": "",
			"assignee_id=" + ada: "TCK-3 TCK-2", "priority=high": "TCK-1", "priority=normal&inbox_id=" + two: "TCK-2", "q=EXP": "TCK-1",
			"q=k%C3%B6nnen": "TCK-2", "q=october": "", "q=invoice+nov": "TCK-3", "created_from=" + at: "TCK-3 TCK-2", "created_to=" + at: "TCK-1",
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
				t.Errorf("?%s: %s", query, a.Body)
			}
		}
	})
}

func TestEachFilterOfTicketsReadsAnIndexInItsOrder(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		d := testkit.Database(t, e)
		numbers := "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
		err := d.Tx(t.Context(), func(tx *gorm.DB) error {
			for _, sql := range []string{
				"INSERT INTO tenants (id, name, plan, profile, created_at, updated_at, overrides, deliveries_paused) " + fmt.Sprintf(numbers, 3) +
					"SELECT 'tnt_' || CAST(i AS text), 'x', 'business', 'hookline', 1, 1, '{}', false FROM n",
				"INSERT INTO support_inboxes (id, tenant_id, environment, name, address, created_at, updated_at) " + fmt.Sprintf(numbers, 10) +
					"SELECT 'ibx_' || CAST(i AS text), 'tnt_' || CAST(i % 4 AS text), 'live', 'x', 'x', 1, 1 FROM n",
				"INSERT INTO tickets (id, tenant_id, environment, number, subject, status, priority, inbox_id, assignee_id, created_at, updated_at) " + fmt.Sprintf(numbers, 20000) +
					`SELECT 'tkt_' || CAST(i AS text), 'tnt_' || CAST(i % 4 AS text), 'live', i, 'x', CASE i % 7 WHEN 0 THEN 'pending' ELSE 'open' END,
						CASE i % 9 WHEN 0 THEN 'high' ELSE 'normal' END, 'ibx_' || CAST(i % 11 AS text), 'usr_' || CAST(i % 13 AS text), CAST(i AS bigint) * 1000000, 1 FROM n`,
				"INSERT INTO search_words (tenant_id, environment, kind, word, item_id) SELECT tenant_id, environment, 'ticket', 'w' || id, id FROM tickets",
				"ANALYZE",
			} {
				if err := tx.Exec(sql).Error; err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		scope := principal.Scope{TenantID: "tnt_1", Environment: principal.Live}
		for name, f := range map[string]ticket.Filter{
			"none": {}, "status": {Status: "pending"}, "inbox": {InboxID: "ibx_3"}, "assignee": {AssigneeID: "usr_3"}, "priority": {Priority: "high"},
			"created": {CreatedFrom: time.Unix(100, 0)}, "a word": {Terms: []string{"wtkt_10001"}},
		} {
			plan := testkit.Plan(t, d, ticket.ListQuery(f, d.Read(t.Context()).Session(&gorm.Session{DryRun: true}), scope).Limit(25), &[]ticket.Ticket{})
			for _, bad := range []string{"Seq Scan", "SCAN", "Sort  (", "TEMP B-TREE"} {
				if strings.Contains(plan, bad) && (name != "a word" || bad == "Seq Scan" || bad == "SCAN") {
					t.Errorf("%s: %s in\n%s", name, bad, plan)
				}
			}
		}
	})
}
