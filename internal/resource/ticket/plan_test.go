package ticket_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/resource/ticket"
	"github.com/hookline/hookline/internal/testkit/engine"
)

func TestEachFilterOfTicketsReadsAnIndexInItsOrder(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := engine.Database(t, e)
		uuid := func(number string) string { return engine.NumberedSQL(d, number) }
		numbers := "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
		err := d.Tx(t.Context(), func(tx *gorm.DB) error {
			for _, sql := range []string{
				"INSERT INTO support_inboxes (id, tenant_id, environment, name, address, created_at, updated_at) " +
					fmt.Sprintf(numbers, 10) +
					"SELECT " + uuid("i") + ", " + uuid("i % 4") + ", 'live', 'x', 'x', 1, 1 FROM n",
				"INSERT INTO tickets (id, tenant_id, environment, number, subject, status, priority, inbox_id, " +
					"assignee_id, words, created_at, updated_at) " + fmt.Sprintf(numbers, 20000) +
					"SELECT " + uuid("i") + ", " + uuid("i % 4") + `, 'live', i, 'x', CASE i % 7 WHEN 0 THEN 'pending' ELSE 'open' END,
						CASE i % 9 WHEN 0 THEN 'high' ELSE 'normal' END, ` + uuid("i % 11") + ", " + uuid("i % 13") + `, 'w' || CAST(i AS text), CAST(i AS bigint) * 1000000, 1 FROM n`,
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
		scope := principal.Scope{TenantID: engine.Numbered(id.Tenant, 1), Environment: principal.Live}
		for name, f := range map[string]ticket.Filter{
			"none": {}, "status": {Status: "pending"}, "priority": {Priority: "high"},
			"inbox": {InboxID: engine.Numbered(id.Inbox, 3)}, "assignee": {AssigneeID: engine.Numbered(id.Member, 3)},
			"created": {CreatedFrom: time.Unix(100, 0)}, "a word": {Terms: []string{"w10001"}},
		} {
			plan := engine.Plan(t, d, ticket.ListQuery(f, d.Read(t.Context()).Session(&gorm.Session{DryRun: true}),
				scope).Limit(25), &[]ticket.Ticket{})
			plan = strings.ReplaceAll(plan, "SCAN tickets_search VIRTUAL TABLE INDEX", "SEARCH tickets_search")
			for _, bad := range []string{"Seq Scan", "SCAN", "Sort  (", "TEMP B-TREE"} {
				if strings.Contains(plan, bad) && (name != "a word" || bad == "Seq Scan" || bad == "SCAN") {
					t.Errorf("%s: %s in\n%s", name, bad, plan)
				}
			}
		}
	})
}
