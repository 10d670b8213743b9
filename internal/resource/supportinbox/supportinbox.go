// Package supportinbox has the mailboxes of a tenant's support. The product's own backend runs them and reports
// failures. It is unrelated to the development inbox of package inbox, which receives webhooks.
package supportinbox

import (
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
)

// Failed is the event that an inbox fires when it stops working.
const Failed = "inbox.error"

// The statuses of an inbox.
const (
	Active  = "active"
	Failing = "error"
)

// Inbox is a row of support_inboxes. Error is why it does not work, nil while it does.
type Inbox struct {
	ID          string `gorm:"serializer:ibx"`
	TenantID    string `gorm:"serializer:tnt"`
	Environment principal.Environment
	Name        string
	Address     string
	Error       *string
	FailedSince db.Time
	CreatedAt   db.Time
	UpdatedAt   db.Time
}

// TableName implements GORM's Tabler.
func (Inbox) TableName() string { return "support_inboxes" }

// Scope returns the tenant and environment of the inbox.
func (i Inbox) Scope() principal.Scope {
	return principal.Scope{TenantID: i.TenantID, Environment: i.Environment}
}

// Status returns whether the inbox works.
func (i Inbox) Status() string {
	if i.Error != nil {
		return Failing
	}
	return Active
}

// Edit has the fields that an operator may change. Error is set only with SetError; nil means that it works.
type Edit struct {
	Name     *string
	Error    *string
	SetError bool
}

// apply returns the edited inbox, and whether it now has an error that it did not have.
func (e Edit) apply(i Inbox, now db.Time) (after Inbox, failed bool) {
	after = i
	if e.Name != nil {
		after.Name = *e.Name
	}
	if !e.SetError {
		return after, false
	}
	after.Error = e.Error
	if e.Error == nil {
		after.FailedSince = db.Time{}
		return after, false
	}
	if i.Error == nil {
		after.FailedSince = now
	}
	return after, i.Error == nil || *i.Error != *e.Error
}

// failure is the data of inbox.error.
func (i Inbox) failure() map[string]any {
	return map[string]any{
		"inbox_id": i.ID, "name": i.Name, "address": i.Address, "error": *i.Error,
		"failed_since": i.FailedSince.Format(time.RFC3339Nano),
	}
}
