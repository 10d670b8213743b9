package db

import (
	"context"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Setting is a row of settings: what the installation remembers about itself.
type Setting struct {
	Name  string `gorm:"primaryKey"`
	Value []byte
}

// Setting returns a value, nil when there is none.
func (d *DB) Setting(ctx context.Context, name string) ([]byte, error) {
	var s Setting
	err := d.Read(ctx).Where("name = ?", name).Take(&s).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	return s.Value, err
}

// EnsureSetting stores a value unless there is one, and returns the one that there is.
func (d *DB) EnsureSetting(ctx context.Context, name string, value []byte) ([]byte, error) {
	err := d.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&Setting{Name: name, Value: value}).Error
	})
	if err != nil {
		return nil, err
	}
	return d.Setting(ctx, name)
}
