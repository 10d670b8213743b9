package deadletter

import (
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/id"
)

// ScanMost is how many dead letters one query looks at.
const ScanMost = scanMost

// PageQuery and StepQuery are the queries on dead letters, for looking at how engines run them.
func PageQuery(q *gorm.DB, a AccessScope, f Filter, after id.UUID) *gorm.DB {
	return cursor{after: after, most: scanMost}.page(q, a, f).Limit(26)
}

// StepQuery is the query of a step of a job.
func StepQuery(q *gorm.DB, a AccessScope, f Filter, by time.Time, after id.UUID) *gorm.DB {
	return diedBy(cursor{after: after, ascending: true, most: scanMost}.page(q, a, f), by).Limit(201)
}

// TroubleQueries are the queries of the trouble of all tenants.
func (s *Store) TroubleQueries() map[string]func(q *gorm.DB) *gorm.DB {
	return map[string]func(q *gorm.DB) *gorm.DB{"unfinished": s.unfinishedQuery, "dead": deadQuery}
}
