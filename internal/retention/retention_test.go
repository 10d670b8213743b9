package retention_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/retention"
	"github.com/hookline/hookline/internal/testkit/engine"
)

const day = 24 * time.Hour

var kept = retention.Retention{Deliveries: 30 * day, DeadLetters: 90 * day, Events: 90 * day}

// history is events of the last 120 days with deliveries to three endpoints, and a day that is so full that it is worth
// a rewrite.
func history(p place, now time.Time, random *rand.Rand) []row {
	var out []row
	add := func(created time.Time) {
		r := newEvent(created)
		r.dispatched = random.IntN(20) > 0
		if random.IntN(3) == 0 {
			r.publisher = fmt.Sprintf("p-%d", len(out))
		}
		for _, endpoint := range []id.UUID{p.a, p.b, p.keeper}[random.IntN(4)*3/4:] {
			status := []delivery.Status{delivery.Succeeded, delivery.Succeeded, delivery.Succeeded, delivery.Dead,
				delivery.Cancelled, delivery.Retrying, delivery.Delivering}[random.IntN(7)]
			var finished time.Time
			if status.Final() {
				if finished = r.created.Add(time.Duration(random.Int64N(int64(4 * day)))); finished.After(now) {
					finished = now
				}
			}
			r = r.to(endpoint, status, finished)
		}
		out = append(out, r)
	}
	for range 400 { // few days, as each takes partitions; most near a limit
		ages := []time.Duration{0, 1, 5, 28, 29, 30, 31, 32, 60, 88, 89, 90, 91, 92, 119}
		add(now.Add(-ages[random.IntN(len(ages))] * day).Truncate(day).
			Add(time.Duration(random.Int64N(int64(now.Sub(now.Truncate(day)) + 1)))))
	}
	for range 1000 {
		add(now.Add(-95 * day).Truncate(day).Add(time.Duration(random.Int64N(int64(day)))))
	}
	return out
}

// model is what must remain by the rules of docs/operations.md: deliveries that are not over always; dead letters 90
// days and others 30, and then until the day on which they were made is that old, too; of an inboxops endpoint the
// newest 100 whatever their age; events for 90 days, and as long as one of their deliveries.
func model(p place, rows []row, now time.Time) []row {
	rows = slices.Clone(rows)
	rank, all := map[id.UUID]int{}, []delivered{}
	for _, r := range rows {
		all = append(all, r.deliveries...)
	}
	slices.SortFunc(all, func(a, b delivered) int { return b.id.Compare(a.id) })
	place := map[id.UUID]int{}
	for _, v := range all {
		place[v.id] = rank[v.endpoint]
		rank[v.endpoint]++
	}
	old := func(created, finished time.Time, age time.Duration) bool {
		cut := now.Add(-age)
		return finished.Before(cut) && created.Before(cut.Truncate(day))
	}
	for i, r := range rows {
		rows[i].deliveries = slices.DeleteFunc(slices.Clone(r.deliveries), func(v delivered) bool {
			switch {
			case v.finished.IsZero():
				return false
			case v.status == delivery.Dead:
				return old(r.created, v.finished, kept.DeadLetters)
			}
			return old(r.created, v.finished, kept.Deliveries) && (v.endpoint != p.keeper || place[v.id] >= 100)
		})
	}
	return slices.DeleteFunc(rows, func(r row) bool {
		return r.dispatched && len(r.deliveries) == 0 && old(r.created, r.created, kept.Events)
	})
}

func janitor(d *db.DB, now time.Time) *retention.Janitor {
	return retention.NewJanitor(d, func() time.Time { return now }, kept)
}

func TestAStepOfTheJanitorThatFailsDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := engine.Database(t, e)
		if err := d.Read(t.Context()).Exec("DROP TABLE events").Error; err != nil { // a step of the janitor's own fails
			t.Fatal(err)
		}
		var calls []int64
		broken := errors.New("the disk is full")
		err := retention.NewJanitor(d, time.Now, kept,
			retention.Sweeper{Name: "first things", Delete: func(context.Context, int) (int64, error) {
				return 0, broken
			}},
			retention.Sweeper{Name: "second things", Delete: func(_ context.Context, limit int) (int64, error) {
				deleted := int64(limit) - int64(len(calls))
				calls = append(calls, deleted)
				return deleted, nil
			}},
		).Sweep(t.Context())
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), "first things: ") ||
			!strings.Contains(err.Error(), "logs: ") || strings.Contains(err.Error(), "second") {
			t.Errorf("error: got %v, want one that names logs and first things alone", err)
		}
		if len(calls) != 2 {
			t.Errorf("the step after the one that failed deleted: got %v rows, want a full batch and one that is not",
				calls)
		}
	})
}

func TestRowsPastTheirRetentionAreDeletedAndNoOthers(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := engine.Database(t, e)
		p := newPlace(t, d)
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		now := time.Now().UTC()
		rows := history(p, now, rand.New(rand.NewPCG(seed, 0)))
		write(t, d, p, rows)
		for _, later := range []time.Duration{0, time.Hour, 40 * day, 200 * day} {
			if err := janitor(d, now.Add(later)).Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			rows = model(p, rows, now.Add(later))
			var deliveries, events, named []string
			for _, r := range rows {
				events = append(events, r.event.String())
				if r.publisher != "" {
					named = append(named, r.event.String())
				}
				for _, v := range r.deliveries {
					deliveries = append(deliveries, v.id.String())
				}
			}
			for query, want := range map[string][]string{
				"SELECT id FROM deliveries":          deliveries,
				"SELECT delivery_id FROM attempts":   deliveries,
				"SELECT id FROM events":              events,
				"SELECT event_id FROM publisher_ids": named,
			} {
				slices.Sort(want)
				if got := uuids(t, d, query); !slices.Equal(got, want) {
					t.Fatalf("rows that remain after %s: got %d, want %d: %s", later, len(got), len(want), query)
				}
			}
		}
		times, err := retention.Oldest(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		oldest := slices.MinFunc(rows, func(a, b row) int { return a.event.Compare(b.event) })
		if !times.Events.Equal(oldest.created) {
			t.Errorf("oldest event: got %s, want %s", times.Events, oldest.created)
		}
		if times.Deliveries.IsZero() || times.Attempts.IsZero() {
			t.Errorf("oldest delivery and attempt: got %s and %s, want two times", times.Deliveries, times.Attempts)
		}
	})
}

func TestTheOldestRowsOfEmptyLogsHaveNoTime(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		if got, err := retention.Oldest(t.Context(), engine.Database(t, e)); err != nil || got != (retention.Times{}) {
			t.Errorf("oldest rows: got %v, %v, want no times", got, err)
		}
	})
}

func TestTheLogsAreClearedOnceAnHour(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := engine.Database(t, e)
		p := newPlace(t, d)
		now := time.Now().UTC()
		clock := now
		j := retention.NewJanitor(d, func() time.Time { return clock }, kept)
		old := func() row {
			created := now.Add(-40 * day)
			return newEvent(created).to(p.a, delivery.Succeeded, created)
		}
		for i, c := range []struct {
			at   time.Duration
			left int
		}{{0, 0}, {59 * time.Minute, 1}, {time.Hour, 0}} {
			write(t, d, p, []row{old()})
			clock = now.Add(c.at)
			if err := j.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := len(uuids(t, d, "SELECT id FROM deliveries")); got != c.left {
				t.Errorf("deliveries after sweep %d: got %d, want %d", i+1, got, c.left)
			}
		}
	})
}

func TestOldDaysAreDroppedWhileOthersWrite(t *testing.T) {
	t.Parallel()
	d := engine.Database(t, engine.Servers)
	p := newPlace(t, d)
	now := time.Now().UTC()
	var rows []row
	for i := range 600 {
		created := now.Add(-time.Duration(95+i%3) * day).Truncate(day).Add(time.Duration(i) * time.Minute)
		rows = append(rows, newEvent(created).to(p.a, delivery.Succeeded, created))
	}
	write(t, d, p, rows)
	stop, started := make(chan struct{}), make(chan struct{})
	var slowest time.Duration
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			begun := time.Now()
			write(t, d, p, []row{newEvent(now).to(p.b, delivery.Retrying, time.Time{})})
			uuids(t, d, "SELECT id FROM deliveries WHERE deadline_at <= 1 ORDER BY deadline_at LIMIT 10")
			slowest = max(slowest, time.Since(begun))
			if i == 0 {
				close(started)
			}
		}
	})
	<-started
	j := janitor(d, now)
	engine.Await(t, "the old days gone", func() bool { // what had to give way to the writer is done later
		if err := j.Sweep(t.Context()); err != nil {
			t.Errorf("sweep: got %v, want no error", err)
		}
		return len(uuids(t, d, "SELECT relname FROM pg_class WHERE relname ~ '^(events|deliveries|attempts)_"+
			now.Add(-95*day).Format("20060102")+"$'")) == 0
	})
	close(stop)
	writer.Wait()
	t.Logf("the slowest write took %s", slowest)
	if slowest > engine.Patience {
		t.Errorf("the slowest write: got %s, want at most %s", slowest, engine.Patience)
	}
}

func TestAnOldDayThatIsEmptyIsDropped(t *testing.T) {
	t.Parallel()
	d := engine.Database(t, engine.Servers)
	p := newPlace(t, d)
	now := time.Now().UTC()
	created := now.Add(-100 * day)
	write(t, d, p, []row{newEvent(created).to(p.a, delivery.Succeeded, created)})
	if err := janitor(d, now).Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := uuids(t, d, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE '%_"+
		created.Format("20060102")+"'"); len(left) != 0 {
		t.Errorf("partitions that are left: got %v, want none", left)
	}
}
