package db

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/problem"
)

// condition is a condition that is written when its statement is built: only then the statement's model is known, and
// so which columns store TypeIDs as UUIDs.
type condition func(stmt *gorm.Statement) clause.Expression

// Build implements clause.Expression.
func (c condition) Build(b clause.Builder) {
	if stmt, ok := b.(*gorm.Statement); ok { // GORM has no other builder
		c(stmt).Build(b)
	}
}

// nothing is the condition that no row meets.
var nothing = clause.Expr{SQL: "1 = 0"}

// stored returns a text as a column of a statement stores it: as it is, or the UUID of a TypeID. It is false for a text
// that a column of UUIDs can't have: one that is no TypeID, or the TypeID of another noun.
func stored(stmt *gorm.Statement, column, text string) (value any, ok bool) {
	prefix := prefixOf(stmt, column)
	if prefix == "" {
		return text, true
	}
	u, err := id.ParseAs(prefix, text)
	return u, err == nil
}

// ofTenant is the condition on the tenant of a table, whichever form its ids have.
func ofTenant(tenantID string) condition {
	return func(stmt *gorm.Statement) clause.Expression {
		value, ok := stored(stmt, tenantColumn, tenantID)
		if !ok {
			_ = stmt.AddError(fmt.Errorf("db: tenant %q: %w", tenantID, id.ErrForm))
			return nothing
		}
		return ofTable(tenantColumn, value)
	}
}

// ByID narrows a query to the row with a TypeID. A text that is none, or the TypeID of another noun, finds nothing.
func ByID(q *gorm.DB, typeID string) *gorm.DB { return WhereID(q, "id", typeID) }

// WhereID is ByID for another column of UUIDs. In a query without a model it can't tell nouns apart.
func WhereID(q *gorm.DB, column, typeID string) *gorm.DB {
	return q.Where(condition(func(stmt *gorm.Statement) clause.Expression {
		parse := id.Parse
		if prefix := prefixOf(stmt, column); prefix != "" {
			parse = func(typeID string) (id.UUID, error) { return id.ParseAs(prefix, typeID) }
		} else if fieldOf(stmt, column) != nil {
			_ = stmt.AddError(fmt.Errorf("db: %s.%s does not store TypeIDs as UUIDs", stmt.Schema.Table, column))
			return nothing
		}
		u, err := parse(typeID)
		if err != nil {
			return nothing
		}
		return clause.Eq{Column: column, Value: u}
	}))
}

// WhereOptional adds a condition for each column that has a non-empty value: the column must equal it. It is for
// optional filters and never for a tenant whose data a caller may see; that takes Scope or Tenant.
func WhereOptional(q *gorm.DB, values map[string]string) *gorm.DB {
	for _, column := range slices.Sorted(maps.Keys(values)) { // sorted, so that equal filters give equal SQL
		if text := values[column]; text != "" {
			q = q.Where(condition(func(stmt *gorm.Statement) clause.Expression {
				value, ok := stored(stmt, column, text)
				if !ok {
					return nothing
				}
				return clause.Eq{Column: column, Value: value}
			}))
		}
	}
	return q
}

// WhereAny narrows a query to rows whose column equals one of the values that are separated by commas; an empty text
// narrows nothing.
func WhereAny(q *gorm.DB, column, values string) *gorm.DB {
	if !strings.Contains(values, ",") {
		return WhereOptional(q, map[string]string{column: values})
	}
	return WhereIn(q, column, strings.Split(values, ","))
}

// WhereIn narrows a query to rows whose column equals one of the values. On PostgreSQL it sends several values as one
// array, so that the SQL text does not depend on their number and is parsed once for each connection. A single value is
// compared with =, so that the statement is planned once, too.
func WhereIn(q *gorm.DB, column string, values []string) *gorm.DB {
	tuples := make([][]string, len(values))
	for i, value := range values {
		tuples[i] = []string{value}
	}
	return WhereInTuples(q, []string{column}, tuples)
}

// WhereInTuples is WhereIn for tuples: the columns must equal the values of one tuple.
func WhereInTuples(q *gorm.DB, columns []string, tuples [][]string) *gorm.DB {
	return q.Where(condition(func(stmt *gorm.Statement) clause.Expression {
		rows := storedTuples(stmt, columns, tuples)
		switch {
		case len(rows) == 0:
			return nothing
		case len(rows) == 1:
			return clause.Expr{SQL: "(" + strings.Join(columns, " = ? AND ") + " = ?)", Vars: rows[0]}
		case len(columns) == 1:
			return inOne(stmt, columns[0], rows)
		case stmt.Name() != "postgres":
			return clause.Expr{SQL: "(" + strings.Join(columns, ", ") + ") IN ?", Vars: []any{rows}}
		}
		arrays := make([]any, len(columns))
		sent := make([]string, len(columns))
		for i, column := range columns {
			arrays[i], sent[i] = sentArray(stmt, column, rows, i)
		}
		return clause.Expr{SQL: "(" + strings.Join(columns, ", ") + ") IN (SELECT * FROM unnest(" +
			strings.Join(sent, ", ") + "))", Vars: arrays}
	}))
}

// storedTuples returns the tuples as the columns store them, without those that they can't have.
func storedTuples(stmt *gorm.Statement, columns []string, tuples [][]string) [][]any {
	rows := make([][]any, 0, len(tuples))
	for _, tuple := range tuples {
		row := make([]any, len(columns))
		all := true
		for i, column := range columns {
			var ok bool
			row[i], ok = stored(stmt, column, tuple[i])
			all = all && ok
		}
		if all {
			rows = append(rows, row)
		}
	}
	return rows
}

func inOne(stmt *gorm.Statement, column string, rows [][]any) clause.Expression {
	if stmt.Name() == "postgres" {
		array, sent := sentArray(stmt, column, rows, 0)
		return clause.Expr{SQL: column + " = ANY(" + sent + ")", Vars: []any{array}}
	}
	values := make([]any, len(rows))
	for i, row := range rows {
		values[i] = row[0]
	}
	return clause.Expr{SQL: column + " IN ?", Vars: []any{values}}
}

// sentArray returns the values of a column as one of PostgreSQL's arrays, and the SQL of that parameter.
func sentArray(stmt *gorm.Statement, column string, rows [][]any, i int) (array any, sent string) {
	if prefixOf(stmt, column) != "" {
		ids := make(UUIDs, len(rows))
		for n, row := range rows {
			ids[n], _ = row[i].(id.UUID)
		}
		return ids, "CAST(? AS uuid[])"
	}
	texts := make(textArray, len(rows))
	for n, row := range rows {
		texts[n], _ = row[i].(string)
	}
	return texts, "CAST(? AS text[])"
}

// beyond narrows a log to the rows that are, by created_at and id, before (<) or after (>) a cursor. A cursor with an
// id that the log can't have is a problem.
func beyond(q *gorm.DB, direction string, c *page.Cursor) *gorm.DB {
	if c == nil {
		return q
	}
	return q.Where(condition(func(stmt *gorm.Statement) clause.Expression {
		value, ok := stored(stmt, "id", c.ID)
		if !ok {
			_ = stmt.AddError(errCursor())
			return nothing
		}
		return clause.Expr{SQL: "(created_at, id) " + direction + " (?, ?)", Vars: []any{At(c.At), value}}
	}))
}

// AfterID returns the id that a page begins after, zero for the first page, and a problem when the cursor has none with
// the prefix.
func AfterID(prefix string, l page.Log) (id.UUID, error) {
	if l.After == nil {
		return id.UUID{}, nil
	}
	u, err := id.ParseAs(prefix, l.After.ID)
	if err != nil {
		return u, errCursor()
	}
	return u, nil
}

func errCursor() error {
	return problem.Invalid(problem.Detail{Field: "cursor", Message: page.ErrCursor.Error()})
}
