package billing

import (
	"context"
	"errors"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/tenant"
)

type tenants interface {
	// Get returns a tenant.
	Get(ctx context.Context, tenantID string) (tenant.Tenant, error)
	// Update changes a tenant and returns it before and after.
	Update(ctx context.Context, tenantID string, e tenant.Edit) (before, after tenant.Tenant, err error)
}

// Store stores invoices, and maps Stripe's customers and subscriptions.
type Store struct {
	db      *db.DB
	outbox  *event.Outbox
	tenants tenants
	log     *audit.Log
	prices  map[string]string
	now     clock.Clock
}

// NewStore makes a Store. prices says for which plan a price of Stripe stands that doesn't say so itself.
func NewStore(database *db.DB, outbox *event.Outbox, tenants tenants, log *audit.Log, prices map[string]string,
	now clock.Clock) *Store {
	return &Store{db: database, outbox: outbox, tenants: tenants, log: log, prices: prices, now: now}
}

// Create records an invoice of a tenant; one that is paid fires invoice.paid.
func (s *Store) Create(ctx context.Context, i Invoice) (Invoice, error) {
	t, err := s.tenants.Get(ctx, i.TenantID)
	if err != nil {
		return i, err
	}
	i.ID, i.CreatedAt = id.New(id.Invoice), db.At(s.now())
	i.UpdatedAt = i.CreatedAt
	err = s.outbox.Tx(ctx, func(tx *event.Tx) error {
		r := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&i)
		if r.Error != nil {
			return r.Error
		}
		if r.RowsAffected == 0 {
			return problem.New(problem.Conflict, "This tenant has an invoice %q already.", i.Number)
		}
		return publish(tx, i, t)
	})
	return i, err
}

// publish fires invoice.paid for a paid invoice, if the tenant's product has that event.
func publish(tx *event.Tx, i Invoice, t tenant.Tenant) error {
	if i.Status != Paid || !profile.Of(t.Profile).Sells(profile.Billing) {
		return nil
	}
	return tx.Emit(i.scope(), InvoicePaid, i.Data())
}

// List returns one page of a tenant's invoices, newest first, and how many there are.
func (s *Store) List(ctx context.Context, tenantID string, p page.Page, status string) ([]Invoice, int64, error) {
	if _, err := s.tenants.Get(ctx, tenantID); err != nil {
		return nil, 0, err
	}
	return db.Paginate[Invoice](db.WhereOptional(db.Tenant(s.db.Read(ctx), tenantID),
		map[string]string{"status": status}), p)
}

// Pay records that an invoice was paid, fires invoice.paid, and returns it before and after.
func (s *Store) Pay(ctx context.Context, tenantID, invoiceID string, at db.Time) (before, after Invoice, err error) {
	t, err := s.tenants.Get(ctx, tenantID)
	if err != nil {
		return before, after, err
	}
	err = s.outbox.Tx(ctx, func(tx *event.Tx) error {
		q := db.ByID(db.Tenant(s.db.ForUpdate(tx.DB), tenantID), invoiceID)
		if before, err = db.One[Invoice](q, "invoice"); err != nil {
			return err
		}
		if before.Status == Paid {
			return problem.New(problem.Conflict, "This invoice was paid already, at %s.", moment(before.PaidAt))
		}
		after = before
		after.Status, after.PaidAt = Paid, at
		return s.complete(tx, after, t)
	})
	return before, after, err
}

// complete stores an open invoice as paid.
func (s *Store) complete(tx *event.Tx, i Invoice, t tenant.Tenant) error {
	i.UpdatedAt = db.At(s.now())
	err := db.ByID(db.Tenant(tx.Model(&Invoice{}), i.TenantID), i.ID).
		Select("status", "amount", "currency", "external_id", "paid_at", "updated_at").Updates(&i).Error
	if err != nil {
		return err
	}
	return publish(tx, i, t)
}

// Map maps a customer of Stripe to a tenant.
func (s *Store) Map(ctx context.Context, customerID, tenantID string) (before *Customer, after Customer, err error) {
	if _, err := s.tenants.Get(ctx, tenantID); err != nil {
		if p := (*problem.Error)(nil); errors.As(err, &p) && p.Code == problem.NotFound {
			return nil, after, problem.Invalid(problem.Detail{Field: "tenant_id", Message: "is not a tenant"})
		}
		return nil, after, err
	}
	err = s.db.Tx(ctx, func(tx *gorm.DB) error {
		fresh := Customer{ID: customerID, TenantID: tenantID, CreatedAt: db.At(s.now())}
		r := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&fresh)
		if r.Error != nil || r.RowsAffected > 0 {
			after = fresh
			return r.Error
		}
		var known Customer
		if err := s.db.ForUpdate(tx).Where("id = ?", customerID).Take(&known).Error; err != nil {
			return err
		}
		after = known
		before, after.TenantID = &known, tenantID
		return tx.Model(&Customer{}).Where("id = ?", customerID).Updates(map[string]any{"tenant_id": tenantID}).Error
	})
	return before, after, err
}

// Customers returns one page of Stripe's customers that are known, newest first, and how many there are.
func (s *Store) Customers(ctx context.Context, p page.Page, tenantID string) ([]Customer, int64, error) {
	return db.Paginate[Customer](db.WhereOptional(s.db.Read(ctx), map[string]string{"tenant_id": tenantID}), p)
}
