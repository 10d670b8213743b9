// Package supportinbox is where messages of a tenant's customers arrive: a mailbox of its support. The product's own
// backend runs it and says when it does not work. It has nothing to do with the development inbox of package inbox,
// which receives webhooks.
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
	ID          string
	TenantID    string
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

// Scope is whose inbox it is.
func (i Inbox) Scope() principal.Scope {
	return principal.Scope{TenantID: i.TenantID, Environment: i.Environment}
}

// Status is whether it works.
func (i Inbox) Status() string {
	if i.Error != nil {
		return Failing
	}
	return Active
}

// Edit is what an operator may change. Error is only looked at when SetError says so: nil is that it works.
type Edit struct {
	Name     *string
	Error    *string
	SetError bool
}

// apply returns the inbox as the edit makes it at a moment, and whether it fails from now on in a way that it did not.
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
