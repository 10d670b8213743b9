package db

import (
	"context"
	"database/sql/driver"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgtype"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/schema"

	"github.com/hookline/hookline/internal/id"
)

// sqliteRows is how many rows one statement inserts on SQLite. Its driver looks for each parameter among all: 500 rows
// at a time cost three times as much each.
const sqliteRows = 50

// InsertAll inserts rows.
//
// On PostgreSQL it sends several rows as one array for each column, so that the SQL text does not depend on their
// number and is parsed once for each connection. It sends a single row as plain values: that statement is planned once,
// too, and planning costs more than the insert.
//
// It fails with principal.ErrNoScope when a row has no tenant in a table that needs one; so do InsertNew, Upsert and
// InsertBoth.
func InsertAll[T any](tx *gorm.DB, rows []T) error {
	_, err := insert(tx, rows, nil)
	return err
}

// InsertNew is InsertAll with ON CONFLICT DO NOTHING; it returns how many rows it inserted.
func InsertNew[T any](tx *gorm.DB, rows []T) (int64, error) {
	return insert(tx, rows, &clause.OnConflict{DoNothing: true})
}

// Upsert is InsertAll with ON CONFLICT (key) DO UPDATE of the columns named in update. With an empty key it is
// InsertAll.
func Upsert[T any](tx *gorm.DB, rows []T, key, update []string) error {
	_, err := insert(tx, rows, upsert(key, update))
	return err
}

func upsert(key, update []string) *clause.OnConflict {
	if len(key) == 0 {
		return nil
	}
	on := &clause.OnConflict{DoUpdates: clause.AssignmentColumns(update)}
	for _, name := range key {
		on.Columns = append(on.Columns, clause.Column{Name: name})
	}
	return on
}

// InsertBoth inserts two kinds of rows by one statement, which needs no transaction around it, skips those that exist
// and returns the first column of the new ones among rows, as text. It is for PostgreSQL: a round trip costs more than
// a row.
func InsertBoth[T, U any](tx *gorm.DB, rows []T, with []U) ([]string, error) {
	r, err := relationOf[T](tx)
	if err != nil {
		return nil, err
	}
	w, err := relationOf[U](tx)
	if err != nil {
		return nil, err
	}
	ctx := tx.Statement.Context
	if err := requireScope(ctx, r.table, r.scope, reflect.ValueOf(rows)); err != nil {
		return nil, err
	}
	skip := &clause.OnConflict{DoNothing: true}
	query := "WITH w AS (" + w.insert(len(r.columns), len(with), skip) + ") " + r.insert(0, len(rows), skip) +
		" RETURNING " + r.columns[0].field.DBName
	args, err := r.arguments(ctx, reflect.ValueOf(rows))
	if err != nil {
		return nil, err
	}
	more, err := w.arguments(ctx, reflect.ValueOf(with))
	if err != nil {
		return nil, err
	}
	return r.run(tx, query, append(args, more...))
}

func insert[T any](tx *gorm.DB, rows []T, on *clause.OnConflict) (int64, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	if tx.Name() != "postgres" {
		if on != nil {
			tx = tx.Clauses(*on)
		}
		result := tx.CreateInBatches(&rows, sqliteRows)
		return result.RowsAffected, result.Error
	}
	r, err := relationOf[T](tx)
	if err != nil {
		return 0, err
	}
	ctx := tx.Statement.Context
	if err := requireScope(ctx, r.table, r.scope, reflect.ValueOf(rows)); err != nil {
		return 0, err
	}
	args, err := r.arguments(ctx, reflect.ValueOf(rows))
	if err != nil {
		return 0, err
	}
	result, err := tx.Statement.ConnPool.ExecContext(ctx, r.insert(0, len(rows), on), args...)
	if err != nil {
		return 0, translated(tx, err)
	}
	return result.RowsAffected()
}

// insert returns PostgreSQL's INSERT of so many rows; its parameters are numbered from after+1.
func (r *relation) insert(after, rows int, on *clause.OnConflict) string {
	return "INSERT INTO " + r.table + " (" + r.names + ") " + r.sent(after, rows) + onConflict(on)
}

func onConflict(on *clause.OnConflict) string {
	if on == nil {
		return ""
	}
	if on.DoNothing {
		return " ON CONFLICT DO NOTHING"
	}
	var key, update []string
	for _, c := range on.Columns {
		key = append(key, `"`+c.Name+`"`)
	}
	for _, a := range on.DoUpdates {
		update = append(update, `"`+a.Column.Name+`" = excluded."`+a.Column.Name+`"`)
	}
	return " ON CONFLICT (" + strings.Join(key, ", ") + ") DO UPDATE SET " + strings.Join(update, ", ")
}

// translated turns a driver's error into GORM's, as GORM does for its own statements.
func translated(tx *gorm.DB, err error) error {
	if translator, ok := tx.Dialector.(gorm.ErrorTranslator); ok {
		return translator.Translate(err)
	}
	return err
}

func (r *relation) run(tx *gorm.DB, query string, args []any) ([]string, error) {
	found, err := tx.Statement.ConnPool.QueryContext(tx.Statement.Context, query, args...)
	if err != nil {
		return nil, translated(tx, err)
	}
	defer func() { _ = found.Close() }()
	var out []string
	for found.Next() {
		var first string
		if err := found.Scan(&first); err != nil {
			return nil, err
		}
		out = append(out, first)
	}
	if err := found.Err(); err != nil {
		return nil, translated(tx, err)
	}
	return out, nil
}

// relation describes how rows of a type are sent to the database.
type relation struct {
	table   string
	names   string // of the columns, quoted
	columns []column
	scope   []*schema.Field // must have a value in every inserted row
}

type column struct {
	field *schema.Field
	kind  string // PostgreSQL's type
	array func(values []any) (any, error)
}

// sent returns PostgreSQL's SELECT of so many rows from parameters numbered from after+1: one for each column, which is
// the value of the only row or the array of the values of all rows.
func (r *relation) sent(after, rows int) string {
	list := make([]string, len(r.columns))
	for i, c := range r.columns {
		list[i] = fmt.Sprintf("$%d::%s", after+i+1, c.kind)
		if rows != 1 {
			list[i] += "[]"
		}
	}
	columns := strings.Join(list, ", ")
	if rows != 1 {
		return "SELECT * FROM unnest(" + columns + ")"
	}
	return "SELECT " + columns
}

var relations sync.Map // of reflect.Type and *relation

func relationOf[T any](tx *gorm.DB) (*relation, error) {
	kind := reflect.TypeFor[T]()
	if known, ok := relations.Load(kind); ok {
		return known.(*relation), nil
	}
	s, err := schema.Parse(new(T), &sync.Map{}, tx.NamingStrategy)
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	r := &relation{table: s.Table, scope: scopeFields(s)}
	var names []string
	for _, name := range s.DBNames {
		c := column{field: s.FieldsByDBName[name]}
		if !c.field.Creatable { // set by the database
			continue
		}
		switch t := c.field.FieldType; {
		case uuidField(c.field):
			c.kind, c.array = "uuid", uuidArray
		case t == reflect.TypeFor[*string]():
			c.kind, c.array = "text", arrayOf[*string]
		case t.Kind() == reflect.Pointer && c.field.DataType != schema.Int, t.Kind() == reflect.Float32,
			t.Kind() == reflect.Float64:
			return nil, fmt.Errorf("db: %s.%s: %s can't be an element of an array", kind, c.field.Name, t)
		case t == reflect.TypeFor[[]byte](), c.field.DataType == schema.Bytes:
			c.kind, c.array = "bytea", arrayOf[[]byte]
		case c.field.DataType == "bigint" || c.field.DataType == schema.Int:
			c.kind, c.array = "bigint", arrayOf[*int64]
		case c.field.DataType == schema.Bool:
			c.kind, c.array = "boolean", arrayOf[bool]
		default:
			c.kind, c.array = "text", arrayOf[string]
		}
		r.columns = append(r.columns, c)
		names = append(names, `"`+name+`"`)
	}
	r.names = strings.Join(names, ", ")
	relations.Store(kind, r)
	return r, nil
}

// values returns the values of all rows, one row after the other.
func (r *relation) values(ctx context.Context, rows reflect.Value) []any {
	out := make([]any, 0, rows.Len()*len(r.columns))
	for i := range rows.Len() {
		for _, c := range r.columns {
			v, _ := c.field.ValueOf(ctx, rows.Index(i))
			out = append(out, v)
		}
	}
	return out
}

// arguments returns the parameters of sent.
func (r *relation) arguments(ctx context.Context, rows reflect.Value) ([]any, error) {
	if rows.Len() == 1 {
		return r.values(ctx, rows), nil
	}
	return r.arrays(ctx, rows)
}

func (r *relation) arrays(ctx context.Context, rows reflect.Value) ([]any, error) {
	out := make([]any, len(r.columns))
	values := make([]any, rows.Len())
	for i, c := range r.columns {
		for n := range rows.Len() {
			values[n], _ = c.field.ValueOf(ctx, rows.Index(n))
		}
		var err error
		if out[i], err = c.array(values); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// uuidArray converts the values of a column of UUIDs to an array. An empty value becomes NULL.
func uuidArray(values []any) (any, error) {
	out := make([]pgtype.UUID, len(values))
	for i, v := range values {
		if valuer, ok := v.(driver.Valuer); ok {
			var err error
			if v, err = valuer.Value(); err != nil {
				return nil, err
			}
		}
		if v == nil {
			continue
		}
		var u id.UUID
		if err := u.Scan(v); err != nil {
			return nil, err
		}
		out[i] = pgtype.UUID{Bytes: u, Valid: true}
	}
	return out, nil
}

// arrayOf converts the values of a column to an array. A value that can't be converted, such as NULL, becomes the zero
// value, which is nil for numbers.
func arrayOf[E any](values []any) (any, error) {
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
	return out, nil
}
