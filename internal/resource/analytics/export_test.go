package analytics

import (
	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
)

// Queries returns the query of each metric, by name, for tests that ask an engine how it would read it.
func Queries(q *gorm.DB, scope principal.Scope, p Period) map[string]*gorm.DB {
	out := map[string]*gorm.DB{}
	for _, f := range metrics {
		out[f.name] = f.query(db.Scope(q.Session(&gorm.Session{}), scope), p)
	}
	return out
}
