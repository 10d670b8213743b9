package operator

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
)

// WithHashes returns the keys that have one of the hashes (SHA-256), valid or not.
func (s *Store) WithHashes(ctx context.Context, hashes [][]byte) ([]Key, error) {
	var rows []Key
	if err := s.db.Read(ctx).Where("hash IN ?", hashes).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("operator: %w", err)
	}
	return rows, nil
}

// RevokeLeaked revokes a leaked key, and returns it; it returns false when the key was revoked already. Unlike Revoke
// it revokes the last one too: an operator without a key can set another HOOKLINE_OPERATOR_KEY, but what a stranger
// does with all permissions can't be undone.
func (s *Store) RevokeLeaked(ctx context.Context, keyID string) (k Key, ended bool, err error) {
	err = s.db.Tx(ctx, func(tx *gorm.DB) error {
		if err := s.db.ForUpdate(tx).Where("id = ?", keyID).Take(&k).Error; err != nil {
			return fmt.Errorf("operator: %w", err)
		}
		if ended = k.RevokedAt.IsZero(); !ended {
			return nil
		}
		k.RevokedAt = db.At(s.now())
		return tx.Model(&Key{}).Where("id = ?", keyID).Update("revoked_at", k.RevokedAt).Error
	})
	return k, ended, err
}
