// Package event has the catalogue, the event log and the outbox. Events are immutable. A package that changes something
// emits its events in the transaction of the change, and the outbox stores and fans them out; this is the only way from
// a business change to a delivery. Nothing is enqueued before the commit.
package event

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// Event is a row of the event log. It is due for fan-out until DispatchedAt is set. Data is a JSON object, kept byte
// for byte.
type Event struct {
	TenantID      string
	Environment   principal.Environment
	ID            string
	Type          string
	Data          string
	OccurredAt    db.Time
	CreatedAt     db.Time
	DispatchedAt  db.Time
	DeliveryCount int
	Reason        string
}

// TableName implements GORM's Tabler.
func (Event) TableName() string { return "events" }

// Scope is the tenant and the environment of the event.
func (e Event) Scope() principal.Scope {
	return principal.Scope{TenantID: e.TenantID, Environment: e.Environment}
}

// Key identifies an event: ids are unique within a tenant's environment, since publishers may choose them.
type Key struct {
	principal.Scope
	ID string
}

func (k Key) compare(other Key) int {
	return cmp.Or(strings.Compare(k.TenantID, other.TenantID), strings.Compare(string(k.Environment),
		string(other.Environment)), strings.Compare(k.ID, other.ID))
}

var keyColumns = []string{"tenant_id", "environment", "id"}

func (k Key) tuple() []string { return []string{k.TenantID, string(k.Environment), k.ID} }

// Key returns the event's key.
func (e Event) Key() Key { return Key{Scope: e.Scope(), ID: e.ID} }

// New is an event to be published. ID and OccurredAt may be empty.
type New struct {
	ID         string
	Type       string
	Data       json.RawMessage
	OccurredAt time.Time
}

// sameAs says whether n has the same content as e.
func (e Event) sameAs(n New) bool {
	return e.Type == n.Type && sameJSON([]byte(e.Data), n.Data) &&
		(n.OccurredAt.IsZero() || e.OccurredAt.Equal(n.OccurredAt.Truncate(time.Microsecond)))
}

// Catalogue is the event types of the contract.
type Catalogue struct{ types []contract.EventType }

// NewCatalogue makes a catalogue of types sorted by name.
func NewCatalogue(types []contract.EventType) *Catalogue { return &Catalogue{types: types} }

// All returns every type, by name.
func (c *Catalogue) All() []contract.EventType { return c.types }

// Find returns a type.
func (c *Catalogue) Find(name string) (contract.EventType, bool) {
	i, ok := slices.BinarySearchFunc(c.types, name, func(t contract.EventType, name string) int {
		return strings.Compare(t.Name, name)
	})
	if !ok {
		return contract.EventType{}, false
	}
	return c.types[i], true
}

// Check fails with a problem when the type is unknown or the data doesn't fit it.
func (c *Catalogue) Check(n New) error {
	t, ok := c.Find(n.Type)
	if !ok {
		return problem.Invalid(problem.Detail{Field: "type",
			Message: "is not a known event type; GET /api/v1/event-types lists them"})
	}
	if Operational(n.Type) {
		return problem.Invalid(problem.Detail{Field: "type",
			Message: "is an event of Hookline itself and can't be published"})
	}
	return t.Validate(n.Data)
}

// CheckPattern says whether a subscription is valid: "*", a known type, or a group such as "lead.*" that has at least
// one type.
func (c *Catalogue) CheckPattern(pattern string) bool {
	return slices.ContainsFunc(c.types, func(t contract.EventType) bool { return Matches(pattern, t.Name) })
}

// Matches says whether a subscription covers an event type. "*" covers all events of the product. Operational events
// must be named, or their group: a subscriber to everything wants leads, not the failures of its own endpoint.
func Matches(pattern, eventType string) bool {
	if pattern == eventType || (pattern == "*" && !Operational(eventType)) {
		return true
	}
	prefix, ok := strings.CutSuffix(pattern, "*")
	return ok && strings.HasSuffix(prefix, ".") && strings.HasPrefix(eventType, prefix)
}
