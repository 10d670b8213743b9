package db

import (
	"database/sql/driver"
	"maps"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/hookline/hookline/internal/page"
)

// ForUpdate makes a query lock the rows that it reads until the transaction ends; it waits for rows that somebody else
// holds. On SQLite there is one writer anyway.
func (d *DB) ForUpdate(q *gorm.DB) *gorm.DB { return d.locking(q, "") }

// ForUpdateSkipLocked is ForUpdate, but passes over the rows that somebody else holds.
func (d *DB) ForUpdateSkipLocked(q *gorm.DB) *gorm.DB { return d.locking(q, "SKIP LOCKED") }

// ForShareSkipLocked keeps the rows that a query reads as they are until the transaction ends, and passes over those that
// somebody is changing.
func (d *DB) ForShareSkipLocked(q *gorm.DB) *gorm.DB {
	if !d.postgres {
		return q
	}
	return q.Clauses(clause.Locking{Strength: "SHARE", Options: "SKIP LOCKED"})
}

func (d *DB) locking(q *gorm.DB, options string) *gorm.DB {
	if !d.postgres {
		return q
	}
	return q.Clauses(clause.Locking{Strength: "UPDATE", Options: options})
}

// Writers is how many transactions are worth having under way at a time for one kind of batch.
func (d *DB) Writers() int {
	if d.postgres {
		return 4
	}
	return 1
}

// WhereOptional narrows a query to rows whose columns have the values; an empty value narrows nothing.
func WhereOptional(q *gorm.DB, values map[string]string) *gorm.DB {
	for _, column := range slices.Sorted(maps.Keys(values)) { // in one order, so that equal filters are equal SQL
		if values[column] != "" {
			q = q.Where(clause.Eq{Column: column, Value: values[column]})
		}
	}
	return q
}

// WhereIn narrows a query to rows whose column has one of the values. On PostgreSQL several travel as one array: the statement
// is then the same for any number of them, so that it is parsed once for each connection. With one value it is planned
// once, too.
func WhereIn(q *gorm.DB, column string, values []string) *gorm.DB {
	switch {
	case q.Name() != "postgres":
		return q.Where(column+" IN ?", values)
	case len(values) == 1:
		return q.Where(column+" = ?", values[0])
	}
	return q.Where(column+" = ANY(CAST(? AS text[]))", textArray(values))
}

// WhereInTuples is WhereIn for several columns, and tuples of their values.
func WhereInTuples(q *gorm.DB, columns []string, tuples [][]string) *gorm.DB {
	names := strings.Join(columns, ", ")
	if q.Name() != "postgres" {
		rows := make([][]any, len(tuples))
		for i, tuple := range tuples {
			for _, value := range tuple {
				rows[i] = append(rows[i], value)
			}
		}
		return q.Where("("+names+") IN ?", rows)
	}
	if len(tuples) == 1 {
		for i, column := range columns {
			q = q.Where(column+" = ?", tuples[0][i])
		}
		return q
	}
	arrays := make([]any, len(columns))
	for i := range columns {
		array := make(textArray, len(tuples))
		for n, tuple := range tuples {
			array[n] = tuple[i]
		}
		arrays[i] = array
	}
	sent := strings.Repeat(", CAST(? AS text[])", len(columns))[2:]
	return q.Where("("+names+") IN (SELECT * FROM unnest("+sent+"))", arrays...)
}

// textArray is an array in PostgreSQL's notation.
type textArray []string

// Value implements driver.Valuer.
func (a textArray) Value() (driver.Value, error) {
	var out strings.Builder
	for i, v := range a {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteByte('"')
		out.WriteString(quoteElement.Replace(v))
		out.WriteByte('"')
	}
	return "{" + out.String() + "}", nil
}

var quoteElement = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// Keyset orders a log by created_at and id, newest first, from the log's place on, and reads one row more than a page
// so that page.Cut can tell whether there is another.
func Keyset(q *gorm.DB, l page.Log) *gorm.DB {
	if l.After != nil {
		q = q.Where("(created_at, id) < (?, ?)", At(l.After.At), l.After.ID)
	}
	return q.Order("created_at DESC, id DESC").Limit(l.Limit + 1)
}

// WhereTimeRange narrows a query to rows whose time is from one moment on and before another; zero ones narrow nothing.
func WhereTimeRange(q *gorm.DB, column string, from, to time.Time) *gorm.DB {
	if !from.IsZero() {
		q = q.Where(clause.Gte{Column: column, Value: At(from)})
	}
	if !to.IsZero() {
		q = q.Where(clause.Lt{Column: column, Value: At(to)})
	}
	return q
}

// AdvisoryLock makes transactions that call it with the same name take turns: one waits until the other has ended. It is for
// what no row stands for yet. On SQLite there is one writer anyway.
func (d *DB) AdvisoryLock(tx *gorm.DB, name string) error {
	if !d.postgres {
		return nil
	}
	return tx.Exec("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", name).Error
}

// Paginate reads one page of a resource, newest first, and counts all its rows.
func Paginate[T any](q *gorm.DB, p page.Page) ([]T, int64, error) {
	return PaginateBy[T](q, p, "created_at DESC, id DESC")
}

// PaginateBy is Paginate in another order, which must be one of ours and never what a caller sent.
func PaginateBy[T any](q *gorm.DB, p page.Page, order string) ([]T, int64, error) {
	var total int64
	var row T
	if err := q.Session(&gorm.Session{}).Model(&row).Count(&total).Error; err != nil {
		return nil, 0, err
	}
	var rows []T
	err := q.Order(order).Offset(p.Offset()).Limit(p.Size).Find(&rows).Error
	return rows, total, err
}
