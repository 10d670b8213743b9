package ticket

import (
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/search"
	"github.com/hookline/hookline/internal/wire"
)

// Filter narrows a list; empty fields are ignored. The span of time includes its start and excludes its end.
type Filter struct {
	Status, InboxID, AssigneeID, Priority string
	CreatedFrom, CreatedTo                time.Time
	Terms                                 []string
}

// filter reads the query parameters; it fails with a problem.
func filter(w api.ListTicketsParams) (Filter, error) {
	f := Filter{
		Status: string(wire.Or(w.Status, "")), InboxID: id.Canonical(id.Inbox, wire.Or(w.InboxID, "")),
		AssigneeID: id.Canonical(id.Member, wire.Or(w.AssigneeID, "")), Priority: string(wire.Or(w.Priority, "")),
	}
	var wrong []problem.Detail
	if f.CreatedFrom, f.CreatedTo, wrong = wire.Span("created_to", w.CreatedFrom, w.CreatedTo); len(wrong) > 0 {
		return f, problem.Invalid(wrong...)
	}
	if w.Q == nil {
		return f, nil
	}
	var err error
	f.Terms, err = search.Terms("q", *w.Q)
	return f, err
}

func (f Filter) narrow(q *gorm.DB, scope principal.Scope) *gorm.DB {
	q = db.WhereOptional(db.Scope(q, scope), map[string]string{
		"status": f.Status, "inbox_id": f.InboxID, "assignee_id": f.AssigneeID, "priority": f.Priority,
	})
	return search.Narrow(db.WhereTimeRange(q, "created_at", f.CreatedFrom, f.CreatedTo), "tickets", scope, f.Terms)
}
