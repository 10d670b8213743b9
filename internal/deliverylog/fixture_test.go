package deliverylog_test

import (
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/deliverylog"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// fixture is a database with tenants, and the rows that tests insert.
type fixture struct {
	d     *db.DB
	store *deliverylog.Store
	now   time.Time
	scope principal.Scope
}

func newFixture(t *testing.T, e engine.Engine) *fixture {
	t.Helper()
	f := &fixture{d: engine.Database(t, e), now: time.Now().UTC().Truncate(time.Microsecond)}
	clock := func() time.Time { return f.now }
	f.store = deliverylog.NewStore(f.d, event.NewStore(f.d), endpoint.NewStore(f.d, nil, clock), clock)
	f.scope = f.tenant(t)
	return f
}

// tenant makes one more tenant.
func (f *fixture) tenant(t *testing.T) principal.Scope {
	t.Helper()
	scope := principal.Scope{TenantID: id.New(id.Tenant), Environment: principal.Live}
	f.tx(t, func(tx *gorm.DB) error {
		return tx.Exec("INSERT INTO tenants (id, name, plan, profile, created_at, updated_at) "+
			"VALUES (?, '', '', '', 1, 1)", scope.TenantID).Error
	})
	return scope
}

func (f *fixture) tx(t *testing.T, fn func(tx *gorm.DB) error) {
	t.Helper()
	if err := f.d.Tx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) endpoint(t *testing.T, scope principal.Scope) string {
	t.Helper()
	p, _ := profile.Find(profile.Default)
	e := endpoint.Endpoint{ID: id.New(id.Endpoint), TenantID: scope.TenantID, Environment: scope.Environment,
		URL: "https://example.com", Events: db.JSON[[]string]{V: []string{"*"}}, Method: "POST", Headers: []byte{},
		Secret: []byte{}, Profile: profile.Default, Envelope: profile.Standard, Enabled: true,
		RetryPolicy: db.JSON[profile.Policy]{V: p.Policy}, CreatedAt: db.At(f.now),
		UpdatedAt: db.At(f.now)}
	f.tx(t, func(tx *gorm.DB) error { return tx.Create(&e).Error })
	return e.ID
}

// uuidAt makes an id of a time.
func uuidAt(at time.Time) id.UUID {
	u, of := id.NewUUID(), id.From(at)
	copy(u[:6], of[:6])
	return u
}

// event stores an event for endpoints.
func (f *fixture) event(t *testing.T, scope principal.Scope, at time.Time, publisherID string,
	endpointIDs ...string) event.Event {
	t.Helper()
	targets, err := id.In(endpointIDs)
	if err != nil {
		t.Fatal(err)
	}
	e := event.Event{ID: uuidAt(at).TypeID(id.Event), TenantID: scope.TenantID, Environment: scope.Environment,
		PublisherID: publisherID, Type: "lead.created", Data: `{"id":"lead_1"}`, Endpoints: targets,
		OccurredAt: db.At(at), CreatedAt: db.At(at), DispatchedAt: db.At(at)}
	f.tx(t, func(tx *gorm.DB) error {
		if publisherID != "" {
			err := tx.Exec("INSERT INTO publisher_ids (tenant_id, environment, publisher_id, event_id) VALUES (?, ?, ?, ?)",
				uuid(t, scope.TenantID), scope.Environment, publisherID, e.UUID()).Error
			if err != nil {
				return err
			}
		}
		return db.InsertAll(tx, []event.Event{e})
	})
	return e
}

func uuid(t *testing.T, typeID string) id.UUID {
	t.Helper()
	u, err := id.Parse(typeID)
	if err != nil {
		t.Fatalf("Parse(%s): got %v, want nil", typeID, err)
	}
	return u
}

// of is a delivery of an event as its row would be.
func of(t *testing.T, e event.Event, endpointID string, status delivery.Status, reason string,
	response int) delivery.Delivery {
	t.Helper()
	d := delivery.Delivery{
		ID:       delivery.ID(e.UUID(), uuid(t, endpointID)).TypeID(id.Delivery),
		TenantID: e.TenantID, Environment: e.Environment, EventID: e.ID, PublisherID: e.PublisherID, EventType: e.Type,
		EndpointID: endpointID, Status: status, Reason: reason, AttemptCount: 1, MaxAttempts: 5, CreatedAt: e.CreatedAt,
		ChangedAt: e.CreatedAt,
	}
	if response != 0 {
		d.ResponseStatus = &response
	}
	if status.Final() {
		d.FinishedAt = e.CreatedAt
	}
	return d
}

func (f *fixture) insert(t *testing.T, rows ...delivery.Delivery) {
	t.Helper()
	f.tx(t, func(tx *gorm.DB) error { return db.InsertAll(tx, rows) })
}

// walk reads all pages of a list and returns the ids, and how many pages there were.
func (f *fixture) walk(t *testing.T, filter deliverylog.Filter, limit int) (ids []string, pages int) {
	t.Helper()
	l := page.Log{Limit: limit}
	for {
		rows, next, err := f.store.List(t.Context(), f.scope, l, filter)
		if err != nil {
			t.Fatalf("List with %+v: got %v, want nil", filter, err)
		}
		if pages++; len(rows) > limit || pages > 1000 {
			t.Fatalf("%+v: page %d has %d rows, want at most %d, and an end", filter, pages, len(rows), limit)
		}
		for _, d := range rows {
			ids = append(ids, d.ID)
		}
		if next == nil {
			return ids, pages
		}
		after, err := page.ParseCursor(*next)
		if err != nil {
			t.Fatal(err)
		}
		l.After = &after
	}
}
