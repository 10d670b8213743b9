package tenant

import (
	"context"
	"strings"
	"unicode"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/search"
)

// Filter narrows a list of tenants by its fields that are set. Search is a prefix of the name, or an id.
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
		q = q.Where("((name_key >= ? AND name_key < ?) OR id = ?)", key, key+string(unicode.MaxRune),
			strings.TrimSpace(f.Search))
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
