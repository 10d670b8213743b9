package hookline

import (
	"bytes"
	"encoding/json"
)

// Nullable is a field of a change: the zero value leaves the field as it is, Null removes its value, and Value sets it.
type Nullable[T any] struct {
	value T
	state nullableState
}

type nullableState int

const (
	stateAbsent nullableState = iota
	stateNull
	stateValue
)

// Value sets a field.
func Value[T any](v T) Nullable[T] { return Nullable[T]{value: v, state: stateValue} }

// Null removes the value of a field.
func Null[T any]() Nullable[T] { return Nullable[T]{state: stateNull} }

// Get returns the value, if there is one.
func (n Nullable[T]) Get() (value T, ok bool) { return n.value, n.state == stateValue }

// IsZero reports whether the field is left as it is; encoding/json leaves it out then.
func (n Nullable[T]) IsZero() bool { return n.state == stateAbsent }

// MarshalJSON implements json.Marshaler.
func (n Nullable[T]) MarshalJSON() ([]byte, error) {
	if n.state != stateValue {
		return []byte("null"), nil
	}
	return json.Marshal(n.value)
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *Nullable[T]) UnmarshalJSON(raw []byte) error {
	if bytes.Equal(raw, []byte("null")) {
		*n = Null[T]()
		return nil
	}
	n.state = stateValue
	return json.Unmarshal(raw, &n.value)
}
