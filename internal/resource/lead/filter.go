package lead

import (
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/search"
	"github.com/hookline/hookline/internal/wire"
)

// Filter narrows and orders a list; empty and nil fields are ignored. Spans of time include their start and exclude
// their end.
type Filter struct {
	Email, Status, Source, ExternalID string
	ScoreMin, ScoreMax                *int32
	CreatedFrom, CreatedTo            time.Time
	UpdatedFrom, UpdatedTo            time.Time
	Terms                             []string
	Sort                              string // as in the contract
}

// filter reads the query parameters; it fails with a problem.
func filter(w api.ListLeadsParams) (Filter, error) {
	f := Filter{
		Email: wire.Or(w.Email, ""), Status: wire.Or(w.Status, ""), Source: wire.Or(w.Source, ""),
		ExternalID: wire.Or(w.ExternalID, ""),
		ScoreMin:   w.ScoreMin, ScoreMax: w.ScoreMax, Sort: string(wire.Or(w.Sort, "")),
	}
	var wrong, more []problem.Detail
	f.CreatedFrom, f.CreatedTo, wrong = wire.Span("created_to", w.CreatedFrom, w.CreatedTo)
	f.UpdatedFrom, f.UpdatedTo, more = wire.Span("updated_to", w.UpdatedFrom, w.UpdatedTo)
	wrong = append(wrong, more...)
	if f.ScoreMin != nil && f.ScoreMax != nil && *f.ScoreMin > *f.ScoreMax {
		wrong = append(wrong, problem.Detail{Field: "score_max", Message: "must not be less than score_min"})
	}
	if len(wrong) > 0 {
		return f, problem.Invalid(wrong...)
	}
	if w.Q == nil {
		return f, nil
	}
	var err error
	f.Terms, err = search.Terms("q", *w.Q)
	return f, err
}

// orders are the words of the contract in SQL. The id goes the same way, so that one index serves both directions.
var orders = map[string]string{
	"created_at": "created_at, id", "-created_at": "created_at DESC, id DESC",
	"updated_at": "updated_at, id", "-updated_at": "updated_at DESC, id DESC",
	"score": "score, id", "-score": "score DESC, id DESC",
}

func (f Filter) order() string {
	if order, ok := orders[f.Sort]; ok {
		return order
	}
	return orders["-created_at"]
}

func (f Filter) narrow(q *gorm.DB, scope principal.Scope) *gorm.DB {
	q = db.Scope(q, scope)
	q = db.WhereOptional(q, map[string]string{"email": f.Email, "status": f.Status, "source": f.Source,
		"external_id": f.ExternalID})
	if f.Email != "" {
		q = q.Where(clause.Eq{Column: "email_key", Value: *emailKey(&f.Email)}) // which has an index
	}
	if f.ScoreMin != nil {
		q = q.Where(clause.Gte{Column: "score", Value: *f.ScoreMin})
	}
	if f.ScoreMax != nil {
		q = q.Where(clause.Lte{Column: "score", Value: *f.ScoreMax})
	}
	q = db.WhereTimeRange(q, "created_at", f.CreatedFrom, f.CreatedTo)
	q = db.WhereTimeRange(q, "updated_at", f.UpdatedFrom, f.UpdatedTo)
	return search.Narrow(q, "leads", scope, f.Terms)
}
