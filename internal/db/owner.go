package db

import (
	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/principal"
)

// Owned narrows a query with the scope of a tenant to the rows of the member whose rows alone the caller may access, by
// the column user_number. The caller is that of the query's context; one who may access all rows is not narrowed.
func Owned(q *gorm.DB) *gorm.DB {
	if owner := OwnerOf(q); owner != 0 {
		return q.Where(ofTable("user_number", owner))
	}
	return q
}

// OwnerOf returns the number of the member whom a row belongs to that the caller of a query creates; 0 for the tenant.
func OwnerOf(q *gorm.DB) int64 { return principal.From(Context(q)).Owns }
