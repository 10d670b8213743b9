package operator

import (
	"context"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// Store keeps operator keys.
type Store struct {
	db  *db.DB
	now clock.Clock
}

// NewStore makes a Store.
func NewStore(database *db.DB, now clock.Clock) *Store { return &Store{db: database, now: now} }

// Create makes a key and returns it with its text, which is not stored. It refuses unusable settings.
func (s *Store) Create(ctx context.Context, spec Spec) (Key, string, error) {
	if err := spec.check(s.now()); err != nil {
		return Key{}, "", err
	}
	text := newText()
	k := s.row(spec, text)
	err := s.db.Tx(ctx, func(tx *gorm.DB) error { return tx.Create(&k).Error })
	return k, text, err
}

// Ensure stores a given key as an admin's unless it exists already. A revoked key stays revoked.
func (s *Store) Ensure(ctx context.Context, name, text string) error {
	k := s.row(Spec{Name: name, Role: principal.OperatorAdmin}, text)
	k.Given = true
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		return db.Upsert(tx, []Key{k}, []string{"hash"}, []string{"given"})
	})
}

func (s *Store) row(spec Spec, text string) Key {
	k := Key{ID: id.New(id.Operator), Hint: text[:len(Prefix)+4], Hash: hash(text), CreatedAt: db.At(s.now())}
	k.apply(spec)
	return k
}

// Get returns one key.
func (s *Store) Get(ctx context.Context, keyID string) (Key, error) {
	return take(s.db.Read(ctx), keyID)
}

func take(q *gorm.DB, keyID string) (Key, error) {
	return db.One[Key](q.Where("id = ?", keyID), "operator key")
}

// List returns one page of keys, newest first, and the total.
func (s *Store) List(ctx context.Context, p page.Page) ([]Key, int64, error) {
	return db.Paginate[Key](s.db.Read(ctx), p)
}

// Update changes a key by edit, which may fail, and returns it before and after.
func (s *Store) Update(ctx context.Context, keyID string, edit func(*Spec) error) (before, after Key, err error) {
	return s.change(ctx, keyID, func(k *Key) error {
		if !k.worksAt(s.now()) {
			return problem.New(problem.Conflict, "The key is revoked or has expired, so it can't be changed any more.")
		}
		spec := k.spec()
		if err := edit(&spec); err != nil {
			return err
		}
		k.apply(spec)
		return nil
	})
}

// Revoke revokes a key, and returns it before and after. Revoking a key again changes nothing.
func (s *Store) Revoke(ctx context.Context, keyID string) (before, after Key, err error) {
	return s.change(ctx, keyID, func(k *Key) error {
		if k.RevokedAt.IsZero() {
			k.RevokedAt = db.At(s.now())
		}
		return nil
	})
}

// change edits a key, unless operators would lock themselves out by it.
func (s *Store) change(ctx context.Context, keyID string, edit func(*Key) error) (before, after Key, err error) {
	err = s.db.Tx(ctx, func(tx *gorm.DB) error {
		admins, err := s.admins(tx)
		if err != nil {
			return err
		}
		if before, err = take(s.db.ForUpdate(tx), keyID); err != nil {
			return err
		}
		after = before
		if err := edit(&after); err != nil {
			return err
		}
		if err := s.keepAdmin(admins, before, after); err != nil {
			return err
		}
		return tx.Model(&Key{}).Where("id = ?", keyID).
			Select("name", "role", "allowed_cidrs", "expires_at", "revoked_at").Updates(&after).Error
	})
	return before, after, err
}

// admins returns the admin keys that are not revoked, and locks them: concurrent changes must see each other. All
// changes lock them first and in one order.
func (s *Store) admins(tx *gorm.DB) ([]Key, error) {
	var keys []Key
	err := s.db.ForUpdate(tx).Where("role = ? AND revoked_at IS NULL", principal.OperatorAdmin).Order("id").
		Find(&keys).Error
	return keys, err
}

// keepAdmin refuses a change after which no admin key works, or none from everywhere where one did.
func (s *Store) keepAdmin(admins []Key, before, after Key) error {
	now := s.now()
	works := func(k Key) bool { return k.Role == principal.OperatorAdmin && k.worksAt(now) }
	everywhere := func(k Key) bool { return len(k.AllowedCIDRs.V) == 0 }
	if !works(before) || works(after) && (everywhere(after) || !everywhere(before)) {
		return nil
	}
	for _, k := range admins {
		if k.ID != before.ID && works(k) && (everywhere(k) || !everywhere(before)) {
			return nil
		}
	}
	if everywhere(before) {
		return problem.New(problem.Conflict,
			"This is the last valid admin key that works from any address. Create another first.")
	}
	return problem.New(problem.Conflict, "This is the last valid admin key. Create another first.")
}
