package billing

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/tenant"
)

// Effect is the effect of an event of Stripe.
type Effect string

// The effects of the contract.
const (
	Applied   Effect = "applied"
	Duplicate Effect = "duplicate"
	Ignored   Effect = "ignored"
)

// ignored means that an event can't take effect, and why. Its transaction is rolled back, so that a later repetition
// can.
type ignored struct{ reason string }

// Error implements error.
func (i ignored) Error() string { return i.reason }

var errDuplicate = errors.New("billing: this event has taken effect already")

// actor is Stripe's name in the audit log.
const actor = "stripe"

// Receive applies an event of Stripe, once. Unknown types are ignored.
func (s *Store) Receive(ctx context.Context, e StripeEvent) (Effect, string, error) {
	var apply func(ctx context.Context, e StripeEvent) error
	switch e.Type {
	case stripeInvoicePaid:
		apply = s.paid
	case stripeSubUpdated, stripeSubDeleted:
		apply = s.subscribed
	default:
		return Ignored, "Events of this type have no effect.", nil
	}
	err := s.db.Unit(ctx, func(ctx context.Context) error {
		if err := s.first(ctx, e); err != nil {
			return err
		}
		return apply(ctx, e)
	})
	var left ignored
	switch {
	case errors.Is(err, errDuplicate):
		return Duplicate, "", nil
	case errors.As(err, &left):
		slog.Warn("ignored an event of Stripe", "event", e.ID, "type", e.Type, "reason", left.reason)
		return Ignored, left.reason, nil
	}
	return Applied, "", err
}

// first fails when an event was applied before; of several concurrent ones all but one wait, and then fail.
func (s *Store) first(ctx context.Context, e StripeEvent) error {
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		r := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&received{ID: e.ID, CreatedAt: db.At(s.now())})
		if r.Error == nil && r.RowsAffected == 0 {
			return errDuplicate
		}
		return r.Error
	})
}

// read reads the thing that an event is about.
func read[T any](e StripeEvent) (T, error) {
	var v T
	if json.Unmarshal(e.Object, &v) != nil { // the cause would quote what was sent
		return v, problem.Invalid(problem.Detail{Field: "data.object",
			Message: "is not what an event of this type is about"})
	}
	return v, nil
}

// customer finds which tenant an event is about, and locks its customer. named is the tenant that the event names
// itself, which maps a customer that is not known.
func (s *Store) customer(ctx context.Context, customerID, named string) (Customer, error) {
	var c Customer
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		if customerID == "" && named == "" {
			return ignored{"It names neither a customer nor a tenant."}
		}
		if named != "" {
			if _, err := s.tenants.Get(ctx, named); err != nil {
				return missing(err, "The tenant in its metadata does not exist.")
			}
		}
		if customerID == "" {
			c.TenantID = named
			return nil
		}
		if named != "" {
			fresh := Customer{ID: customerID, TenantID: named, CreatedAt: db.At(s.now())}
			if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&fresh).Error; err != nil {
				return err
			}
		}
		err := s.db.ForUpdate(tx).Where("id = ?", customerID).Take(&c).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return ignored{"The customer is mapped to no tenant, and the metadata names none."}
		}
		if named != "" {
			c.TenantID = named
		}
		return err
	})
	return c, err
}

// missing turns a not-found error into a reason to ignore an event.
func missing(err error, reason string) error {
	if p := (*problem.Error)(nil); errors.As(err, &p) && p.Code == problem.NotFound {
		return ignored{reason}
	}
	return err
}

// paid records an invoice as paid, unless it already is. An invoice with its number that an operator recorded is the
// same.
func (s *Store) paid(ctx context.Context, e StripeEvent) error {
	reported, err := read[stripeInvoice](e)
	if err != nil {
		return err
	}
	if reported.ID == "" {
		return ignored{"The invoice has no id."}
	}
	c, err := s.customer(ctx, string(reported.Customer), reported.tenantID())
	if err != nil {
		return err
	}
	t, err := s.tenants.Get(ctx, c.TenantID)
	if err != nil {
		return missing(err, "The customer's tenant does not exist.")
	}
	i := reported.invoice(c.TenantID, e.Created)
	ctx = as(ctx, c.TenantID)
	return s.outbox.Tx(ctx, func(tx *event.Tx) error {
		before, err := s.known(tx, i)
		if err != nil {
			return err
		}
		if before != nil && before.Status == Paid {
			return nil
		}
		if before != nil {
			i.ID, i.Number, i.Description = before.ID, before.Number, before.Description
			i.PeriodStart, i.PeriodEnd, i.CreatedAt = before.PeriodStart, before.PeriodEnd, before.CreatedAt
			err = s.complete(tx, i, t)
		} else {
			i.ID, i.CreatedAt = id.New(id.Invoice), db.At(s.now())
			i.UpdatedAt = i.CreatedAt
			err = s.add(tx, i, t)
		}
		if err != nil {
			return err
		}
		return s.log.Record(ctx, "invoice.paid", audit.Change{Target: i.ID, Before: beforeOf(before), After: toWire(i)})
	})
}

// add stores an invoice that is new here.
func (s *Store) add(tx *event.Tx, i Invoice, t tenant.Tenant) error {
	r := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&i)
	if r.Error != nil {
		return r.Error
	}
	if r.RowsAffected == 0 {
		return ignored{"Another invoice of the tenant has its number."}
	}
	return publish(tx, i, t)
}

func beforeOf(i *Invoice) any {
	if i == nil {
		return nil
	}
	return toWire(*i)
}

// known finds a recorded invoice: by Stripe's id, of any tenant, or by its tenant's number.
func (s *Store) known(tx *event.Tx, i Invoice) (*Invoice, error) {
	var rows []Invoice
	// The condition of the index, which SQLite would not use otherwise.
	err := s.db.ForUpdate(tx.DB).Where("external_id = ? AND external_id <> ''", i.ExternalID).Limit(1).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	if len(rows) > 0 && rows[0].TenantID != i.TenantID {
		return nil, ignored{"The invoice is recorded for another tenant."}
	}
	if len(rows) == 0 {
		err = db.Tenant(s.db.ForUpdate(tx.DB), i.TenantID).Where("number = ? AND external_id = ''", i.Number).Limit(1).
			Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return nil, err
		}
	}
	return &rows[0], nil
}

// as makes what follows Stripe's doing, to a tenant.
func as(ctx context.Context, tenantID string) context.Context {
	p := principal.From(ctx)
	return principal.With(ctx, principal.Principal{
		Scope: principal.Scope{TenantID: tenantID, Environment: principal.Live}, System: actor, Address: p.Address,
		RequestID: p.RequestID,
	})
}

// keep is the retention of the ids of applied events. Stripe retries for three days; people can resend one for thirty.
const keep = 90 * 24 * time.Hour

// DeleteOlder deletes at most limit of them that are older than the retention and returns how many.
func (s *Store) DeleteOlder(ctx context.Context, limit int) (int64, error) {
	return s.db.Affected(ctx, func(tx *gorm.DB) *gorm.DB {
		return tx.Where("id IN (?)", tx.Model(&received{}).Select("id").Where("created_at < ?",
			db.At(s.now().Add(-keep))).Order("created_at").Limit(limit)).Delete(&received{})
	})
}
