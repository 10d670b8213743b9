package deliverylog_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/deliverylog"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/testkit/engine"
)

func TestCountersThatFlushAtOnceAddUp(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		f := newFixture(t, e)
		hooks := []string{f.endpoint(t, f.scope), f.endpoint(t, f.scope)}
		const outcomes = 200
		var all sync.WaitGroup
		for range 2 {
			c := deliverylog.NewCounter(f.d)
			all.Go(func() {
				for i := range outcomes {
					c.Add(deliverylog.Outcome{Scope: f.scope, EndpointID: hooks[i%2], EventType: "lead.created",
						Status: delivery.Succeeded, Attempt: delivery.AttemptSucceeded, ResponseStatus: 200,
						ResponseTime: 40 * time.Millisecond, CreatedAt: f.now.Add(-80 * time.Millisecond), At: f.now})
					if i%20 == 0 {
						if err := c.Flush(t.Context()); err != nil {
							t.Error(err)
						}
					}
				}
				if err := c.Flush(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for name, p := range deliverylog.Periods {
			for _, hooks := range [][]string{nil, hooks[:1], hooks} {
				want := 2 * outcomes
				if len(hooks) == 1 {
					want = outcomes
				}
				s, err := f.store.Stats(t.Context(), f.scope, p, hooks...)
				if err != nil || s.Total.Succeeded != want || s.Total.All() != want || s.Classes[2] != want ||
					!s.Complete || s.Latency[4] != want || s.Response[2] != want {
					t.Errorf("%s: got %+v, latencies %v, classes %v, %v, want %d", name, s.Total, s.Latency, s.Classes,
						err, want)
				}
			}
		}
	})
}

func TestStatsHaveNoGapsAndNameFailingEndpointsFirst(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		f := newFixture(t, e)
		good, bad := f.endpoint(t, f.scope), f.endpoint(t, f.scope)
		c := deliverylog.NewCounter(f.d)
		add := func(hook string, status delivery.Status, attempt delivery.AttemptStatus, response int,
			ago time.Duration) {
			c.Add(deliverylog.Outcome{Scope: f.scope, EndpointID: hook, EventType: "lead.created", Status: status,
				Attempt: attempt, ResponseStatus: response, CreatedAt: f.now.Add(-ago), At: f.now.Add(-ago)})
		}
		add(good, delivery.Succeeded, delivery.AttemptSucceeded, 204, 0)
		add(good, delivery.Succeeded, delivery.AttemptSucceeded, 200, 40*time.Minute)
		add(bad, delivery.Retrying, delivery.AttemptFailed, 0, 10*time.Minute)
		add(bad, delivery.Dead, delivery.AttemptFailed, 503, 0)
		add(bad, delivery.Cancelled, "", 0, 0)
		add(good, delivery.Succeeded, delivery.AttemptSucceeded, 200, 400*24*time.Hour)
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.insert(t, of(t, f.event(t, f.scope, f.now, "", bad), bad, delivery.Retrying, "timeout", 0),
			of(t, f.event(t, f.scope, f.now, "", good), good, delivery.Pending, "", 0))
		for name, parts := range map[string]int{"1h": 30, "24h": 24, "7d": 28, "30d": 30} {
			p := deliverylog.Periods[name]
			s, err := f.store.Stats(t.Context(), f.scope, p)
			if err != nil {
				t.Fatal(err)
			}
			var sum deliverylog.Tally
			for i, point := range s.Series {
				sum.Succeeded += point.Succeeded
				sum.Failed += point.Failed
				sum.Other += point.Other
				if want := s.From.Add(time.Duration(i) * p.Step); !point.At.Equal(want) {
					t.Errorf("%s: part %d is at %s, want %s", name, i, point.At, want)
				}
			}
			want := deliverylog.Tally{Succeeded: 2, Failed: 2, Other: 2}
			if len(s.Series) != parts || sum != want || s.Total != want || !s.Complete ||
				s.ByStatus[delivery.Retrying] != 1 || s.ByStatus[delivery.Pending] != 1 {
				t.Errorf("%s: got %d parts, %+v and in all %+v, %v, want %d and %+v", name, len(s.Series), sum, s.Total,
					s.ByStatus, parts, want)
			}
			if len(s.Endpoints) != 2 || s.Endpoints[0].EndpointID != bad || s.Endpoints[0].Failed != 2 ||
				len(s.Endpoints[0].Series) != parts || s.Endpoints[0].Series[parts-1].Failed != 2 ||
				!s.Endpoints[1].Last.Equal(f.now) {
				t.Errorf("%s: got endpoints %.500v, want the failing one first", name, s.Endpoints)
			}
			if s.Classes != [6]int{1, 0, 2, 0, 0, 1} {
				t.Errorf("%s: got attempts by class %v, want 1 without an answer, 2 of 2xx, 1 of 5xx", name, s.Classes)
			}
			if len(s.EventTypes) != 1 || s.EventTypes[0].All() != 6 {
				t.Errorf("%s: got types %+v, want one of 6 deliveries", name, s.EventTypes)
			}
		}
		s, err := f.store.Stats(t.Context(), f.scope, deliverylog.Periods["1h"], good)
		if err != nil || s.Total != (deliverylog.Tally{Succeeded: 2, Other: 1}) || len(s.Endpoints) != 1 {
			t.Errorf("of one endpoint: got %+v, %v, want its own", s.Total, err)
		}
		s, err = f.store.Stats(t.Context(), f.tenant(t), deliverylog.Periods["1h"])
		if err != nil || s.Total.All() != 0 || len(s.Series) != 30 || s.Latency.Quantile(.5) != nil {
			t.Errorf("of another tenant: got %+v, %v, want nothing", s.Total, err)
		}
	})
}

func TestStatsCompareWithThePeriodBefore(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		f := newFixture(t, e)
		hook := f.endpoint(t, f.scope)
		for name, p := range deliverylog.Periods {
			c := deliverylog.NewCounter(f.d)
			scope := f.tenant(t)
			add := func(status delivery.Status, ago time.Duration) {
				c.Add(deliverylog.Outcome{Scope: scope, EndpointID: hook, EventType: "lead.created", Status: status,
					Attempt: delivery.AttemptSucceeded, ResponseStatus: 200, ResponseTime: 120 * time.Millisecond,
					CreatedAt: f.now.Add(-ago - time.Second), At: f.now.Add(-ago)})
			}
			add(delivery.Succeeded, 0)
			for range 3 {
				add(delivery.Succeeded, p.Length+p.Step)
			}
			add(delivery.Dead, p.Length+p.Step)
			add(delivery.Cancelled, 2*p.Length-p.Step)
			add(delivery.Dead, 2*p.Length+2*p.Step) // before both
			if err := c.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, of := range [][]string{nil, {hook}} {
				s, err := f.store.Stats(t.Context(), scope, p, of...)
				was := s.Previous
				if err != nil || s.Total.All() != 1 || was.Succeeded != 3 || was.Dead != 1 || was.Cancelled != 1 {
					t.Errorf("%s of %q: got %+v and before %+v, %v, want 1 and before 3 succeeded, 1 dead, 1 cancelled",
						name, of, s.Total, was, err)
				}
				if got := was.Response.Quantile(.5); got == nil || *got != 150 {
					t.Errorf("%s: got a response time of %v before, want 150 ms", name, got)
				}
				if got := s.Latency.Quantile(.5); got == nil || *got != 1000 {
					t.Errorf("%s: got a time to delivery of %v, want 1000 ms", name, got)
				}
			}
		}
	})
}

func TestHealthNamesFailingEndpointsWithTheirErrors(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		f := newFixture(t, e)
		good, bad, shut, off := f.endpoint(t, f.scope), f.endpoint(t, f.scope), f.endpoint(t, f.scope),
			f.endpoint(t, f.scope)
		limited, others := f.endpoint(t, f.scope), f.endpoint(t, f.tenant(t))
		set := func(hook string, change map[string]any) {
			t.Helper()
			f.tx(t, func(tx *gorm.DB) error {
				return tx.Model(&endpoint.Endpoint{}).Where("id = ?", hook).Updates(change).Error
			})
		}
		since, probe := f.now.Add(-time.Hour), f.now.Add(3*time.Minute)
		failing := map[string]any{"failing_since": db.At(since), "consecutive_failures": 7}
		set(bad, failing)
		set(others, failing)
		set(shut, map[string]any{"failing_since": db.At(since), "throttled_at": db.At(since), "circuit": "open",
			"circuit_until": db.At(probe)})
		set(off, map[string]any{"enabled": false, "disabled_reason": endpoint.ReasonGone})
		set(limited, map[string]any{"throttled_at": db.At(since)})
		waits := func(hook string, response int, admission delivery.Admission, status delivery.Status) {
			t.Helper()
			d := of(t, f.event(t, f.scope, f.now, "", hook), hook, status, "timeout", response)
			d.Admission, d.NextAttemptAt, d.Error = admission, db.At(f.now.Add(time.Minute)), "It answered nothing."
			f.insert(t, d)
		}
		waits(bad, 503, delivery.Unthrottled, delivery.Retrying)
		waits(bad, 503, delivery.Unthrottled, delivery.Dead)
		waits(bad, 0, delivery.Unthrottled, delivery.Retrying)
		waits(shut, 0, delivery.Deferred, delivery.Pending)
		waits(good, 500, delivery.Unthrottled, delivery.Retrying)
		health, err := f.store.Health(t.Context(), f.scope)
		got := health.Issues
		if err != nil || !health.Complete || health.Failing != 3 || len(got) != 3 {
			t.Fatalf("Health: got %d endpoints of %d, complete %t, %v, want 3, all counted", len(got), health.Failing,
				health.Complete, err)
		}
		for i, want := range []string{off, shut, bad} {
			if got[i].Endpoint.ID != want {
				t.Errorf("endpoint %d: got %s, want %s: disabled, open, failing", i, got[i].Endpoint.ID, want)
			}
		}
		if s := got[1]; s.Waiting != 1 || s.Throttled != 1 || !s.Next.Equal(probe) || len(s.Errors) != 0 {
			t.Errorf("with an open circuit: got %+v, want one deferred until %s", s, probe)
		}
		b := got[2]
		want := []deliverylog.ErrorGroup{{Reason: "http_status", ResponseStatus: 503, Count: 2},
			{Reason: "timeout", Count: 1}}
		if b.Waiting != 2 || b.Dead != 1 || !b.Since.Equal(since) || !b.Next.Equal(f.now.Add(time.Minute)) ||
			!slices.Equal(b.Errors, want) || b.LastError.Error != "It answered nothing." {
			t.Errorf("failing: got %+v, want 2 waiting, 1 dead, errors %+v", b, want)
		}
	})
}

func TestAFlushThatFailsKeepsItsCounts(t *testing.T) {
	t.Parallel()
	f := newFixture(t, engine.Embedded)
	hook := f.endpoint(t, f.scope)
	c := deliverylog.NewCounter(f.d)
	add := func() {
		c.Add(deliverylog.Outcome{Scope: f.scope, EndpointID: hook, EventType: "lead.created", Status: delivery.Dead,
			CreatedAt: f.now, At: f.now})
	}
	add()
	c.Add(deliverylog.Outcome{Scope: principal.Scope{}, EndpointID: hook, At: f.now}) // nobody's
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Flush(ended); err == nil {
		t.Fatal("flush without a database: got no error, want one")
	}
	add()
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Stop(t.Context()); err != nil { // flushes
		t.Fatal(err)
	}
	s, err := f.store.Stats(t.Context(), f.scope, deliverylog.Periods["24h"])
	if err != nil || s.Total.Failed != 2 {
		t.Errorf("got %+v, %v, want both counts", s.Total, err)
	}
}

func TestCountsAreDeletedWhenNoStatisticReadsThem(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		f := newFixture(t, e)
		hook := f.endpoint(t, f.scope)
		const day = 24 * time.Hour
		for _, c := range []struct {
			ago  time.Duration
			rows int // of four steps, each once for the endpoint and once for the tenant
		}{{0, 8}, {3 * time.Hour, 6}, {3 * day, 4}, {16 * day, 2}, {70 * day, 1}, {370 * day, 0}} {
			counter := deliverylog.NewCounter(f.d)
			counter.Add(deliverylog.Outcome{Scope: f.scope, EndpointID: hook, EventType: "lead.created",
				Status: delivery.Dead, CreatedAt: f.now, At: f.now.Add(-c.ago)})
			if err := counter.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			for {
				n, err := f.store.DeleteOlder(t.Context(), 1)
				if err != nil {
					t.Fatal(err)
				}
				if n == 0 {
					break
				}
			}
			var rows int64
			err := f.d.Read(t.Context()).Table("delivery_counts").Count(&rows).Error
			if err != nil || int(rows) != c.rows {
				t.Errorf("of %s ago: got %d rows, %v, want %d", c.ago, rows, err, c.rows)
			}
			if err := f.d.Read(t.Context()).Exec("DELETE FROM delivery_counts").Error; err != nil {
				t.Fatal(err)
			}
		}
	})
}
