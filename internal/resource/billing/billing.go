// Package billing has the invoices of tenants, which fire invoice.paid, and applies Stripe's events about invoices and
// subscriptions. A tenant may have several subscriptions; the highest plan of those in force is its plan, whose change
// fires subscription.changed in package tenant.
//
// Stripe sends each event at least once, several at a time and in no order. So each takes effect in one transaction
// with its id, and a change of a subscription that is older than the last one of the same that took effect is left out.
package billing

import (
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
)

// InvoicePaid is the event that an invoice fires, in the live environment.
const InvoicePaid = "invoice.paid"

// Status of an invoice.
type Status string

// The states of an invoice.
const (
	Open Status = "open"
	Paid Status = "paid"
)

// Invoice is a row of invoices.
type Invoice struct {
	ID          string `gorm:"serializer:inv"`
	TenantID    string `gorm:"serializer:tnt"`
	Number      string
	Status      Status
	Amount      int64 // in the currency's smallest unit
	Currency    string
	Description string
	ExternalID  string // what the payment provider calls it; empty when it knows nothing of it
	PeriodStart db.Time
	PeriodEnd   db.Time
	PaidAt      db.Time
	CreatedAt   db.Time
	UpdatedAt   db.Time
}

// TableName implements GORM's Tabler.
func (Invoice) TableName() string { return "invoices" }

// scope is where the events of an invoice are: money is never of the test environment.
func (i Invoice) scope() principal.Scope {
	return principal.Scope{TenantID: i.TenantID, Environment: principal.Live}
}

// Data is the invoice as the data of its event.
func (i Invoice) Data() map[string]any {
	data := map[string]any{
		"invoice_id": i.ID, "tenant_id": i.TenantID, "number": i.Number, "amount": i.Amount, "currency": i.Currency,
		"description": i.Description, "external_id": nil, "period_start": moment(i.PeriodStart),
		"period_end": moment(i.PeriodEnd),
		"paid_at":    moment(i.PaidAt),
	}
	if i.ExternalID != "" {
		data["external_id"] = i.ExternalID
	}
	return data
}

// moment is a time as the product writes it; nil for none.
func moment(t db.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// Customer is a row of stripe_customers: which tenant one of Stripe's customers is.
type Customer struct {
	ID        string
	TenantID  string
	CreatedAt db.Time
}

// TableName implements GORM's Tabler.
func (Customer) TableName() string { return "stripe_customers" }

// subscription is a row of stripe_subscriptions.
type subscription struct {
	ID         string
	CustomerID string
	TenantID   string
	Plan       string // what it brings while it is live
	Live       bool
	ChangedAt  db.Time // when the latest change that took effect was made
}

// TableName implements GORM's Tabler.
func (subscription) TableName() string { return "stripe_subscriptions" }

// received is a row of stripe_events: an event that has taken effect.
type received struct {
	ID        string
	CreatedAt db.Time
}

// TableName implements GORM's Tabler.
func (received) TableName() string { return "stripe_events" }
