package db

import (
	"fmt"
	"strings"

	"github.com/glebarez/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// strictSQLite is SQLite that refuses, as PostgreSQL does, to compare a column of UUIDs with a text or to set it to
// one. SQLite itself keeps UUIDs as texts: it would find nothing, and store anything.
type strictSQLite struct{ *sqlite.Dialector }

// BindVarTo implements gorm.Dialector.
func (d strictSQLite) BindVarTo(w clause.Writer, stmt *gorm.Statement, v any) {
	switch v.(type) {
	case string, *string:
		if f := fieldOf(stmt, columnBefore(stmt.SQL.String())); uuidField(f) {
			_ = stmt.AddError(fmt.Errorf("db: %s.%s stores UUIDs and is given a text: use db.ByID or db.WhereID",
				stmt.Schema.Table, f.DBName))
			_, _ = w.WriteString("a_text_in_place_of_a_uuid") // no column: GORM drops the error of a subquery
			return
		}
	}
	d.Dialector.BindVarTo(w, stmt, v)
}

// columnBefore returns the column that the next value of an SQL text is compared with, or that is set to it; empty
// where the text does not end in such a place.
func columnBefore(sql string) string {
	const enough = 64 // for a name and an operator
	text := strings.TrimRight(sql[max(0, len(sql)-enough):], "?, ")
	list, in := strings.CutSuffix(text, "(")
	rest := strings.TrimRight(text, "=<>! ")
	compared := rest != text
	if in {
		rest, compared = strings.CutSuffix(strings.TrimRight(list, " "), "IN")
	}
	if !compared {
		return ""
	}
	rest = strings.TrimRight(rest, " \"`")
	return rest[strings.LastIndexFunc(rest, func(r rune) bool {
		return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})+1:]
}
