// Package event has the catalogue, the event log and the outbox. Events are immutable. A package that changes something
// emits its events in the transaction of the change, and the outbox stores and fans them out; this is the only way from
// a business change to a delivery. Nothing is enqueued before the commit.
package event

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/tracing"
)

// Event is a row of the event log. Data is a JSON object, kept byte for byte. It is due for fan-out until DispatchedAt
// is set.
type Event struct {
	ID           string `gorm:"serializer:evt"`
	TenantID     string `gorm:"serializer:tnt"`
	Environment  principal.Environment
	PublisherID  string // the id that its publisher gave it; empty when there is none
	Type         string
	Data         string
	Endpoints    Endpoints       // that it goes to
	Purged       Endpoints       `gorm:"<-:update"` // those to which it goes no more; see Store.Purge
	Reason       string          // why it goes to none
	UserNumber   int64           // of the member whom it concerns; 0 for the tenant
	Trace        tracing.Context `gorm:"embedded"` // of the request that stored it
	OccurredAt   db.Time
	CreatedAt    db.Time
	DispatchedAt db.Time
	Position     int64 `gorm:"->"` // the order in which events were committed; see Store.Pull
	Settled      int   `gorm:"-"`  // how many of its deliveries get a row together with it; known when it is stored
	Deferred     bool  `gorm:"-"`  // whether those are all, and throttles defer some of them
}

// TableName implements GORM's Tabler.
func (Event) TableName() string { return "events" }

// Scope is the tenant and the environment of the event.
func (e Event) Scope() principal.Scope {
	return principal.Scope{TenantID: e.TenantID, Environment: e.Environment}
}

// WireID is the event's id as the tenant knows it: the one that its publisher gave it, or ours.
func (e Event) WireID() string {
	if e.PublisherID != "" {
		return e.PublisherID
	}
	return e.ID
}

// UUID is the id as the database has it.
func (e Event) UUID() id.UUID {
	u, _ := id.Parse(e.ID)
	return u
}

// Planned are the endpoints to which the event is delivered unless its delivery has a row.
func (e Event) Planned() []id.UUID {
	if len(e.Purged) == 0 {
		return e.Endpoints
	}
	return slices.DeleteFunc(slices.Clone(e.Endpoints), func(u id.UUID) bool { return slices.Contains(e.Purged, u) })
}

// Endpoints are the ids of the endpoints that an event goes to, stored as 16 bytes each.
type Endpoints []id.UUID

// Value implements driver.Valuer.
func (e Endpoints) Value() (driver.Value, error) {
	out := make([]byte, 0, len(e)*len(id.UUID{}))
	for _, u := range e {
		out = append(out, u[:]...)
	}
	return out, nil
}

// Scan implements sql.Scanner.
func (e *Endpoints) Scan(v any) error {
	raw, ok := v.([]byte)
	if !ok && v != nil {
		return fmt.Errorf("event: endpoints can't be read from %T", v)
	}
	*e = make(Endpoints, len(raw)/len(id.UUID{}))
	for i := range *e {
		copy((*e)[i][:], raw[i*len(id.UUID{}):])
	}
	return nil
}

// GormDataType implements schema.GormDataTypeInterface.
func (Endpoints) GormDataType() string { return "bytes" }

// New is an event to be published. ID and OccurredAt may be empty.
type New struct {
	ID         string
	Type       string
	Data       json.RawMessage
	OccurredAt time.Time
	Member     int64 // the number of the member whom it concerns; 0 for the tenant
	// DataAt returns the data of the event that occurred at a time, where they depend on it; nil where Data don't.
	DataAt func(at time.Time) json.RawMessage
}

func (n New) dataAt(at time.Time) json.RawMessage {
	if n.DataAt == nil {
		return n.Data
	}
	return n.DataAt(at)
}

// sameAs says whether n has the same content as e.
func (e Event) sameAs(n New) bool {
	return e.Type == n.Type && sameJSON([]byte(e.Data), n.dataAt(e.OccurredAt.Time)) &&
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

// Matches says whether a subscription covers an event type. "*" covers all events of the product. Operational events
// must be named, or their group: a subscriber to everything wants leads, not the failures of its own endpoint.
func Matches(pattern, eventType string) bool {
	if pattern == eventType || (pattern == "*" && !Operational(eventType)) {
		return true
	}
	prefix, ok := strings.CutSuffix(pattern, "*")
	return ok && strings.HasSuffix(prefix, ".") && strings.HasPrefix(eventType, prefix)
}
