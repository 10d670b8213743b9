package db

import (
	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/principal"
)

// Owned narrows a query with the scope of a tenant to the rows that the caller may access, by the column user_number.
// The caller is that of the query's context; one who may access all rows is not narrowed.
func Owned(q *gorm.DB) *gorm.DB {
	p := principal.From(Context(q))
	return OwnedBy(q, p.TenantID, p.Owner)
}

// OwnedBy narrows a query with the scope of a tenant to the rows that belong to an owner, by the column user_number.
func OwnedBy(q *gorm.DB, tenantID string, o principal.Owner) *gorm.DB {
	switch {
	case o.Owns == 0:
		return q
	case o.OwnsRest:
		// The tenant comes first: it is a text in members, and a UUID in some of the tables that are narrowed.
		return q.Where("(user_number = ? OR user_number NOT IN (SELECT number FROM members WHERE ? = members.tenant_id))",
			o.Owns, tenantID)
	}
	return q.Where(ofTable("user_number", o.Owns))
}

// OwnerOf returns the number of the member whom a row belongs to that the caller of a query creates; 0 for the tenant.
func OwnerOf(q *gorm.DB) int64 { return principal.From(Context(q)).Owns }
