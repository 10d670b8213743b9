package lead

import (
	"cmp"
	"context"
	"slices"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

// createBatch is how many leads share a commit at most.
const createBatch = 200

// Create adds a lead and fires lead.created; concurrent calls share a commit. It fails with a conflict when another
// lead has the external id.
func (s *Store) Create(ctx context.Context, scope principal.Scope, f Fields) (Lead, error) {
	if err := scope.Check(); err != nil {
		return Lead{}, err
	}
	l := s.row(ctx, scope, f)
	var kept bool
	var err error
	if db.InUnit(ctx) {
		var all []bool
		if all, err = s.createAll(ctx, []Lead{l}); err == nil {
			kept = all[0]
		}
	} else {
		kept, err = s.creates.Do(ctx, l)
	}
	if err == nil && !kept {
		err = taken()
	}
	return l, err
}

func (s *Store) row(ctx context.Context, scope principal.Scope, f Fields) Lead {
	now := db.At(s.now())
	l := Lead{
		ID: id.New(id.Lead), TenantID: scope.TenantID, Environment: scope.Environment, Fields: f, CreatedAt: now,
		UpdatedAt: now, origin: event.OriginOf(ctx),
	}
	l.index()
	return l
}

// createAll adds leads of any scopes in one transaction and fires lead.created for each. It reports which were added:
// all but those whose external id another lead has, also one before it.
func (s *Store) createAll(ctx context.Context, rows []Lead) ([]bool, error) {
	var kept []bool
	err := s.outbox.Tx(ctx, func(tx *event.Tx) (err error) {
		if kept, err = insertNew(tx.DB, rows); err != nil {
			return err
		}
		return announce(tx, rows, kept)
	})
	return kept, err
}

// insertNew inserts rows in one statement, except those whose external id another lead has, and reports which were
// inserted. It inserts them in the order of their external ids, so that two statements with the same ones don't wait
// for each other.
func insertNew(tx *gorm.DB, rows []Lead) ([]bool, error) {
	sorted := slices.Clone(rows)
	slices.SortStableFunc(sorted, func(a, b Lead) int {
		return cmp.Or(cmp.Compare(a.TenantID, b.TenantID), cmp.Compare(a.Environment, b.Environment),
			cmp.Compare(wire.Or(a.ExternalID, ""), wire.Or(b.ExternalID, "")))
	})
	n, err := db.InsertNew(tx, sorted)
	if err != nil {
		return nil, err
	}
	kept := make([]bool, len(rows))
	if n == int64(len(rows)) {
		for i := range kept {
			kept[i] = true
		}
		return kept, nil
	}
	ids := map[principal.Scope][]string{}
	for _, l := range rows {
		ids[l.Scope()] = append(ids[l.Scope()], l.ID)
	}
	stored := map[string]bool{}
	for scope, some := range ids {
		var there []Lead
		if err := db.WhereIn(db.Scope(tx.Select("id"), scope), "id", some).Find(&there).Error; err != nil {
			return nil, err
		}
		for _, l := range there {
			stored[l.ID] = true
		}
	}
	for i, l := range rows {
		kept[i] = stored[l.ID]
	}
	return kept, nil
}

// announce fires lead.created for the rows that were kept.
func announce(tx *event.Tx, rows []Lead, kept []bool) error {
	for i, l := range rows {
		if !kept[i] {
			continue
		}
		tx.Origin = l.origin
		if err := tx.Emit(l.Scope(), Created, l.Data()); err != nil {
			return err
		}
	}
	return nil
}

// taken is the problem of a lead whose external id another one has.
func taken() error {
	return problem.New(problem.Conflict,
		"Another lead has this external_id. Change that one, or send another external_id.")
}
