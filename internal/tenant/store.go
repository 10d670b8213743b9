package tenant

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/problem"
)

// Store keeps tenants.
type Store struct {
	db  *db.DB
	now clock.Clock
}

// NewStore makes a Store.
func NewStore(database *db.DB, now clock.Clock) *Store { return &Store{db: database, now: now} }

// Create adds a tenant.
func (s *Store) Create(ctx context.Context, name, plan, profile string) (Tenant, error) {
	now := db.At(s.now())
	t := Tenant{ID: id.New(id.Tenant), Name: name, Plan: plan, Profile: profile, CreatedAt: now, UpdatedAt: now}
	err := s.db.Tx(ctx, func(tx *gorm.DB) error { return tx.Create(&t).Error })
	return t, err
}

// Get returns a tenant.
func (s *Store) Get(ctx context.Context, tenantID string) (Tenant, error) {
	return get(s.db.Read(ctx), tenantID)
}

func get(q *gorm.DB, tenantID string) (Tenant, error) {
	var t Tenant
	err := q.Where("id = ?", tenantID).Take(&t).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return t, problem.Missing("tenant")
	}
	return t, err
}

// List returns one page of tenants, newest first, and how many there are.
func (s *Store) List(ctx context.Context, p page.Page) ([]Tenant, int64, error) {
	return db.Numbered[Tenant](s.db.Read(ctx), p)
}

// Update changes the name and the plan, each unless it is nil.
func (s *Store) Update(ctx context.Context, tenantID string, name, plan *string) (Tenant, error) {
	var t Tenant
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		changes := map[string]any{"updated_at": db.At(s.now())}
		if name != nil {
			changes["name"] = *name
		}
		if plan != nil {
			changes["plan"] = *plan
		}
		if err := tx.Model(&Tenant{}).Where("id = ?", tenantID).Updates(changes).Error; err != nil {
			return err
		}
		var err error
		t, err = get(tx, tenantID)
		return err
	})
	return t, err
}
