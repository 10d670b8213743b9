package endpoint

import (
	"slices"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
)

// Own is the set of endpoints whose deliveries a caller may access: where endpoints belong to users, so do the
// deliveries to them. The zero Own has all endpoints.
type Own struct {
	limited bool
	ids     []id.UUID
}

// OwnedBy returns the endpoints of a scope that belong to an owner, deleted ones too: their deliveries stay in the log.
func (s *Store) OwnedBy(q *gorm.DB, scope principal.Scope, owner principal.Owner) (Own, error) {
	if owner.Owns == 0 {
		return Own{}, nil
	}
	var found []string
	err := db.OwnedBy(db.Scope(q.Model(&Endpoint{}), scope), scope.TenantID, owner).Pluck("id", &found).Error
	if err != nil {
		return Own{}, err
	}
	ids, err := id.In(found)
	return Own{limited: true, ids: ids}, err
}

// OwnOf is OwnedBy for the caller of the query.
func (s *Store) OwnOf(q *gorm.DB, scope principal.Scope) (Own, error) {
	return s.OwnedBy(q, scope, principal.From(db.Context(q)).Owner)
}

// Limited reports whether the set leaves endpoints out, and returns what it has then.
func (o Own) Limited() (ids []id.UUID, limited bool) { return o.ids, o.limited }

// Has reports whether the set has an endpoint.
func (o Own) Has(endpointID string) bool {
	if !o.limited {
		return true
	}
	u, err := id.Parse(endpointID)
	return err == nil && slices.Contains(o.ids, u)
}

// Narrow narrows a query to the rows whose column endpoint_id is in the set.
func (o Own) Narrow(q *gorm.DB) *gorm.DB {
	switch {
	case !o.limited:
		return q
	case len(o.ids) == 0:
		return q.Where("1 = 0")
	}
	return db.WhereUUIDs(q, "endpoint_id", o.ids)
}
