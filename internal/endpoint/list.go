package endpoint

import (
	"cmp"
	"context"
	"slices"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/search"
)

// Query narrows and orders a list of endpoints; what is zero doesn't.
type Query struct {
	IDs    []string // at most 100
	URL    string   // exactly
	Search string   // in the name or the URL, compared as search.Fold does
	State  string   // enabled, disabled, failing or throttled
	Sort   string   // newest (the default), oldest or name
}

// orders are SQL, by Query.Sort.
var orders = map[string]string{
	"": "created_at DESC, id DESC", "newest": "created_at DESC, id DESC", "oldest": "created_at, id",
	"name": "CASE WHEN name_key = '' THEN url_key ELSE name_key END, id",
}

func (f Query) narrow(q *gorm.DB) *gorm.DB {
	if len(f.IDs) > 0 {
		q = db.WhereIn(q, "id", f.IDs)
	}
	if f.URL != "" {
		q = q.Where("url = ?", f.URL)
	}
	if f.Search != "" {
		key := search.Fold(f.Search)
		q = q.Where("("+db.Contains(q, "name_key")+" OR "+db.Contains(q, "url_key")+")", key, key)
	}
	switch f.State {
	case "enabled", "disabled":
		q = q.Where("enabled = ?", f.State == "enabled")
	case "failing":
		q = q.Where(failing, failingArgs()...)
	case "throttled":
		q = q.Where(throttledOnly, throttledArgs()...)
	}
	return q
}

// List returns one page of endpoints and how many there are in all.
func (s *Store) List(ctx context.Context, scope principal.Scope, p page.Page, f Query) ([]Endpoint, int64, error) {
	return db.PaginateBy[Endpoint](f.narrow(s.own(s.db.Read(ctx), scope)), p, orders[f.Sort])
}

// ListRanked is List in the order of ranked, ids of endpoints; the endpoints that it leaves out follow, newest first.
func (s *Store) ListRanked(ctx context.Context, scope principal.Scope, p page.Page, f Query,
	ranked []string) ([]Endpoint, int64, error) {
	q := f.narrow(s.own(s.db.Read(ctx), scope))
	// a quota bounds how many there are; their ids are read alone, and then the page's rows
	var ids []string
	if err := q.Model(&Endpoint{}).Order(orders["newest"]).Pluck("id", &ids).Error; err != nil {
		return nil, 0, err
	}
	at := make(map[string]int, len(ranked))
	for i, id := range ranked {
		at[id] = i - len(ranked)
	}
	slices.SortStableFunc(ids, func(a, b string) int { return cmp.Compare(at[a], at[b]) })
	from := min(p.Offset(), len(ids))
	shown := ids[from:min(from+p.Size, len(ids))]
	var rows []Endpoint
	if err := db.WhereIn(s.own(s.db.Read(ctx), scope), "id", shown).Find(&rows).Error; err != nil {
		return nil, 0, err
	}
	slices.SortFunc(rows, func(a, b Endpoint) int {
		return cmp.Compare(slices.Index(shown, a.ID), slices.Index(shown, b.ID))
	})
	return rows, int64(len(ids)), nil
}
