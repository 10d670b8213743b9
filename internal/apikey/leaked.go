package apikey

import (
	"context"
	"fmt"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
)

// WithHashes returns the keys of all tenants that have one of the hashes, valid or not. Like Authenticate, it has no
// scope: the caller has a key's text and asks for its owner.
func (s *Store) WithHashes(ctx context.Context, hashes [][]byte) ([]Key, error) {
	var rows []Key
	if err := s.db.Read(ctx).Where("hash IN ?", hashes).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("apikey: %w", err)
	}
	return rows, nil
}

// RevokeLeaked revokes a leaked key and returns it. It returns false, and changes nothing, when the key is revoked or
// expired already.
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
