// Package operator manages the keys of the people and services that run Hookline. An operator key belongs to no
// tenant and sees no tenant's data through the tenants' API.
package operator

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/ratelimit"
)

// Prefix is the prefix of operator keys.
const Prefix = "hk_op_"

// Key is a row of operator_keys.
type Key struct {
	ID        string
	Name      string
	Hint      string
	Hash      []byte
	CreatedAt db.Time
	RevokedAt db.Time
}

// TableName implements GORM's Tabler.
func (Key) TableName() string { return "operator_keys" }

// Store keeps operator keys.
type Store struct {
	db  *db.DB
	now clock.Clock
}

// NewStore makes a Store.
func NewStore(database *db.DB, now clock.Clock) *Store { return &Store{db: database, now: now} }

// Create makes a key and returns it with its text, which is not stored.
func (s *Store) Create(ctx context.Context, name string) (Key, string, error) {
	var raw [24]byte
	_, _ = rand.Read(raw[:]) // never fails: crypto/rand ends the program instead
	text := Prefix + hex.EncodeToString(raw[:])
	k := s.row(name, text)
	err := s.db.Tx(ctx, func(tx *gorm.DB) error { return tx.Create(&k).Error })
	return k, text, err
}

// Ensure stores a given key unless it exists already. A revoked key stays revoked.
func (s *Store) Ensure(ctx context.Context, name, text string) error {
	k := s.row(name, text)
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&k).Error
	})
}

func (s *Store) row(name, text string) Key {
	return Key{ID: id.New(id.Operator), Name: name, Hint: text[:len(Prefix)+4], Hash: hash(text),
		CreatedAt: db.At(s.now())}
}

func hash(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// List returns one page of keys, newest first, and the total.
func (s *Store) List(ctx context.Context, p page.Page) ([]Key, int64, error) {
	return db.Paginate[Key](s.db.Read(ctx), p)
}

// Revoke revokes a key, and returns it before and after. It refuses to revoke the last valid key, so that operators
// can't lock themselves out. Revoking a key again changes nothing.
func (s *Store) Revoke(ctx context.Context, keyID string) (before, after Key, err error) {
	err = s.db.Tx(ctx, func(tx *gorm.DB) error {
		working, err := s.working(tx)
		if err != nil {
			return err
		}
		before, err = db.One[Key](tx.Where("id = ?", keyID), "operator key")
		if after = before; err != nil || !before.RevokedAt.IsZero() {
			return err
		}
		if working == 1 {
			return problem.New(problem.Conflict,
				"This is the last valid operator key. Create another before revoking it.")
		}
		after.RevokedAt = db.At(s.now())
		return tx.Model(&Key{}).Where("id = ?", keyID).Update("revoked_at", after.RevokedAt).Error
	})
	return before, after, err
}

// working counts the valid keys and locks them: concurrent revocations must see each other.
func (s *Store) working(tx *gorm.DB) (int, error) {
	var ids []string
	err := s.db.ForUpdate(tx).Model(&Key{}).Where("revoked_at IS NULL").Order("id").Pluck("id", &ids).Error
	return len(ids), err
}

// limit is how many requests each operator key may make.
var limit = ratelimit.PerMinute(6000)

// Working returns the key with the id if it is valid; it fails with ErrUnknown.
func (s *Store) Working(ctx context.Context, keyID string) (Key, error) {
	var k Key
	err := s.db.Read(ctx).Where("id = ? AND revoked_at IS NULL", keyID).Take(&k).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return k, ErrUnknown
	}
	return k, err
}

// ErrUnknown means that no valid operator key has this text.
var ErrUnknown = errors.New("operator: unknown or revoked key")

// Authenticate returns the valid key with a text; it fails with ErrUnknown.
func (s *Store) Authenticate(ctx context.Context, text, _ string) (principal.Principal, error) {
	if !strings.HasPrefix(text, Prefix) {
		return principal.Principal{}, ErrUnknown
	}
	var k Key
	err := s.db.Read(ctx).Where("hash = ? AND revoked_at IS NULL", hash(text)).Take(&k).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return principal.Principal{}, ErrUnknown
	}
	return principal.Principal{Operator: true, KeyID: k.ID, KeyName: k.Name, Limit: limit}, err
}
