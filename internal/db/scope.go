package db

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/schema"

	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

const (
	tenantColumn      = "tenant_id"
	environmentColumn = "environment"
)

// Scope narrows a query to the rows of a tenant in one environment. Every query of a store on tenant data begins with
// it. A scope without a tenant or a valid environment makes every statement of the query fail with
// principal.ErrNoScope, before it is sent to the database.
//
// The columns are qualified with the query's table or its alias, so that the query may have joins.
func Scope(q *gorm.DB, scope principal.Scope) *gorm.DB {
	if err := scope.Check(); err != nil {
		return refuse(q, err)
	}
	return q.Where(ofTenant(scope.TenantID), ofTable(environmentColumn, scope.Environment))
}

// Tenant narrows a query to the rows of a tenant, in both environments or in a table without environments. Like Scope,
// it makes every statement of the query fail with principal.ErrNoScope when tenantID is empty.
func Tenant(q *gorm.DB, tenantID string) *gorm.DB {
	if tenantID == "" {
		return refuse(q, principal.ErrNoScope)
	}
	return q.Where(ofTenant(tenantID))
}

func ofTable(column string, value any) clause.Eq {
	return clause.Eq{Column: clause.Column{Table: clause.CurrentTable, Name: column}, Value: value}
}

// refuse makes a query fail with err. The condition is for a query that is a condition of another one: GORM takes over
// its conditions and not its error.
func refuse(q *gorm.DB, err error) *gorm.DB {
	q = q.Where("1 = 0")
	_ = q.AddError(err)
	return q
}

// One reads the only row, or the first, that a query finds. Without one it fails with problem.Missing(noun), which is
// the same for a row that never existed and for a row outside of the query's scope.
func One[T any](q *gorm.DB, noun string) (T, error) {
	var row T
	err := q.Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return row, problem.Missing(noun)
	}
	return row, err
}

// tenantTag on a model's TenantID field allows rows without a tenant: `tenant:"optional"` is for tables that hold rows
// of operators, too.
const tenantTag = "tenant"

// scopeFields returns the fields that every inserted row of a model must have a value in: none for tables without a
// tenant and for those whose TenantID is optional.
func scopeFields(s *schema.Schema) []*schema.Field {
	tenant := s.FieldsByDBName[tenantColumn]
	if tenant == nil || tenant.Tag.Get(tenantTag) == "optional" {
		return nil
	}
	fields := []*schema.Field{tenant}
	if environment := s.FieldsByDBName[environmentColumn]; environment != nil {
		fields = append(fields, environment)
	}
	return fields
}

// requireScope fails with principal.ErrNoScope when a row has no value in one of the fields. rows is a struct, or a
// slice or array of structs or pointers to structs.
func requireScope(ctx context.Context, table string, fields []*schema.Field, rows reflect.Value) error {
	if len(fields) == 0 {
		return nil
	}
	check := func(row reflect.Value) error {
		for _, f := range fields {
			if _, zero := f.ValueOf(ctx, reflect.Indirect(row)); zero {
				return fmt.Errorf("db: insert into %s: %s is empty: %w", table, f.DBName, principal.ErrNoScope)
			}
		}
		return nil
	}
	switch rows.Kind() {
	case reflect.Slice, reflect.Array:
		for i := range rows.Len() {
			if err := check(rows.Index(i)); err != nil {
				return err
			}
		}
		return nil
	case reflect.Struct:
		return check(rows)
	default:
		return fmt.Errorf("db: insert into %s: a row of kind %s can't be checked for its tenant", table, rows.Kind())
	}
}

// guardInserts makes GORM refuse rows without a tenant in every table that has tenants, whichever store inserts them.
// InsertAll and its siblings bypass GORM's callbacks on PostgreSQL and call requireScope themselves.
func guardInserts(g *gorm.DB) error {
	return g.Callback().Create().Before("gorm:before_create").Register("hookline:require_scope", func(tx *gorm.DB) {
		if s := tx.Statement.Schema; s != nil && tx.Error == nil {
			_ = tx.AddError(requireScope(tx.Statement.Context, s.Table, scopeFields(s), tx.Statement.ReflectValue))
		}
	})
}
