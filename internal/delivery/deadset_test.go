package delivery_test

import (
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// explain is how the engine would run a query on deliveries.
func explain(t *testing.T, d *db.DB, query func(q *gorm.DB) (*gorm.DB, error)) string {
	t.Helper()
	var rows []delivery.Delivery
	q, err := query(d.Read(t.Context()).Session(&gorm.Session{DryRun: true}))
	if err != nil {
		t.Fatal(err)
	}
	return engine.Plan(t, d, q, &rows)
}

// die gives the dead letters a time at which they died.
func die(t *testing.T, d *db.DB) {
	t.Helper()
	for _, sql := range []string{"UPDATE deliveries SET finished_at = created_at WHERE status = 'dead'", "ANALYZE"} {
		if err := d.Tx(t.Context(), func(tx *gorm.DB) error { return tx.Exec(sql).Error }); err != nil {
			t.Fatal(err)
		}
	}
}

// checkDeadLetterPlans proves that dead letters are found by an index, whatever narrows them.
func checkDeadLetterPlans(t *testing.T, d *db.DB, now time.Time) {
	t.Helper()
	tenant := delivery.Within(principal.Scope{TenantID: "tnt_1", Environment: principal.Live})
	operator := delivery.Everywhere(principal.Scope{})
	next := page.Cursor{At: now.Add(-2 * time.Hour), ID: "dlv_x"}
	for name, f := range map[string]delivery.DeadFilter{
		"none":         {},
		"id":           {ID: "dlv_1"},
		"endpoint":     {EndpointID: "whe_3"},
		"type":         {EventType: "type.3"},
		"reason":       {Reason: "timeout"},
		"HTTP status":  {HTTPStatus: 503},
		"class":        {HTTPClass: "5xx"},
		"no answer":    {HTTPClass: "none"},
		"created":      {CreatedFrom: now.Add(-time.Hour), CreatedTo: now.Add(-30 * time.Minute)},
		"died":         {DiedFrom: now.Add(-time.Hour), DiedTo: now.Add(-30 * time.Minute)},
		"of everybody": {},
	} {
		reach := tenant
		if name == "of everybody" {
			reach = operator
		}
		for what, query := range map[string]func(q *gorm.DB) (*gorm.DB, error){
			"first page": func(q *gorm.DB) (*gorm.DB, error) {
				return delivery.DeadPage(f, q, reach, page.Log{Limit: 25})
			},
			"next page": func(q *gorm.DB) (*gorm.DB, error) {
				return delivery.DeadPage(f, q, reach, page.Log{Limit: 25, After: &next})
			},
			"first step": func(q *gorm.DB) (*gorm.DB, error) { return delivery.DeadStep(f, q, reach, now, "", 200) },
			"next step": func(q *gorm.DB) (*gorm.DB, error) {
				return delivery.DeadStep(f, q, reach, now, next.String(),
					200)
			},
		} {
			got := explain(t, d, query)
			for _, bad := range []string{"Seq Scan on deliveries", "SCAN deliveries"} {
				// In its order an index is read from one end; that is what an operator's page does.
				if strings.Contains(strings.ReplaceAll(got, "SCAN deliveries USING INDEX", ""), bad) {
					t.Errorf("plan of %s, %s: got this, want no %s:\n%s", name, what, bad, got)
				}
			}
			// SQLite goes by the indices that there are. PostgreSQL goes by figures, and finds sorting so few cheaper
			// than another index.
			if (name == "none" || name == "of everybody") && strings.Contains(got, "TEMP B-TREE") {
				t.Errorf("plan of %s, %s: got this, want nothing sorted:\n%s", name, what, got)
			}
		}
	}
}
