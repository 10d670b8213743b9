package db

import (
	"database/sql/driver"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/hookline/hookline/internal/page"
)

// ForUpdate adds FOR UPDATE to a query: it locks the rows that it reads until the transaction ends, and waits for rows
// that another transaction has locked. SQLite has no row locks and needs none: it runs one write transaction at a time.
func (d *DB) ForUpdate(q *gorm.DB) *gorm.DB { return d.locking(q, "") }

// ForUpdateSkipLocked is ForUpdate, but skips rows that another transaction has locked.
func (d *DB) ForUpdateSkipLocked(q *gorm.DB) *gorm.DB { return d.locking(q, "SKIP LOCKED") }

// ForShareSkipLocked adds FOR SHARE SKIP LOCKED to a query: no other transaction can change the rows that it reads
// until this one ends; rows that another transaction has locked for a change are skipped. It does nothing on SQLite.
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

// Writers returns how many transactions that write one kind of batch should run at the same time: SQLite has one
// writer, and PostgreSQL gains little from more than four.
func (d *DB) Writers() int {
	if d.postgres {
		return 4
	}
	return 1
}

// textArray is a text[] parameter in PostgreSQL's array notation.
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

// Keyset orders a log by created_at and id, newest first, starts it after the log's cursor, and reads one row more than
// the page has, from which page.Cut sees that there is a next page.
func Keyset(q *gorm.DB, l page.Log) *gorm.DB {
	return beyond(q, "<", l.After).Order("created_at DESC, id DESC").Limit(l.Limit + 1)
}

// PaginateKeyset reads one page of a log, newest first, and returns the cursor of the next page, nil on the last one.
// cursorOf returns the cursor of a row.
func PaginateKeyset[T any](q *gorm.DB, l page.Log, cursorOf func(T) page.Cursor) ([]T, *string, error) {
	return readPage(Keyset(q, l), l, cursorOf)
}

// PaginateKeysetAsc is PaginateKeyset, oldest first.
func PaginateKeysetAsc[T any](q *gorm.DB, l page.Log, cursorOf func(T) page.Cursor) ([]T, *string, error) {
	return readPage(beyond(q, ">", l.After).Order("created_at, id").Limit(l.Limit+1), l, cursorOf)
}

func readPage[T any](q *gorm.DB, l page.Log, cursorOf func(T) page.Cursor) ([]T, *string, error) {
	var rows []T
	if err := q.Find(&rows).Error; err != nil {
		return nil, nil, err
	}
	rows, next := page.Cut(l, rows, cursorOf)
	return rows, next, nil
}

// WhereTimeRange narrows a query to rows with from <= column < to. A zero time leaves that side open.
func WhereTimeRange(q *gorm.DB, column string, from, to time.Time) *gorm.DB {
	if !from.IsZero() {
		q = q.Where(clause.Gte{Column: column, Value: At(from)})
	}
	if !to.IsZero() {
		q = q.Where(clause.Lt{Column: column, Value: At(to)})
	}
	return q
}

// AdvisoryLock takes the lock of a name until the transaction ends, and waits while another transaction holds it. Use
// it where there is no row to lock yet. It does nothing on SQLite, which runs one write transaction at a time.
func (d *DB) AdvisoryLock(tx *gorm.DB, name string) error {
	if !d.postgres {
		return nil
	}
	return tx.Exec("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", name).Error
}

// TryAdvisoryLock takes the lock of a name until the transaction ends, unless another transaction holds it, and says
// whether it did. On SQLite, which runs one write transaction at a time, it always does.
func (d *DB) TryAdvisoryLock(tx *gorm.DB, name string) (bool, error) {
	if !d.postgres {
		return true, nil
	}
	var ours bool
	err := tx.Raw("SELECT pg_try_advisory_xact_lock(hashtextextended(?, 0))", name).Scan(&ours).Error
	return ours, err
}

// Contains is the condition that a column contains a text, its one argument.
func Contains(q *gorm.DB, column string) string {
	if q.Name() == "postgres" {
		return "strpos(" + column + ", ?) > 0"
	}
	return "instr(" + column + ", ?) > 0"
}

// countLimit is how many rows of a list are counted: counting costs as much as there are rows.
const countLimit = 10_000

// Paginate reads one page of a query's rows, newest first, and counts all of them. Rows beyond 10,000 are not counted:
// the total is then at least as many as there are up to this page, and more when there is a next page.
func Paginate[T any](q *gorm.DB, p page.Page) ([]T, int64, error) {
	return PaginateBy[T](q, p, "created_at DESC, id DESC")
}

// sortMost is how many rows are sorted rather than read in the order of an index.
const sortMost = 2_000

// fenced returns a query that reads all rows of another before it sorts them. PostgreSQL doesn't know how rare a
// searched word is: without the fence it looks for a single row in an index that has the order, among all of the
// tenant's.
func fenced[T any](q *gorm.DB) (*gorm.DB, error) {
	var row T
	parsed := gorm.Statement{DB: q}
	if err := parsed.Parse(&row); err != nil {
		return nil, err
	}
	inner := q.Session(&gorm.Session{}).Model(&row).Limit(sortMost) // a limit is a fence
	outer := q.Session(&gorm.Session{NewDB: true})
	return planEach(outer.Table("(?) AS "+parsed.Quote(parsed.Schema.Table), inner)), nil
}

// PaginateBy is Paginate in another order. order is SQL, so it must be a constant and never a caller's text.
func PaginateBy[T any](q *gorm.DB, p page.Page, order string) ([]T, int64, error) {
	var total int64
	var row T
	q = planEach(q)
	counted := q.Session(&gorm.Session{}).Model(&row).Select("1").Limit(countLimit)
	if err := q.Session(&gorm.Session{NewDB: true}).Table("(?) AS counted", counted).Count(&total).Error; err != nil {
		return nil, 0, err
	}
	var rows []T
	if total <= sortMost && q.Name() == "postgres" && len(q.Statement.Joins) == 0 {
		var err error
		if q, err = fenced[T](q); err != nil {
			return nil, 0, err
		}
	}
	if err := q.Order(order).Offset(p.Offset()).Limit(p.Size + 1).Find(&rows).Error; err != nil {
		return nil, 0, err
	}
	if n := len(rows); total == countLimit && n > 0 {
		total = max(total, int64(p.Offset()+n))
	}
	return rows[:min(len(rows), p.Size)], total, nil
}
