package db

import (
	"context"
	"database/sql/driver"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/schema"
)

// sqliteRows keeps one statement far below the 32,766 parameters that SQLite takes.
const sqliteRows = 500

// InsertAll inserts rows.
//
// On PostgreSQL they travel as one array for each column. The statement is then the same for any number of rows, so it
// is parsed and planned once for each connection, which costs more than inserting a row.
func InsertAll[T any](tx *gorm.DB, rows []T) error {
	_, err := insert(tx, rows, false)
	return err
}

// InsertNew is InsertAll, but passes over rows that exist already; it returns how many it inserted.
func InsertNew[T any](tx *gorm.DB, rows []T) (int64, error) { return insert(tx, rows, true) }

func insert[T any](tx *gorm.DB, rows []T, onlyNew bool) (int64, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	if tx.Name() != "postgres" {
		if onlyNew {
			tx = tx.Clauses(clause.OnConflict{DoNothing: true})
		}
		result := tx.CreateInBatches(&rows, sqliteRows)
		return result.RowsAffected, result.Error
	}
	in, err := inserterOf[T](tx)
	if err != nil {
		return 0, err
	}
	sql := in.sql
	if onlyNew {
		sql += " ON CONFLICT DO NOTHING"
	}
	ctx := tx.Statement.Context
	result, err := tx.Statement.ConnPool.ExecContext(ctx, sql, in.arrays(ctx, reflect.ValueOf(rows))...)
	if translator, ok := tx.Dialector.(gorm.ErrorTranslator); ok && err != nil {
		err = translator.Translate(err) // as GORM does with what goes through it
	}
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// inserter is the statement of one table, and how its arrays are made.
type inserter struct {
	sql     string
	columns []column
}

type column struct {
	field *schema.Field
	array func(values []any) any
}

var inserters sync.Map // of reflect.Type and *inserter

func inserterOf[T any](tx *gorm.DB) (*inserter, error) {
	kind := reflect.TypeFor[T]()
	if known, ok := inserters.Load(kind); ok {
		return known.(*inserter), nil
	}
	s, err := schema.Parse(new(T), &sync.Map{}, tx.NamingStrategy)
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	in := &inserter{}
	var names, arrays []string
	for _, name := range s.DBNames {
		c := column{field: s.FieldsByDBName[name]}
		if !c.field.Creatable { // the database's own
			continue
		}
		var array string
		switch t := c.field.FieldType; {
		case t == reflect.TypeFor[[]byte]():
			array, c.array = "bytea[]", arrayOf[[]byte]
		case c.field.DataType == "bigint" || c.field.DataType == schema.Int:
			array, c.array = "bigint[]", arrayOf[*int64]
		case c.field.DataType == schema.Bool:
			array, c.array = "boolean[]", arrayOf[bool]
		default:
			array, c.array = "text[]", arrayOf[string]
		}
		in.columns = append(in.columns, c)
		names, arrays = append(names, `"`+name+`"`), append(arrays, fmt.Sprintf("$%d::%s", len(in.columns), array))
	}
	in.sql = "INSERT INTO " + s.Table + " (" + strings.Join(names, ", ") + ") SELECT * FROM unnest(" + strings.Join(arrays, ", ") + ")"
	inserters.Store(kind, in)
	return in, nil
}

func (in *inserter) arrays(ctx context.Context, rows reflect.Value) []any {
	out := make([]any, len(in.columns))
	values := make([]any, rows.Len())
	for i, c := range in.columns {
		for r := range rows.Len() {
			values[r], _ = c.field.ValueOf(ctx, rows.Index(r))
		}
		out[i] = c.array(values)
	}
	return out
}

// arrayOf converts the values of a column; what can't be converted, such as NULL, is the zero value, which is nil for
// numbers.
func arrayOf[E any](values []any) any {
	out := make([]E, len(values))
	kind := reflect.TypeFor[E]()
	for i, v := range values {
		if valuer, ok := v.(driver.Valuer); ok {
			v, _ = valuer.Value()
		}
		if exact, ok := v.(E); ok {
			out[i] = exact
			continue
		}
		r := reflect.ValueOf(v)
		if r.Kind() == reflect.Pointer && !r.IsNil() && kind.Kind() == reflect.Pointer {
			r = r.Elem()
		}
		switch {
		case !r.IsValid() || r.Kind() == reflect.Pointer:
		case kind.Kind() == reflect.Pointer:
			n := r.Int()
			reflect.ValueOf(&out[i]).Elem().Set(reflect.ValueOf(&n))
		default:
			reflect.ValueOf(&out[i]).Elem().Set(r.Convert(kind))
		}
	}
	return out
}
