package db

import (
	"context"
	"database/sql"

	"github.com/jackc/pgx/v5"
	"gorm.io/gorm"
)

// planned is a connection pool whose queries PostgreSQL plans each time, for the values of their parameters.
type planned struct{ gorm.ConnPool }

// QueryContext implements gorm.ConnPool.
func (p planned) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return p.ConnPool.QueryContext(ctx, query, custom(args)...)
}

// QueryRowContext implements gorm.ConnPool.
func (p planned) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return p.ConnPool.QueryRowContext(ctx, query, custom(args)...)
}

// custom makes pgx send the query as an unnamed statement. Of a named one PostgreSQL may keep a plan for any values.
func custom(args []any) []any {
	return append([]any{pgx.QueryExecModeCacheDescribe}, args...)
}

// planEach returns a query that PostgreSQL plans each time. It is for filters of which some values match most rows and
// some match none: the best plan for the one reads a million rows for the other. Planning costs less than a
// millisecond.
func planEach(q *gorm.DB) *gorm.DB {
	if q.Name() != "postgres" {
		return q
	}
	q = q.WithContext(q.Statement.Context) // a statement of its own
	q.Statement.ConnPool = planned{q.Statement.ConnPool}
	return q
}
