package db

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"
)

// Time is a time as both engines store it: microseconds since 1970 (UTC) in a BIGINT, NULL for the zero time. SQLite has
// no type for times, and times stored as text sort wrongly when two writers format them differently.
type Time struct{ time.Time }

// At returns t in UTC, truncated to microseconds.
func At(t time.Time) Time { return Time{t.UTC().Truncate(time.Microsecond)} }

// Pointer returns the time, nil for the zero time.
func (t Time) Pointer() *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t.Time
}

// Value implements driver.Valuer.
func (t Time) Value() (driver.Value, error) {
	if t.IsZero() {
		return nil, nil
	}
	return t.UnixMicro(), nil
}

// Scan implements sql.Scanner.
func (t *Time) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		t.Time = time.Time{}
	case int64:
		t.Time = time.UnixMicro(v).UTC()
	default:
		return fmt.Errorf("db: a time can't be read from %T", v)
	}
	return nil
}

// GormDataType implements schema.GormDataTypeInterface; without it GORM would set the column like its own time fields.
func (Time) GormDataType() string { return "bigint" }

// JSON is a value stored as JSON text.
type JSON[T any] struct{ V T }

// Value implements driver.Valuer.
func (j JSON[T]) Value() (driver.Value, error) {
	b, err := json.Marshal(j.V)
	return string(b), err
}

// Scan implements sql.Scanner.
func (j *JSON[T]) Scan(v any) error {
	switch v := v.(type) {
	case string:
		return json.Unmarshal([]byte(v), &j.V)
	case []byte:
		return json.Unmarshal(v, &j.V)
	}
	return fmt.Errorf("db: JSON can't be read from %T", v)
}

// GormDataType implements schema.GormDataTypeInterface.
func (JSON[T]) GormDataType() string { return "text" }
