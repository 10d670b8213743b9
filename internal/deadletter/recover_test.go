package deadletter_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/deadletter"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// outage stores events of each kind and returns those that the endpoint missed, oldest first, and what a recovery of
// the last two hours is.
func outage(t *testing.T, g *ground, to endpoint.Endpoint) (missed []event.Event, m deadletter.Missed) {
	t.Helper()
	at := func(minutes int) time.Time { return g.now.Add(-time.Duration(minutes) * time.Minute) }
	for _, c := range []struct {
		row
		missed bool
	}{
		{row{at: at(130), status: delivery.Dead}, false}, // before the time
		{row{at: at(119), status: delivery.Dead}, true},
		{row{at: at(118), status: delivery.Cancelled, reason: delivery.ReasonEndpointDisabled}, true},
		{row{at: at(117), status: delivery.Cancelled, reason: delivery.ReasonFiltered}, false},
		{row{at: at(116), status: delivery.Succeeded}, false},
		{row{at: at(115), status: delivery.Retrying}, false},
		{row{at: at(110), unlisted: true}, false}, // before Known: it may have been deleted
		{row{at: at(90), unlisted: true}, true},
		{row{at: at(80), unlisted: true, data: `{"vip":true}`}, true},
		{row{at: at(70)}, false},                                // planned
		{row{at: at(60), unlisted: true, pending: true}, false}, // to be fanned out
		{row{at: at(50), unlisted: true, kind: "contact.created"}, false},
		{row{at: at(5), unlisted: true}, false}, // after the time
	} {
		e, _ := g.add(t, to, c.row)
		if c.missed {
			missed = append(missed, e)
		}
	}
	return missed, deadletter.Missed{Scope: to.Scope(), EndpointID: to.ID, Since: at(120), Until: at(10),
		Types: []string{"lead.*"}, Known: at(100)}
}

func deliveryID(t *testing.T, e event.Event, to endpoint.Endpoint) string {
	t.Helper()
	u, err := id.Parse(to.ID)
	if err != nil {
		t.Fatal(err)
	}
	return delivery.ID(e.UUID(), u).TypeID(id.Delivery)
}

func TestMissedEventsAreRecoveredOnceAndNoOthers(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		scope := g.scope(t)
		to := g.endpoint(t, scope, nil)
		outage(t, g, g.endpoint(t, g.scope(t), nil)) // of another tenant
		missed, m := outage(t, g, to)
		s, err := g.SurveyMissed(t.Context(), m)
		var sample []string
		for _, v := range missed {
			sample = append(sample, v.ID)
		}
		slices.Sort(s.Sample)
		slices.Sort(sample)
		if err != nil || s.Total != len(missed) || !slices.Equal(s.Sample, sample) {
			t.Errorf("survey: got %+v, %v, want %v", s, err, sample)
		}
		var mu sync.Mutex
		var got []string
		var both sync.WaitGroup
		for range 2 { // two at once send each event once
			both.Go(func() {
				ids, _ := parts(t, func(from string) (deadletter.Part, error) {
					return g.Recover(t.Context(), m, from, 2)
				})
				mu.Lock()
				defer mu.Unlock()
				got = append(got, ids...)
			})
		}
		both.Wait()
		var want []string
		for _, v := range missed {
			want = append(want, deliveryID(t, v, to))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("recovered: got %v, want %v", got, want)
		}
		for _, v := range missed {
			d := g.get(t, deliveryID(t, v, to))
			if d.Status != delivery.Pending || !d.DeadlineAt.Equal(g.now) || !d.CreatedAt.Equal(v.CreatedAt.Time) ||
				d.EventID != v.ID || d.MaxAttempts != 7 {
				t.Errorf("a recovered delivery: got %+v, want it pending and due", d)
			}
			now, err := g.events.Get(t.Context(), scope, v.ID)
			if err != nil || len(now.Endpoints) != 1 {
				t.Errorf("endpoints of a recovered event: got %v, %v, want the one", now.Endpoints, err)
			}
		}
		if s, err := g.SurveyMissed(t.Context(), m); err != nil || s.Total != 0 {
			t.Errorf("survey after the recovery: got %+v, %v, want nothing", s, err)
		}
	})
}

func TestARecoveryAsksTheFilterAboutEventsWithoutADelivery(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		to := g.endpoint(t, g.scope(t), func(s *endpoint.Settings) { s.Filter = "has(data.vip)" })
		missed, m := outage(t, g, to)
		g.set(t, to, map[string]any{"throttled_at": db.At(g.now), "release_at": nil})
		got, skipped := parts(t, func(from string) (deadletter.Part, error) {
			return g.Recover(t.Context(), m, from, 100)
		})
		if len(got) != 3 || skipped[delivery.ReasonFiltered] != 1 {
			t.Errorf("recovered: got %d, skipped %v, want 3 and one that was filtered", len(got), skipped)
		}
		plain, vip := g.get(t, deliveryID(t, missed[2], to)), g.get(t, deliveryID(t, missed[3], to))
		if plain.Status != delivery.Cancelled || plain.Reason != delivery.ReasonFiltered || plain.FinishedAt.IsZero() {
			t.Errorf("the delivery that the filter keeps out: got %+v, want it cancelled", plain)
		}
		if vip.Status != delivery.Pending || vip.Admission != delivery.Deferred {
			t.Errorf("the delivery to the throttled endpoint: got %+v, want it deferred", vip)
		}
	})
}

func TestARecoverySendsNothingToAnEndpointThatIsOff(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		to := g.endpoint(t, g.scope(t), nil)
		_, m := outage(t, g, to)
		g.set(t, to, map[string]any{"enabled": false})
		got, skipped := parts(t, func(from string) (deadletter.Part, error) {
			return g.Recover(t.Context(), m, from, 100)
		})
		if len(got) != 0 || skipped[delivery.ReasonEndpointDisabled] != 4 {
			t.Errorf("recovered: got %v, skipped %v, want none, and four skipped", got, skipped)
		}
	})
}

func TestARecoveryOfManyEventsGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		to := g.endpoint(t, g.scope(t), nil)
		const count, every = 6_000, 100
		rows := make([]row, count)
		for i := range rows {
			rows[i] = row{at: g.now.Add(-time.Duration(count-i) * 24 * time.Second), unlisted: i%every == 0}
		}
		g.addAll(t, to, rows)
		m := deadletter.Missed{Scope: to.Scope(), EndpointID: to.ID, Since: g.now.Add(-47 * time.Hour), Until: g.now,
			Known: g.now.Add(-47 * time.Hour)} // over three days
		if s, err := g.SurveyMissed(t.Context(), m); err != nil || s.Total != count/every || len(s.Sample) != 10 {
			t.Errorf("survey: got %+v, %v, want %d", s, err, count/every)
		}
		got, _ := parts(t, func(from string) (deadletter.Part, error) {
			return g.Recover(t.Context(), m, from, 7)
		})
		if slices.Sort(got); len(slices.Compact(got)) != count/every {
			t.Errorf("recovered in steps of 7: got %d, want %d", len(got), count/every)
		}
	})
}
