// Package ticket has the requests of customers to a tenant's support, and their messages. Tickets are numbered without
// gaps and follow a state machine; each change fires its events in the same transaction.
package ticket

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/search"
)

// The events that tickets fire.
const (
	Created       = "ticket.created"
	Updated       = "ticket.updated"
	Assigned      = "ticket.assigned"
	StatusChanged = "ticket.status_changed"
	Closed        = "ticket.closed"
)

// Status of a ticket.
type Status string

// The statuses.
const (
	StatusOpen     Status = "open"
	StatusPending  Status = "pending"
	StatusResolved Status = "resolved"
	StatusClosed   Status = "closed"
)

// PriorityNormal is the priority of a ticket for which none was given.
const PriorityNormal = "normal"

// ways lists the statuses that can follow each.
var ways = map[Status][]Status{
	StatusOpen:     {StatusPending, StatusResolved, StatusClosed},
	StatusPending:  {StatusOpen, StatusResolved, StatusClosed},
	StatusResolved: {StatusOpen, StatusClosed},
	StatusClosed:   {StatusOpen},
}

// Can says whether a ticket in a status may get another, or keep the one that it has.
func (s Status) Can(next Status) bool { return s == next || slices.Contains(ways[s], next) }

// Ways lists the statuses that can follow one, as a text.
func (s Status) Ways() string {
	var out []string
	for _, w := range ways[s] {
		out = append(out, string(w))
	}
	return strings.Join(out, ", ")
}

// Fields are the fields that callers may set.
type Fields struct {
	Subject    string
	Status     Status
	Priority   string
	InboxID    string  `gorm:"serializer:ibx"`
	AssigneeID *string `gorm:"serializer:usr"` // a member; nil is nobody
}

// Ticket is a row of tickets. Words are those by which the ticket is found.
type Ticket struct {
	ID          string `gorm:"serializer:tkt"`
	TenantID    string `gorm:"serializer:tnt"`
	Environment principal.Environment
	Number      int64
	Fields      `gorm:"embedded"`
	Words       string
	CreatedAt   db.Time
	UpdatedAt   db.Time
}

// TableName implements GORM's Tabler.
func (Ticket) TableName() string { return "tickets" }

// Scope is the tenant and environment that the ticket belongs to.
func (t Ticket) Scope() principal.Scope {
	return principal.Scope{TenantID: t.TenantID, Environment: t.Environment}
}

// Key is the id.
func (t Ticket) Key() string { return t.ID }

// index sets the words from the subject.
func (t *Ticket) index() { t.Words = search.Tokens(t.Scope(), &t.Subject) }

const prefix = "TCK-"

// Label is the number as people write it, such as TCK-42.
func (t Ticket) Label() string { return prefix + strconv.FormatInt(t.Number, 10) }

var label = regexp.MustCompile(`^(?i:TCK-)?([1-9][0-9]{0,17})$`)

// number reads a label; it is false for everything else.
func number(ref string) (int64, bool) {
	m := label.FindStringSubmatch(ref)
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	return n, err == nil
}

// Change is the old and the new value of a field.
type Change struct {
	Old any `json:"old"`
	New any `json:"new"`
}

// Diff returns the changes from one state to another, by the contract's names; empty when nothing did.
func Diff(before, after Fields) map[string]Change {
	changes := map[string]Change{}
	for _, f := range []struct {
		name     string
		old, now any
	}{
		{"subject", before.Subject, after.Subject}, {"status", before.Status, after.Status},
		{"priority", before.Priority, after.Priority}, {"inbox_id", before.InboxID, after.InboxID},
		{"assignee_id", text(before.AssigneeID), text(after.AssigneeID)},
	} {
		if f.old != f.now {
			changes[f.name] = Change{f.old, f.now}
		}
	}
	return changes
}

func text(s *string) any {
	if s == nil {
		return nil
	}
	return *s
}

// Fired lists the events that changes fire, in their order.
func Fired(changes map[string]Change) []string {
	if len(changes) == 0 {
		return nil
	}
	out := []string{Updated}
	if _, ok := changes["assignee_id"]; ok {
		out = append(out, Assigned)
	}
	if c, ok := changes["status"]; ok {
		out = append(out, StatusChanged)
		if c.New == StatusClosed {
			out = append(out, Closed)
		}
	}
	return out
}

// Data is the ticket as the data of its events.
func (t Ticket) Data() map[string]any {
	return map[string]any{
		"id": t.ID, "ticket_number": t.Label(), "subject": t.Subject, "status": t.Status, "priority": t.Priority,
		"inbox_id": t.InboxID, "assignee_id": text(t.AssigneeID),
		"created_at": t.CreatedAt.Format(time.RFC3339Nano), "updated_at": t.UpdatedAt.Format(time.RFC3339Nano),
	}
}

// changed is Data with what changed.
func (t Ticket) changed(changes map[string]Change) map[string]any {
	data := t.Data()
	data["changes"] = changes
	return data
}
