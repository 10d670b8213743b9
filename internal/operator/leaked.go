package operator

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
)

// WithHashes returns the keys that have one of the hashes (SHA-256), whether they work or not.
func (s *Store) WithHashes(ctx context.Context, hashes [][]byte) ([]Key, error) {
	var rows []Key
	if err := s.db.Read(ctx).Where("hash IN ?", hashes).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("operator: %w", err)
	}
	return rows, nil
}

// RevokeLeaked ends a key that others know, and returns it as it is; it is false when the key was revoked already. Unlike
// Revoke it ends the last one too: who is locked out sets another HOOKLINE_OPERATOR_KEY, but nothing takes back what a
// stranger does with all rights.
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
