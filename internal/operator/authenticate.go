package operator

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/ratelimit"
)

// limit is how many requests each operator key may make.
var limit = ratelimit.PerMinute(6000)

// lastUsedStep is the resolution of the time of last use: a write for every call would cost more than the call.
const lastUsedStep = time.Minute

// ErrUnknown means that no valid operator key has this text or id. It does not say more, so that nobody learns which
// keys exist.
var ErrUnknown = errors.New("operator: unknown, revoked or expired key")

// Working returns the key with the id if it is valid; it fails with ErrUnknown.
func (s *Store) Working(ctx context.Context, keyID string) (Key, error) {
	return s.working(s.db.Read(ctx).Where("id = ?", keyID))
}

// working reads a key from the database each time, so that changes take effect at once in every process.
func (s *Store) working(q *gorm.DB) (Key, error) {
	var k Key
	err := q.Take(&k).Error
	if errors.Is(err, gorm.ErrRecordNotFound) || err == nil && !k.worksAt(s.now()) {
		return Key{}, ErrUnknown
	}
	return k, err
}

// Authenticate returns the caller that a key from an address belongs to. It fails with ErrUnknown, or with a problem
// when the address is not allowed.
func (s *Store) Authenticate(ctx context.Context, text, address string) (principal.Principal, error) {
	if !strings.HasPrefix(text, Prefix) {
		return principal.Principal{}, ErrUnknown
	}
	k, err := s.working(s.db.Read(ctx).Where("hash = ?", hash(text)))
	if err == nil {
		err = k.CheckAddress(address)
	}
	if err == nil {
		err = s.touch(ctx, k)
	}
	if err != nil {
		return principal.Principal{}, err
	}
	return principal.Principal{Operator: true, OperatorRole: k.Role, KeyID: k.ID, KeyName: k.Name, Limit: limit}, nil
}

// touch records the use of a key.
func (s *Store) touch(ctx context.Context, k Key) error {
	now := s.now()
	if now.Sub(k.LastUsedAt.Time) < lastUsedStep {
		return nil
	}
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Model(&Key{}).
			Where("id = ? AND (last_used_at IS NULL OR last_used_at < ?)", k.ID, db.At(now.Add(-lastUsedStep))).
			Update("last_used_at", db.At(now)).Error
	})
}
