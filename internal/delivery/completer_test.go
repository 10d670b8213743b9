package delivery

import (
	"maps"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// completer is a Completer on a database of its own, which knows no endpoints, and what it reported.
func completer(t *testing.T, e engine.Engine) (c *Completer, reported *[]Completed) {
	t.Helper()
	d := engine.Database(t, e)
	if err := event.EnsurePartitions(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	reported = &[]Completed{}
	s := NewStore(d, nil, event.NewStore(d), func() time.Time { return noon }, Config{Lease: time.Minute})
	return NewCompleter(s, nil, reporting{reported}), reported
}

type reporting struct{ all *[]Completed }

// DeliveriesCompleted implements listener.
func (r reporting) DeliveriesCompleted(_ *gorm.DB, c Completed) error {
	*r.all = append(*r.all, c)
	return nil
}

// row is a delivery as it is stored.
func row(s Status, attempts int) Delivery {
	e := lead(`{}`)
	d := Planned(e, subscriber("*"))
	d.Status, d.AttemptCount = s, attempts
	return d
}

// over is the outcome of an attempt of a delivery, which has the number.
func over(d Delivery, number int, s Status, stored bool) outcome {
	d.AttemptCount = number
	o := outcome{delivery: d.ended(s, "", "", noon), stored: stored, endpoint: endpoint.Endpoint{ID: d.EndpointID,
		LastSuccessAt: in(0)}}
	o.attempt = running(job{delivery: d}, noon)
	o.attempt.Status, o.attempt.FinishedAt = AttemptSucceeded, in(0)
	return o
}

// stored reads all deliveries, by id, and the numbers and states of their attempts.
func stored(t *testing.T, d *db.DB) (rows map[string]Delivery, attempts map[string]map[int]AttemptStatus) {
	t.Helper()
	var all []Delivery
	var made []Attempt
	if err := d.Read(t.Context()).Find(&all).Error; err != nil {
		t.Fatal(err)
	}
	if err := d.Read(t.Context()).Find(&made).Error; err != nil {
		t.Fatal(err)
	}
	rows, attempts = map[string]Delivery{}, map[string]map[int]AttemptStatus{}
	for _, d := range all {
		rows[d.ID], attempts[d.ID] = d, map[int]AttemptStatus{}
	}
	for _, a := range made {
		attempts[a.DeliveryID][a.Number] = a.Status
	}
	return rows, attempts
}

func insertRows(t *testing.T, d *db.DB, rows ...Delivery) {
	t.Helper()
	if err := d.Tx(t.Context(), func(tx *gorm.DB) error { return db.InsertAll(tx, rows) }); err != nil {
		t.Fatal(err)
	}
}

// The guard of the statement is what keeps an attempt whose lease ran out from deciding about a delivery that somebody
// else holds.
func TestAnOutcomeChangesOnlyTheClaimThatItBelongsTo(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		c, reported := completer(t, e)
		mine, again, off, other := row(Delivering, 1), row(Delivering, 2), row(Cancelled, 1), row(Delivering, 1)
		fresh, leased := row(Pending, 0), row(Delivering, 1)
		insertRows(t, c.db, mine, again, off, other, leased)
		outcomes := []outcome{over(mine, 1, Dead, true), over(again, 1, Dead, true), over(off, 1, Dead, true),
			over(fresh, 1, Succeeded, false), over(leased, 1, Succeeded, false)}
		if _, err := c.completeAll(t.Context(), outcomes); err != nil {
			t.Fatalf("completing: got %v, want no error", err)
		}
		rows, attempts := stored(t, c.db)
		for name, want := range map[string]struct {
			d      Delivery
			status Status
			count  int
			made   map[int]AttemptStatus
		}{
			"its own":                    {mine, Dead, 1, map[int]AttemptStatus{1: AttemptSucceeded}},
			"claimed again":              {again, Delivering, 2, map[int]AttemptStatus{1: AttemptSucceeded}},
			"over":                       {off, Cancelled, 1, map[int]AttemptStatus{1: AttemptSucceeded}},
			"another":                    {other, Delivering, 1, map[int]AttemptStatus{}},
			"without a row":              {fresh, Succeeded, 1, map[int]AttemptStatus{1: AttemptSucceeded}},
			"with a row that came since": {leased, Succeeded, 1, map[int]AttemptStatus{1: AttemptSucceeded}},
		} {
			if got := rows[want.d.ID]; got.Status != want.status || got.AttemptCount != want.count ||
				!maps.Equal(attempts[want.d.ID], want.made) {
				t.Errorf("%s: got %s, %d attempts, %v, want %s, %d, %v", name, got.Status, got.AttemptCount,
					attempts[want.d.ID], want.status, want.count, want.made)
			}
		}
		if all := *reported; len(all) != 1 || len(all[0].Dead) != 1 || all[0].Dead[0].ID != mine.ID {
			t.Errorf("reported: got %+v, want one dead letter, %s", all, mine.ID)
		}
	})
}

func TestASuccessIsStoredOnceWhoeverRecordsItAndHoweverOften(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		c, _ := completer(t, e)
		d := row(Pending, 0)
		d.PublisherID = `it's "?" $1`
		o := over(d, 1, Succeeded, false)
		o.delivery.Form, o.attempt.ResponseBody = "1/hookline/", []byte{0, '\'', 255}
		for range 2 {
			if err := c.Complete(t.Context(), o); err != nil {
				t.Fatalf("completing: got %v, want no error", err)
			}
		}
		rows, attempts := stored(t, c.db)
		if len(rows) != 1 || rows[d.ID] != o.delivery || len(attempts[d.ID]) != 1 {
			t.Errorf("stored: got %+v, %v, want %+v and one attempt", rows, attempts, o.delivery)
		}
	})
}

func TestAnErrorOfOursTakesTheRunningAttemptBack(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		c, _ := completer(t, e)
		d, fresh := row(Delivering, 1), row(Pending, 1)
		insertRows(t, c.db, d)
		err := c.db.Tx(t.Context(), func(tx *gorm.DB) error {
			return db.InsertAll(tx, []Attempt{running(job{delivery: d}, noon)})
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []Delivery{d, fresh} {
			o := outcome{stored: d.Status == Delivering, endpoint: endpoint.Endpoint{ID: d.EndpointID}}
			if err := c.Complete(t.Context(), o.withoutAttempt(d, "ours", noon)); err != nil {
				t.Fatalf("completing: got %v, want no error", err)
			}
		}
		rows, attempts := stored(t, c.db)
		for _, d := range []Delivery{d, fresh} {
			if got := rows[d.ID]; got.Status != Retrying || got.Reason != ReasonInternal || got.AttemptCount != 0 ||
				got.DeadlineAt != in(internalWait+Grace) || len(attempts[d.ID]) != 0 {
				t.Errorf("stored: got %+v, attempts %v, want it retrying without an attempt", got, attempts[d.ID])
			}
		}
	})
}

func TestAnAttemptsIDFollowsFromItsDelivery(t *testing.T) {
	t.Parallel()
	a := Attempt{DeliveryID: id.New(id.Delivery), Number: 1}
	b := Attempt{DeliveryID: a.DeliveryID, Number: 2}
	c := Attempt{DeliveryID: a.DeliveryID, Number: 257}
	if _, err := id.ParseAs(id.Attempt, a.ID()); err != nil || a.ID() == b.ID() || a.ID() == c.ID() {
		t.Errorf("ids: got %s, %s, %s, %v, want three TypeIDs", a.ID(), b.ID(), c.ID(), err)
	}
	if got := (Attempt{DeliveryID: "dlv_1"}).ID(); got != "" {
		t.Errorf("id of an attempt of no delivery: got %q, want none", got)
	}
}
