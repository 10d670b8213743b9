package rotation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/secret"
)

// row is a row with a sealed value.
type row struct {
	key    []string
	bound  []string
	sealed []byte
}

// where is the condition on the rows of a column that have sealed values. No value is NULL on PostgreSQL and empty on
// SQLite.
func (c Column) where() string {
	if c.Where != "" {
		return "length(" + c.Name + ") > 0 AND " + c.Where
	}
	return "length(" + c.Name + ") > 0"
}

// prefix is SQL for the part of a sealed value that names its key.
func (c Column) prefix() string {
	return fmt.Sprintf("substr(%s, 1, %d)", c.Name, len(secret.Prefix(secret.KeyID{})))
}

// read returns the next values that are under one of the keys, after the row with the primary key after, if any.
func read(tx *gorm.DB, c Column, keys []secret.KeyID, after []string, limit int) ([]row, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	key := strings.Join(c.Key, ", ")
	// GORM would take a []byte after "(" for a list of values.
	under := strings.TrimSuffix(strings.Repeat(c.prefix()+" = ? OR ", len(keys)), " OR ")
	query := fmt.Sprintf("SELECT %s, %s FROM %s WHERE %s AND (%s)",
		strings.Join(append(slices.Clone(c.Key), c.Bound...), ", "), c.Name, c.Table, c.where(), under)
	var values []any
	for _, id := range keys {
		values = append(values, secret.Prefix(id))
	}
	if len(after) == len(c.Key) {
		query += fmt.Sprintf(" AND (%s) > (?%s)", key, strings.Repeat(", ?", len(after)-1))
		for _, v := range after {
			values = append(values, v)
		}
	}
	found, err := tx.Raw(query+" ORDER BY "+key+" LIMIT ?", append(values, limit)...).Rows()
	if err != nil {
		return nil, err
	}
	defer func() { _ = found.Close() }()
	var rows []row
	for found.Next() {
		r := row{key: make([]string, len(c.Key)), bound: make([]string, len(c.Bound))}
		var into []any
		for i := range r.key {
			into = append(into, &r.key[i])
		}
		for i := range r.bound {
			into = append(into, &r.bound[i])
		}
		if err := found.Scan(append(into, &r.sealed)...); err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, found.Err()
}

// Counts are how many values are sealed under each key.
type Counts struct {
	ByKey   map[secret.KeyID]int
	Damaged int // values that are not sealed ones
}

// Count counts the sealed values of all columns.
func (r *Rotator) Count(ctx context.Context) (Counts, error) {
	counts := Counts{ByKey: map[secret.KeyID]int{}}
	for _, c := range Columns() {
		if err := counts.add(r.db.Read(ctx), c); err != nil {
			return counts, err
		}
	}
	return counts, nil
}

func (c *Counts) add(q *gorm.DB, column Column) error {
	found, err := q.Raw(fmt.Sprintf("SELECT %s, count(*) FROM %s WHERE %s GROUP BY 1", column.prefix(), column.Table,
		column.where())).Rows()
	if err != nil {
		return err
	}
	defer func() { _ = found.Close() }()
	for found.Next() {
		var prefix []byte
		var n int
		if err := found.Scan(&prefix, &n); err != nil {
			return err
		}
		if id, ok := secret.KeyOf(prefix); ok {
			c.ByKey[id] += n
		} else {
			c.Damaged += n
		}
	}
	return found.Err()
}
