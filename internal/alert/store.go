package alert

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/pkg/webhook"
)

// Store keeps settings, channels, alerts and their notifications.
type Store struct {
	db        *db.DB
	ring      *secret.Ring
	now       clock.Clock
	defaults  Limits
	operators []Channel // see operators.go
}

// NewStore makes a Store. ring encrypts targets; defaults apply to tenants without settings; operators are the targets
// of operators' alerts.
func NewStore(database *db.DB, ring *secret.Ring, now clock.Clock, defaults Limits, operators OperatorTargets) *Store {
	s := &Store{db: database, ring: ring, now: now, defaults: defaults}
	s.operators = s.operatorChannels(operators)
	return s
}

// Settings is a row of alert_settings; nil is the default.
type Settings struct {
	TenantID          string
	Environment       principal.Environment
	DisableAfterHours *int
	DisableFailures   *int
	UpdatedAt         db.Time
}

// TableName implements GORM's Tabler.
func (Settings) TableName() string { return "alert_settings" }

// limits are the settings with the defaults for what is not set.
func (s Settings) limits(defaults Limits) Limits {
	if s.DisableAfterHours != nil {
		defaults.After = time.Duration(*s.DisableAfterHours) * time.Hour
	}
	if s.DisableFailures != nil {
		defaults.Failures = *s.DisableFailures
	}
	return defaults
}

// Settings reads a tenant's settings.
func (s *Store) Settings(ctx context.Context, scope principal.Scope) (Settings, error) {
	return settingsOf(s.db.Read(ctx), scope)
}

func settingsOf(q *gorm.DB, scope principal.Scope) (Settings, error) {
	var rows []Settings
	if err := db.Scope(q, scope).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return Settings{TenantID: scope.TenantID, Environment: scope.Environment}, err
	}
	return rows[0], nil
}

// PutSettings replaces a tenant's settings.
func (s *Store) PutSettings(ctx context.Context, scope principal.Scope, hours, failures *int) (before, after Settings,
	err error) {
	after = Settings{TenantID: scope.TenantID, Environment: scope.Environment, DisableAfterHours: hours,
		DisableFailures: failures, UpdatedAt: db.At(s.now())}
	err = s.db.Tx(ctx, func(tx *gorm.DB) error {
		var err error
		if before, err = settingsOf(tx, scope); err != nil {
			return err
		}
		return tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "tenant_id"}, {Name: "environment"}},
			DoUpdates: clause.AssignmentColumns([]string{"disable_after_hours", "disable_failures", "updated_at"}),
		}).Create(&after).Error
	})
	return before, after, err
}

func (s *Store) seal(c Channel, target string) []byte {
	return s.ring.Seal(secret.AlertTarget, []byte(target), c.TenantID, c.ID)
}

// Open decrypts the target of a channel.
func (s *Store) Open(c Channel) (string, error) {
	raw, err := s.ring.Open(secret.AlertTarget, c.Target, c.TenantID, c.ID)
	if err != nil {
		return "", fmt.Errorf("alert channel %s: target: %w", c.ID, err)
	}
	return string(raw), nil
}

// CreateChannel adds a channel with the name, type, conditions and state of c. A webhook channel gets a new secret.
func (s *Store) CreateChannel(ctx context.Context, scope principal.Scope, c Channel, target string) (Channel, error) {
	now := db.At(s.now())
	c.ID, c.TenantID, c.Environment, c.CreatedAt, c.UpdatedAt = id.New(id.AlertChannel), scope.TenantID,
		scope.Environment, now, now
	c.UserNumber = principal.From(ctx).Owns
	c.Target = s.seal(c, target)
	if c.Type == Webhook {
		if err := s.sealSecrets(&c, endpoint.Secrets{Current: webhook.NewSecret()}); err != nil {
			return c, err
		}
	}
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		if err := tx.Create(&c).Error; err != nil {
			return err
		}
		return Quota.Check(s.db, tx, scope.TenantID, s.now())
	})
	return c, err
}

// Channel returns one channel.
func (s *Store) Channel(ctx context.Context, scope principal.Scope, channelID string) (Channel, error) {
	return channel(db.Owned(db.Scope(s.db.Read(ctx), scope)), channelID)
}

func channel(q *gorm.DB, channelID string) (Channel, error) {
	return db.One[Channel](q.Where("id = ?", channelID), "alert channel")
}

// Channels returns one page of channels, newest first, and how many there are.
func (s *Store) Channels(ctx context.Context, scope principal.Scope, p page.Page) ([]Channel, int64, error) {
	return db.Paginate[Channel](db.Owned(db.Scope(s.db.Read(ctx), scope)), p)
}

// UpdateChannel changes a channel by edit, which gets the target in the clear and may refuse.
func (s *Store) UpdateChannel(ctx context.Context, scope principal.Scope, channelID string, edit func(c *Channel,
	target *string) error) (before, after Channel, err error) {
	err = s.db.Tx(ctx, func(tx *gorm.DB) error {
		var err error
		if before, err = channel(db.Owned(s.db.ForUpdate(db.Scope(tx, scope))), channelID); err != nil {
			return err
		}
		target, err := s.Open(before)
		if err != nil {
			return err
		}
		after = before
		if err := edit(&after, &target); err != nil {
			return err
		}
		after.Target, after.UpdatedAt = s.seal(after, target), db.At(s.now())
		return db.Scope(tx.Model(&Channel{}), scope).Where("id = ?", channelID).
			Select("name", "target", "conditions", "enabled", "updated_at").Updates(&after).Error
	})
	return before, after, err
}

// DeleteChannel removes a channel and returns it. Its pending notifications fail.
func (s *Store) DeleteChannel(ctx context.Context, scope principal.Scope, channelID string) (Channel, error) {
	var before Channel
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		var err error
		if before, err = channel(db.Owned(s.db.ForUpdate(db.Scope(tx, scope))), channelID); err != nil {
			return err
		}
		return db.Scope(tx, scope).Where("id = ?", channelID).Delete(&Channel{}).Error
	})
	return before, err
}
