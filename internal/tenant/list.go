package tenant

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/search"
)

// partOfID is how long a part of an id is at least: most ids have any few letters.
const partOfID = 8

// Filter narrows a list of tenants by its fields that are set. Search is any part of the name, or a part of the id
// of at least partOfID bytes.
type Filter struct {
	Search string
	Plan   string
	Paused *bool
}

// List returns one page of tenants, newest first, and the total.
func (s *Store) List(ctx context.Context, f Filter, p page.Page) ([]Tenant, int64, error) {
	return db.Paginate[Tenant](ListQuery(f, s.db.Read(ctx)), p)
}

// ListQuery narrows a query to the tenants that match a filter.
func ListQuery(f Filter, q *gorm.DB) *gorm.DB {
	q = db.WhereOptional(q, map[string]string{"plan": f.Plan})
	if f.Search != "" {
		key := nameKey(f.Search)
		condition, args := db.Contains(q, "name_key"), []any{key}
		if len(key) >= partOfID {
			condition, args = "("+condition+" OR "+db.Contains(q, "id")+")", append(args, key)
		}
		q = q.Where(condition, args...)
	}
	switch {
	case f.Paused == nil:
	case *f.Paused: // as the index says it, which a parameter would not
		q = q.Where("deliveries_paused")
	default:
		q = q.Where("NOT deliveries_paused")
	}
	return q
}

// nameKey returns a name in the form for searches.
func nameKey(name string) string { return search.Fold(strings.TrimSpace(name)) }
