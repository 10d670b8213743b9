package id

import (
	"bytes"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// UUID is the part of a TypeID after its prefix, as the database stores it: a UUIDv7. The zero value is no identifier.
type UUID [16]byte

// ErrForm means that a text is not a TypeID.
var ErrForm = errors.New("id: not a TypeID")

// suffixLength is how many characters of a TypeID encode the UUID, five bits each.
const suffixLength = 26

// values has the value of each character of the alphabet, and 255 for all others.
var values = func() (out [256]byte) {
	for i := range out {
		out[i] = 255
	}
	for i := range alphabet {
		out[alphabet[i]] = byte(i)
	}
	return out
}()

// Parse returns the UUID of a TypeID, whatever its prefix. It fails with ErrForm.
func Parse(typeID string) (UUID, error) {
	var u UUID
	at := strings.LastIndexByte(typeID, '_')
	suffix := typeID[at+1:]
	if len(suffix) != suffixLength || suffix[0] > '7' {
		return u, ErrForm
	}
	var high, low uint64
	for i := range suffixLength {
		v := values[suffix[i]]
		if v == 255 {
			return u, ErrForm
		}
		high = high<<5 | low>>59
		low = low<<5 | uint64(v)
	}
	for i := range 8 {
		u[i], u[8+i] = byte(high>>(56-8*i)), byte(low>>(56-8*i))
	}
	return u, nil
}

// ParseAs is Parse for a TypeID with a known prefix.
func ParseAs(prefix, typeID string) (UUID, error) {
	if len(typeID) != len(prefix)+1+suffixLength || typeID[:len(prefix)] != prefix || typeID[len(prefix)] != '_' {
		return UUID{}, ErrForm
	}
	return Parse(typeID)
}

// Canonical returns the TypeID with a prefix of a text that is a UUID, as whose documents name ids by it may send them,
// and every other text as it is.
func Canonical(prefix, text string) string {
	var u UUID
	if !uuidText.MatchString(text) || u.read([]byte(text)) != nil {
		return text
	}
	return u.TypeID(prefix)
}

var uuidText = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)

// TypeID returns the identifier with a prefix.
func (u UUID) TypeID(prefix string) string {
	var high, low uint64
	for i := range 8 {
		high, low = high<<8|uint64(u[i]), low<<8|uint64(u[8+i])
	}
	var out [suffixLength]byte
	for i := suffixLength - 1; i >= 0; i-- {
		out[i] = alphabet[low&31]
		low = low>>5 | high<<59
		high >>= 5
	}
	return prefix + "_" + string(out[:])
}

// IsZero reports whether it is no identifier.
func (u UUID) IsZero() bool { return u == UUID{} }

// Compare orders ids as the databases do: -1 when u is before the other, 0 when they are equal, 1 otherwise.
func (u UUID) Compare(other UUID) int { return bytes.Compare(u[:], other[:]) }

// String returns the form 0190163d-8694-739b-aea5-966c26f8ad91.
func (u UUID) String() string {
	var out [36]byte
	hex.Encode(out[:8], u[:4])
	hex.Encode(out[9:13], u[4:6])
	hex.Encode(out[14:18], u[6:8])
	hex.Encode(out[19:23], u[8:10])
	hex.Encode(out[24:], u[10:])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:])
}

// Value implements driver.Valuer.
func (u UUID) Value() (driver.Value, error) { return u.String(), nil }

// Scan implements sql.Scanner.
func (u *UUID) Scan(v any) error {
	switch v := v.(type) {
	case string:
		return u.read([]byte(v))
	case []byte:
		return u.read(v)
	}
	return fmt.Errorf("id: a UUID can't be read from %T", v)
}

func (u *UUID) read(text []byte) error {
	if len(text) == len(u) {
		copy(u[:], text)
		return nil
	}
	if len(text) != 36 {
		return fmt.Errorf("id: a UUID can't be read from %d bytes", len(text))
	}
	at := 0
	for i := range u {
		if text[at] == '-' {
			at++
		}
		if _, err := hex.Decode(u[i:i+1], text[at:at+2]); err != nil {
			return fmt.Errorf("id: %w", err)
		}
		at += 2
	}
	return nil
}

// NewUUID returns a fresh UUID of the present.
func NewUUID() UUID {
	u, err := Parse(New(Event))
	if err != nil {
		panic(err) // New makes TypeIDs
	}
	return u
}

// Derive returns the UUID that follows from two others: with the time of the first, and a hash of both. The same two
// give the same one, so that nobody has to store it before it is used.
func Derive(of, with UUID) UUID {
	sum := sha256.Sum256(append(append(make([]byte, 0, 32), of[:]...), with[:]...))
	var u UUID
	copy(u[:6], of[:6])
	copy(u[6:], sum[:10])
	u[6] = u[6]&0x0f | 0x70
	u[8] = u[8]&0x3f | 0x80
	return u
}

// Time is when a UUIDv7 was made, to the millisecond.
func (u UUID) Time() time.Time {
	var ms int64
	for _, b := range u[:6] {
		ms = ms<<8 | int64(b)
	}
	return time.UnixMilli(ms).UTC()
}

// From returns the smallest UUID of a moment: those made before its millisecond are smaller, later ones are greater.
func From(t time.Time) UUID {
	var u UUID
	ms := t.UnixMilli()
	for i := 5; i >= 0; i-- {
		u[i] = byte(ms)
		ms >>= 8
	}
	return u
}

// TypeIDs returns the identifiers of UUIDs with a prefix.
func TypeIDs(prefix string, uuids []UUID) []string {
	out := make([]string, len(uuids))
	for i, u := range uuids {
		out[i] = u.TypeID(prefix)
	}
	return out
}

// In returns the UUIDs of TypeIDs. It fails with ErrForm when one is none.
func In(typeIDs []string) ([]UUID, error) {
	out := make([]UUID, len(typeIDs))
	for i, typeID := range typeIDs {
		var err error
		if out[i], err = Parse(typeID); err != nil {
			return nil, err
		}
	}
	return out, nil
}
