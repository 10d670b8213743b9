// Package lead has people who may become customers. Creating and changing one fires lead.created and lead.updated in
// the same transaction.
package lead

import (
	"strings"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/search"
)

// StatusNew is the status of a lead for which none was given.
const StatusNew = "new"

// The events that a change of a lead fires.
const (
	Created = "lead.created"
	Updated = "lead.updated"
)

// Fields are the fields that callers may set. A nil text is unknown, which is not the same as empty.
type Fields struct {
	Name      *string
	Email     *string
	Company   *string
	FirstName *string
	LastName  *string
	Phone     *string
	Website   *string
	Position  *string
	Twitter   *string
	Linkedin  *string
	Notes     *string
	Score     int32
	Source    *string
	Status    string
	// ExternalID is the id in the tenant's own system, unique in a scope.
	ExternalID *string
}

// Lead is a row of leads. EmailKey is the address as it is compared; Words are those by which the lead is found.
type Lead struct {
	ID          string `gorm:"serializer:lead"`
	TenantID    string `gorm:"serializer:tnt"`
	Environment principal.Environment
	Fields      `gorm:"embedded"`
	EmailKey    *string
	Words       string
	CreatedAt   db.Time
	UpdatedAt   db.Time

	origin event.Origin // of its creation
}

// emailKey is an address in the form in which addresses are compared.
func emailKey(email *string) *string {
	if email == nil {
		return nil
	}
	key := strings.ToLower(*email)
	return &key
}

// index sets the columns that follow from others.
func (l *Lead) index() {
	l.EmailKey = emailKey(l.Email)
	l.Words = search.Tokens(l.Scope(), l.Name, l.FirstName, l.LastName, l.Email, l.Company, l.Phone)
}

// Scope is the tenant and environment that the lead belongs to.
func (l Lead) Scope() principal.Scope {
	return principal.Scope{TenantID: l.TenantID, Environment: l.Environment}
}

// Key is the id.
func (l Lead) Key() string { return l.ID }

// Change is the old and the new value of a field.
type Change struct {
	Old any `json:"old"`
	New any `json:"new"`
}

type field struct {
	name  string
	value any // nil, string or int32
}

// list names every field in the order of the contract.
func (f Fields) list() []field {
	text := func(s *string) any {
		if s == nil {
			return nil
		}
		return *s
	}
	return []field{
		{"name", text(f.Name)}, {"email", text(f.Email)}, {"company", text(f.Company)},
		{"first_name", text(f.FirstName)}, {"last_name", text(f.LastName)}, {"phone", text(f.Phone)},
		{"website", text(f.Website)}, {"position", text(f.Position)}, {"twitter", text(f.Twitter)},
		{"linkedin", text(f.Linkedin)}, {"notes", text(f.Notes)}, {"score", f.Score},
		{"source", text(f.Source)}, {"status", f.Status}, {"external_id", text(f.ExternalID)},
	}
}

// Diff returns the changes from one state to another, by field; empty when nothing did.
func Diff(before, after Fields) map[string]Change {
	changes := map[string]Change{}
	old := before.list()
	for i, f := range after.list() {
		if f.value != old[i].value {
			changes[f.name] = Change{Old: old[i].value, New: f.value}
		}
	}
	return changes
}

// Data is the lead as the data of its events.
func (l Lead) Data() map[string]any {
	data := map[string]any{
		"id": l.ID, "created_at": l.CreatedAt.Format(time.RFC3339Nano),
		"updated_at": l.UpdatedAt.Format(time.RFC3339Nano),
	}
	for _, f := range l.list() {
		data[f.name] = f.value
	}
	return data
}
