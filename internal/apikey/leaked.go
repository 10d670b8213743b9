package apikey

import (
	"context"
	"fmt"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
)

// WithHashes returns the keys that have one of the hashes, whoever's they are and whether they work or not. Like
// Authenticate it is asked by who holds a key's text and wants to know whose it is.
func (s *Store) WithHashes(ctx context.Context, hashes [][]byte) ([]Key, error) {
	var rows []Key
	if err := s.db.Read(ctx).Where("hash IN ?", hashes).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("apikey: %w", err)
	}
	return rows, nil
}

// RevokeLeaked ends a key that others know, and returns it as it is. It is false, and nothing is changed, when the key
// is revoked or has expired already.
func (s *Store) RevokeLeaked(ctx context.Context, scope principal.Scope, keyID string) (Key, bool, error) {
	ended := false
	_, after, err := s.change(ctx, scope, keyID, func(k *Key) error {
		now := s.now()
		if ended = k.worksAt(now); ended {
			k.RevokedAt = db.At(now)
		}
		return nil
	})
	return after, ended, err
}
