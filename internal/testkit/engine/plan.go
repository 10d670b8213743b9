package engine

import (
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
)

// Database opens a migrated database of the test's own, without a program.
func Database(t testing.TB, e Engine) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), New(t, e).DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// Plan is how the engine would read rows, a pointer to a slice, by a query that is a dry run.
func Plan(t testing.TB, d *db.DB, q *gorm.DB, rows any) string {
	t.Helper()
	found := q.Find(rows)
	if found.Error != nil {
		t.Fatal(found.Error)
	}
	statement := found.Statement
	sql := q.Dialector.Explain(statement.SQL.String(), statement.Vars...)
	var lines []string
	if d.Postgres() {
		if err := d.Read(t.Context()).Raw("EXPLAIN " + sql).Scan(&lines).Error; err != nil {
			t.Fatalf("%s: got %v, want a plan", sql, err)
		}
		return strings.Join(lines, "\n")
	}
	var steps []struct{ Detail string }
	if err := d.Read(t.Context()).Raw("EXPLAIN QUERY PLAN " + sql).Scan(&steps).Error; err != nil {
		t.Fatalf("%s: got %v, want a plan", sql, err)
	}
	for _, s := range steps {
		lines = append(lines, s.Detail)
	}
	return strings.Join(lines, "\n")
}
