package webhook_test

import (
	"errors"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/testkit"
)

func scopeOf(t *testing.T, c *testkit.Client) principal.Scope {
	t.Helper()
	me := testkit.Get[api.Me](t, c, "/api/v1/me")
	return principal.Scope{TenantID: me.Tenant.ID, Environment: principal.Environment(me.Environment)}
}

// uuidAt returns a fresh UUID of a moment.
func uuidAt(at time.Time) id.UUID {
	u, begin := id.NewUUID(), id.From(at)
	copy(u[:6], begin[:6])
	return u
}

func uuidOf(t *testing.T, typeID string) id.UUID {
	t.Helper()
	u, err := id.Parse(typeID)
	if err != nil {
		t.Fatalf("Parse(%s): got %v, want nil", typeID, err)
	}
	return u
}

// insertDead inserts n dead letters of an endpoint that died an hour ago, and returns the ids of their events.
func insertDead(t *testing.T, d *db.DB, scope principal.Scope, endpointID string, n int,
	edit func(i int, d *delivery.Delivery)) []string {
	t.Helper()
	var events []event.Event
	var dead []delivery.Delivery
	var attempts []delivery.Attempt
	var ids []string
	target := uuidOf(t, endpointID)
	for i := range n {
		at := db.At(time.Now().Add(-time.Hour + time.Duration(i/3)*time.Millisecond)) // some have the same time
		status, of := 503, uuidAt(at.Time)
		e := event.Event{
			TenantID: scope.TenantID, Environment: scope.Environment, ID: of.TypeID(id.Event), Type: "lead.created",
			Data: `{"id":"x"}`, OccurredAt: at, CreatedAt: at, DispatchedAt: at, Endpoints: event.Endpoints{target},
		}
		row := delivery.Delivery{
			ID: delivery.ID(of, target).TypeID(id.Delivery), TenantID: scope.TenantID, Environment: scope.Environment,
			EventID: e.ID, EventType: e.Type, EndpointID: endpointID, Status: delivery.Dead,
			Reason: delivery.ReasonExhausted, Error: "The endpoint answered 503.", AttemptCount: 1, FailureCount: 1,
			MaxAttempts: 1, ResponseStatus: &status, CreatedAt: at, FinishedAt: at, ChangedAt: at,
		}
		if edit != nil {
			edit(i, &row)
		}
		attempts = append(attempts, delivery.Attempt{
			DeliveryID: row.ID, Number: 1, Status: delivery.AttemptFailed, Method: "POST", URL: "https://example.com",
			ErrorCode: "http_status", ResponseBody: []byte{}, StartedAt: at, FinishedAt: at, ResponseStatus: &status,
			RequestHeaders:  db.JSON[map[string]string]{V: map[string]string{}},
			ResponseHeaders: db.JSON[map[string]string]{V: map[string]string{}},
		})
		events, dead, ids = append(events, e), append(dead, row), append(ids, e.ID)
	}
	err := d.Tx(t.Context(), func(tx *gorm.DB) error {
		return errors.Join(db.InsertAll(tx, events), db.InsertAll(tx, dead), db.InsertAll(tx, attempts))
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// left counts the rows of the deliveries of events to an endpoint in a table.
func left(t *testing.T, d *db.DB, table, column, endpointID string, eventIDs []string) int {
	t.Helper()
	var n int64
	ids := make([]id.UUID, len(eventIDs))
	for i, eventID := range eventIDs {
		ids[i] = delivery.ID(uuidOf(t, eventID), uuidOf(t, endpointID))
	}
	if err := db.WhereUUIDs(d.Read(t.Context()).Table(table), column, ids).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return int(n)
}

func count(t *testing.T, d *db.DB, table, where string, args ...any) int {
	t.Helper()
	var n int64
	if err := d.Read(t.Context()).Table(table).Where(where, args...).Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return int(n)
}
