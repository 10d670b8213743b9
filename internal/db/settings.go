package db

import (
	"context"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Setting is a row of settings: a value that the installation keeps about itself, under its name.
type Setting struct {
	Name  string `gorm:"primaryKey"`
	Value []byte
}

// Setting returns the value of a setting, nil when it is not set.
func (d *DB) Setting(ctx context.Context, name string) ([]byte, error) {
	var s Setting
	err := d.Read(ctx).Where("name = ?", name).Take(&s).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	return s.Value, err
}

// EnsureSetting stores a value unless the setting has one, and returns the value that is stored.
func (d *DB) EnsureSetting(ctx context.Context, name string, value []byte) ([]byte, error) {
	err := d.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&Setting{Name: name, Value: value}).Error
	})
	if err != nil {
		return nil, err
	}
	return d.Setting(ctx, name)
}
