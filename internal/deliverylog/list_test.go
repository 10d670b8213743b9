package deliverylog_test

import (
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/deliverylog"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/testkit/engine"
)

func TestTheLogIsNarrowedByEachFilterAndBySeveral(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		f := newFixture(t, e)
		other := f.tenant(t)
		strange := f.endpoint(t, other)
		hook, second := f.endpoint(t, f.scope), f.endpoint(t, f.scope)
		at := f.now.Add(-time.Minute)
		named := f.event(t, f.scope, at, "order-1", hook, second)
		later := f.event(t, f.scope, at.Add(10*time.Second), "", hook)
		later.Type = "lead.updated"
		names := map[string]string{}
		add := func(name string, d delivery.Delivery) {
			names[d.ID] = name
			f.insert(t, d)
		}
		add("ok", of(t, named, hook, delivery.Succeeded, "", 200))
		add("dead", of(t, named, second, delivery.Dead, "exhausted", 503))
		add("timeout", of(t, later, hook, delivery.Retrying, "timeout", 0))
		last := f.event(t, f.scope, at.Add(20*time.Second), "", second)
		add("gone", of(t, last, second, delivery.Cancelled, "gone", 410))
		f.insert(t, of(t, f.event(t, other, at, "order-1", strange), strange, delivery.Succeeded, "", 200))
		for _, c := range []struct {
			name   string
			filter deliverylog.Filter
			want   []string
		}{
			{"none", deliverylog.Filter{}, []string{"gone", "timeout", "ok", "dead"}},
			{"succeeded", deliverylog.Filter{Status: "succeeded"}, []string{"ok"}},
			{"dead", deliverylog.Filter{Status: "dead"}, []string{"dead"}},
			{"pending", deliverylog.Filter{Status: "pending"}, nil},
			{"endpoint", deliverylog.Filter{EndpointID: second}, []string{"gone", "dead"}},
			{"endpoint and status", deliverylog.Filter{EndpointID: second, Status: "dead"}, []string{"dead"}},
			{"endpoint and success", deliverylog.Filter{EndpointID: hook, Status: "succeeded"}, []string{"ok"}},
			{"another tenant's endpoint", deliverylog.Filter{EndpointID: strange}, nil},
			{"no endpoint's id", deliverylog.Filter{EndpointID: "whe_1"}, nil},
			{"type", deliverylog.Filter{EventType: "lead.updated"}, []string{"timeout"}},
			{"2xx", deliverylog.Filter{HTTPClass: "2xx"}, []string{"ok"}},
			{"4xx", deliverylog.Filter{HTTPClass: "4xx"}, []string{"gone"}},
			{"5xx", deliverylog.Filter{HTTPClass: "5xx"}, []string{"dead"}},
			{"no status", deliverylog.Filter{HTTPClass: "none"}, []string{"timeout"}},
			{"503", deliverylog.Filter{HTTPStatus: 503}, []string{"dead"}},
			{"503 of 4xx", deliverylog.Filter{HTTPStatus: 503, HTTPClass: "4xx"}, nil},
			{"200", deliverylog.Filter{HTTPStatus: 200}, []string{"ok"}},
			{"reason", deliverylog.Filter{Reason: "exhausted"}, []string{"dead"}},
			{"reason of a success", deliverylog.Filter{Reason: "exhausted", Status: "succeeded"}, nil},
			{"event", deliverylog.Filter{EventID: "order-1"}, []string{"ok", "dead"}},
			{"event by Hookline's id", deliverylog.Filter{EventID: named.ID}, []string{"ok", "dead"}},
			{"event and endpoint", deliverylog.Filter{EventID: "order-1", EndpointID: hook}, []string{"ok"}},
			{"event and status", deliverylog.Filter{EventID: "order-1", Status: "dead"}, []string{"dead"}},
			{"no such event", deliverylog.Filter{EventID: "order-2"}, nil},
			{"from", deliverylog.Filter{From: at.Add(10 * time.Second)}, []string{"gone", "timeout"}},
			{"just after", deliverylog.Filter{From: at.Add(20*time.Second + time.Microsecond)}, nil},
			{"to", deliverylog.Filter{To: at.Add(10 * time.Second)}, []string{"ok", "dead"}},
		} {
			ids, _ := f.walk(t, c.filter, 2)
			var got []string
			for _, deliveryID := range ids {
				got = append(got, names[deliveryID])
			}
			// the ids of an event's deliveries have the same time, and no order that a test could know
			if slices.Sort(got); !slices.Equal(got, sorted(c.want)) {
				t.Errorf("%s: got %v, want %v", c.name, got, c.want)
			}
			if !slices.IsSortedFunc(ids, func(a, b string) int { return -compare(a, b) }) {
				t.Errorf("%s: got ids in another order, want them falling", c.name)
			}
		}
	})
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func sorted(names []string) []string {
	names = slices.Clone(names)
	slices.Sort(names)
	return names
}

func TestAnInvalidFilterOrCursorIsRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, engine.Embedded)
	for name, c := range map[string]struct {
		scope  principal.Scope
		log    page.Log
		filter deliverylog.Filter
	}{
		"no scope": {},
		"class":    {scope: f.scope, filter: deliverylog.Filter{HTTPClass: "6xx"}},
		"times":    {scope: f.scope, filter: deliverylog.Filter{From: f.now, To: f.now.Add(-1)}},
		"cursor":   {scope: f.scope, log: page.Log{After: &page.Cursor{ID: "evt_1"}}},
	} {
		if rows, _, err := f.store.List(t.Context(), c.scope, c.log, c.filter); err == nil {
			t.Errorf("%s: got %d rows, want an error", name, len(rows))
		}
	}
}

func TestPlannedDeliveriesArePendingUntilTheReconcilerHasPassed(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		f := newFixture(t, e)
		hook, second := f.endpoint(t, f.scope), f.endpoint(t, f.scope)
		ev := f.event(t, f.scope, f.now.Add(-time.Second), "order-1", hook, second)
		done := of(t, ev, hook, delivery.Succeeded, "", 200)
		f.insert(t, done)
		planned := delivery.ID(ev.UUID(), uuid(t, second)).TypeID(id.Delivery)
		rows, _, err := f.store.List(t.Context(), f.scope, page.Log{Limit: 10},
			deliverylog.Filter{EventID: "order-1", Status: "pending"})
		if err != nil || len(rows) != 1 || rows[0].ID != planned || rows[0].Reason != "" ||
			!rows[0].NextAttemptAt.Equal(ev.CreatedAt.Time) || rows[0].MaxAttempts == 0 ||
			rows[0].EndpointID != second {
			t.Errorf("pending: got %+v, %v, want %s without a reason, due since its event", rows, err, planned)
		}
		d, err := f.store.Get(t.Context(), f.scope, planned)
		if err != nil || d.Delivery.Status != delivery.Pending || len(d.Attempts) != 0 || len(d.Body) == 0 {
			t.Errorf("planned: got %+v, %v, want it pending with a body", d, err)
		}
		if all, _ := f.walk(t, deliverylog.Filter{EventID: "order-1"}, 1); len(all) != 2 {
			t.Errorf("deliveries of the event: got %v, want 2", all)
		}
		if _, err := f.store.Get(t.Context(), f.tenant(t), planned); err == nil {
			t.Error("another tenant got a planned delivery, want none")
		}
		f.tx(t, func(tx *gorm.DB) error {
			return tx.Exec("UPDATE reconciler SET position = (SELECT max(position) FROM events)").Error
		})
		if _, err := f.store.Get(t.Context(), f.scope, planned); err == nil {
			t.Error("got a delivery without a row behind the reconciler, want none")
		}
		if all, _ := f.walk(t, deliverylog.Filter{EventID: "order-1"}, 1); !slices.Equal(all, []string{done.ID}) {
			t.Errorf("deliveries of the event: got %v, want %s", all, done.ID)
		}
	})
}

func TestADeliveryComesWithItsAttemptsAndBody(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		f := newFixture(t, e)
		hook := f.endpoint(t, f.scope)
		ev := f.event(t, f.scope, f.now, "order-1", hook)
		d := of(t, ev, hook, delivery.Succeeded, "", 200)
		d.Form = "1/hookline/cloudevents"
		f.insert(t, d)
		attempts := []delivery.Attempt{{DeliveryID: d.ID, Number: 2, Status: delivery.AttemptSucceeded,
			ResponseBody: []byte("ok"), StartedAt: db.At(f.now)}, {DeliveryID: d.ID, Number: 1,
			Status: delivery.AttemptFailed, ResponseBody: []byte{}, StartedAt: db.At(f.now)}}
		if err := db.InsertAll(f.d.Read(t.Context()), attempts); err != nil {
			t.Fatal(err)
		}
		got, err := f.store.Get(t.Context(), f.scope, d.ID)
		if err != nil || len(got.Attempts) != 2 || got.Attempts[0].Number != 1 || got.ContentType !=
			"application/cloudevents+json" {
			t.Fatalf("got %+v, %v, want two attempts in order and the body in its form", got, err)
		}
		w := deliverylog.DetailToWire(got)
		if w.EventID != "order-1" || w.Attempts[1].ID != attempts[0].ID() || w.Attempts[1].ResponseBody != "ok" ||
			w.Body != string(got.Body) {
			t.Errorf("on the wire: got %+v, want the publisher's id and the attempts' own", w)
		}
		ids := map[string]string{"another": id.New(id.Delivery), "an event's": ev.ID, "no": "1"}
		for name, deliveryID := range ids {
			if got, err := f.store.Get(t.Context(), f.scope, deliveryID); err == nil {
				t.Errorf("%s id: got %+v, want an error", name, got)
			}
		}
	})
}

// TestAWalkFindsEverythingOnceThoughAPageLooksAtFewRows has so many deliveries that pages stop before they are full.
func TestAWalkFindsEverythingOnceThoughAPageLooksAtFewRows(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		f := newFixture(t, e)
		hook, rare := f.endpoint(t, f.scope), f.endpoint(t, f.scope)
		const many = 12_000
		begin := f.now.Add(-many * time.Millisecond)
		want := map[string][]string{}
		var rows []delivery.Delivery
		for i := range many {
			at := begin.Add(time.Duration(i) * time.Millisecond)
			ev := event.Event{ID: uuidAt(at).TypeID(id.Event), TenantID: f.scope.TenantID,
				Environment: f.scope.Environment, Type: "lead.created", CreatedAt: db.At(at)}
			d := of(t, ev, hook, delivery.Succeeded, "", 200)
			switch {
			case i%3001 == 0:
				d.EndpointID = rare
			case i%2000 == 1:
				d.EventType = "rare"
			case i%2 == 0:
				d.Status, d.Reason = delivery.Dead, "exhausted"
			case i%1999 == 5:
				d.Status, d.Reason = delivery.Cancelled, "rare"
			}
			for name, is := range map[string]bool{"all": true, "type": d.EventType == "rare",
				"reason": d.Reason == "rare", "endpoint": d.EndpointID == rare, "dead": d.Status == delivery.Dead,
				"dead rare": d.Status == delivery.Dead && d.EndpointID == rare,
				"cancelled": d.Status == delivery.Cancelled && d.EndpointID == hook} {
				if is {
					want[name] = append(want[name], d.ID)
				}
			}
			rows = append(rows, d)
		}
		f.insert(t, rows...)
		for name, c := range map[string]struct {
			filter       deliverylog.Filter
			limit, pages int // at least
		}{
			"all":       {deliverylog.Filter{}, 100, many / 100},
			"type":      {deliverylog.Filter{EventType: "rare"}, 10, 3},
			"reason":    {deliverylog.Filter{Reason: "rare"}, 10, 3},
			"endpoint":  {deliverylog.Filter{EndpointID: rare}, 10, 1},
			"dead":      {deliverylog.Filter{Status: "dead"}, 100, many / 200},
			"dead rare": {deliverylog.Filter{Status: "dead", EndpointID: rare}, 10, 1},
			"cancelled": {deliverylog.Filter{Status: "cancelled", EndpointID: hook}, 10, 1},
			"nothing":   {deliverylog.Filter{HTTPStatus: 201}, 10, 3},
		} {
			got, pages := f.walk(t, c.filter, c.limit)
			slices.Reverse(got)
			if !slices.Equal(got, want[name]) {
				t.Errorf("%s: got %d ids in %d pages, want each of %d once", name, len(got), pages, len(want[name]))
			}
			if pages < c.pages || (c.pages == 1 && pages != 1) {
				t.Errorf("%s: got %d pages, want %d or, of many, more", name, pages, c.pages)
			}
		}
	})
}
