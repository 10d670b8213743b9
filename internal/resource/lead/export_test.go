package lead

import (
	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/principal"
)

// ListQuery is the query of a list, for tests that ask how the engine would read it.
func ListQuery(f Filter, q *gorm.DB, scope principal.Scope) *gorm.DB {
	return f.narrow(q, scope).Order(f.order())
}
