package retention_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
)

// place has the ids of a tenant and its endpoints; keeper is one of the profile inboxops.
type place struct {
	tenant       string
	a, b, keeper id.UUID
}

func newPlace(t *testing.T, d *db.DB) place {
	t.Helper()
	p := place{id.New(id.Tenant), id.NewUUID(), id.NewUUID(), id.NewUUID()}
	err := d.Tx(t.Context(), func(tx *gorm.DB) error {
		if err := tx.Exec("INSERT INTO tenants (id, name, plan, profile, created_at, updated_at) VALUES (?, 'x', "+
			"'business', 'hookline', 1, 1)", p.tenant).Error; err != nil {
			return err
		}
		for u, profile := range map[id.UUID]string{p.a: "hookline", p.b: "leadie", p.keeper: "inboxops"} {
			err := tx.Table("endpoints").Create(map[string]any{
				"id": u.TypeID(id.Endpoint), "tenant_id": p.tenant, "environment": "live", "name": "", "url": "",
				"events": "[]", "method": "POST", "headers": []byte{}, "secret": []byte{}, "profile": profile,
				"retry_policy": "{}", "enabled": true, "disabled_reason": "", "created_at": 1, "updated_at": 1,
			}).Error
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// row is an event of the model with its deliveries.
type row struct {
	event      id.UUID
	publisher  string
	dispatched bool
	created    time.Time
	deliveries []delivered
}

type delivered struct {
	id, endpoint id.UUID
	status       delivery.Status
	finished     time.Time // zero while it is not over
}

func newEvent(created time.Time) row {
	u := id.NewUUID()
	from := id.From(created)
	copy(u[:6], from[:6])
	return row{event: u, dispatched: true, created: u.Time()}
}

func (r row) to(endpoint id.UUID, status delivery.Status, finished time.Time) row {
	r.deliveries = append(r.deliveries, delivered{delivery.ID(r.event, endpoint), endpoint, status, finished})
	return r
}

// write stores rows.
func write(t *testing.T, d *db.DB, p place, rows []row) {
	t.Helper()
	var events []event.Event
	var deliveries []delivery.Delivery
	var attempts []delivery.Attempt
	days := map[string]bool{}
	var named []map[string]any
	tenant, err := id.Parse(p.tenant)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		days[r.created.UTC().Format(time.DateOnly)] = true
		e := event.Event{ID: r.event.TypeID(id.Event), TenantID: p.tenant, Environment: principal.Live,
			PublisherID: r.publisher, Type: "lead.created", Data: "{}", OccurredAt: db.At(r.created),
			CreatedAt: db.At(r.created)}
		if r.dispatched {
			e.DispatchedAt = db.At(r.created)
		}
		if r.publisher != "" {
			named = append(named, map[string]any{"tenant_id": tenant, "environment": "live",
				"publisher_id": r.publisher, "event_id": r.event})
		}
		for _, v := range r.deliveries {
			e.Endpoints = append(e.Endpoints, v.endpoint)
			row := delivery.Delivery{ID: v.id.TypeID(id.Delivery), TenantID: p.tenant, Environment: principal.Live,
				EventID: e.ID, PublisherID: r.publisher, EventType: e.Type, EndpointID: v.endpoint.TypeID(id.Endpoint),
				Status: v.status, AttemptCount: 1, MaxAttempts: 10, CreatedAt: e.CreatedAt,
				FinishedAt: db.At(v.finished), ChangedAt: e.CreatedAt}
			if v.finished.IsZero() {
				row.FinishedAt, row.DeadlineAt = db.Time{}, db.At(r.created.Add(time.Hour))
			}
			deliveries = append(deliveries, row)
			attempts = append(attempts, delivery.Attempt{DeliveryID: row.ID, Number: 1,
				Status: delivery.AttemptSucceeded, Method: "POST", ResponseBody: []byte{}, StartedAt: e.CreatedAt})
		}
		events = append(events, e)
	}
	err = d.Tx(t.Context(), func(tx *gorm.DB) error {
		for name := range days {
			if !d.Postgres() {
				break
			}
			if err := tx.Exec("SELECT make_partitions(?, ?)", name, name).Error; err != nil {
				return err
			}
		}
		for _, n := range named {
			if err := tx.Table("publisher_ids").Create(n).Error; err != nil {
				return err
			}
		}
		return errors.Join(db.InsertAll(tx, events), db.InsertAll(tx, deliveries), db.InsertAll(tx, attempts))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// uuids returns the first column of a query, sorted.
func uuids(t *testing.T, d *db.DB, query string) []string {
	t.Helper()
	var out []string
	if err := d.Read(t.Context()).Raw(query).Scan(&out).Error; err != nil {
		t.Fatalf("%s: got %v, want no error", query, err)
	}
	slices.Sort(out)
	return out
}
