package main_test

import (
	"context"
	"encoding/json"
	"flag"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/testkit"
)

var (
	crashFor  = flag.Duration("crash.for", 4*time.Second, "duration of the kills of a crash run")
	crashSeed = flag.Uint64("crash.seed", 0, "what its moments and targets follow from; 0 for a new one")
)

// The crash matrix: the API, two workers, PostgreSQL and Redis are killed at random moments under load. `make crash`
// does it for two minutes.
func TestKillsUnderLoadLoseNothing(t *testing.T) {
	t.Parallel()
	seed := *crashSeed
	if seed == 0 {
		seed = 1 + rand.Uint64N(1_000_000)
	}
	t.Logf("seed %d for %s", seed, *crashFor)
	s := newSite(t)
	key := newCrashTenant(t, s)
	consumers := []*consumer{
		newConsumer(t, "healthy", healthy, 20, 0),
		newConsumer(t, "failing now and then", fickle, 5, 0),
		newConsumer(t, "slow", healthy, 20, 300*time.Millisecond),
	}
	owner := testkit.NewClient(s.base.Load().(string), key)
	byEndpoint := map[string]*consumer{}
	for _, c := range consumers {
		e := owner.NewEndpoint(t, c.url, map[string]any{"retry_policy": map[string]any{"initial": "1s", "multiplier": 1,
			"max_attempts": c.attempts}})
		c.secret = e.Secret
		byEndpoint[e.ID] = c
	}

	l := newLoad(s, key)
	stop := make(chan struct{})
	producing := l.produce("crash", stop)
	s.suffer(plan(seed, *crashFor))
	close(stop)
	producing.Wait()
	s.survivors()

	d, err := db.Open(t.Context(), s.private.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	awaitTerminal(t, d)
	s.survivors()
	v := verdict{t: t, load: l, byEndpoint: byEndpoint}
	v.read(d)
	v.accepted()
	v.ended()
	v.report(s)
}

func newCrashTenant(t *testing.T, s *site) (key string) {
	t.Helper()
	operator := testkit.NewClient(s.base.Load().(string), testkit.OperatorKey)
	return operator.NewTenant(t, "enterprise", map[string]any{"rate_limit": map[string]any{"requests": 1_000_000}}).
		Key()
}

// patience is how long nothing may end while something has not: longer than the reconciler leaves anything alone.
const patience = 90 * time.Second

const unfinished = `SELECT 'event ' || id || ' created ' || to_timestamp(created_at / 1e6) FROM events WHERE dispatched_at IS NULL
	UNION ALL SELECT 'delivery ' || id || ' ' || status || ' ' || reason || ' of ' || endpoint_id || ', admission ' || admission || ', attempts ' || attempt_count
	|| ', next ' || coalesce(to_timestamp(next_attempt_at / 1e6)::text, '-') || ', deadline ' || to_timestamp(deadline_at / 1e6)
	FROM deliveries WHERE deadline_at IS NOT NULL
	UNION ALL SELECT 'planned deliveries of ' || e.id FROM events e
	LEFT JOIN (SELECT event_id, count(*) AS n FROM deliveries GROUP BY event_id) d ON d.event_id = e.id
	WHERE length(e.endpoints) / 16 > coalesce(d.n, 0)`

// awaitTerminal waits until every event has its deliveries and every delivery has ended, however long it takes in all,
// as long as it goes on.
func awaitTerminal(t *testing.T, d *db.DB) {
	t.Helper()
	var left []string
	look := func() int {
		left = nil
		if err := d.Read(t.Context()).Raw(unfinished).Scan(&left).Error; err != nil {
			t.Fatal(err)
		}
		return len(left)
	}
	t.Cleanup(func() {
		if len(left) > 0 {
			t.Logf("%d have not ended:\n%s", len(left), strings.Join(left[:min(20, len(left))], "\n"))
		}
	})
	start, longest := time.Now(), time.Duration(0)
	for before := look(); before > 0; before = len(left) {
		last := time.Now()
		testkit.AwaitWithin(t, patience, "an end of those that have none", func() bool { return look() < before })
		longest = max(longest, time.Since(last))
	}
	t.Logf("all ended %s after the last was up again; nothing did for %s", time.Since(start).
		Round(100*time.Millisecond), longest.Round(100*time.Millisecond))
}

// verdict compares what the load was promised with what is stored.
type verdict struct {
	t          *testing.T
	load       *load
	byEndpoint map[string]*consumer

	events     map[string]event.Event // by mark
	leads      map[string]int         // how many, by mark
	deliveries []delivery.Delivery
	told       int64 // operational events about dead letters
	attempts   map[string]int64
}

func markOf(email string) string { return strings.TrimSuffix(email, "@example.com") }

func (v *verdict) read(d *db.DB) {
	v.t.Helper()
	must := func(err error) {
		if err != nil {
			v.t.Fatal(err)
		}
	}
	ctx := context.Background()
	var events []event.Event
	must(d.Read(ctx).Where("type = 'lead.created'").Find(&events).Error)
	v.events = map[string]event.Event{}
	for _, e := range events {
		var data struct{ Email string }
		must(json.Unmarshal([]byte(e.Data), &data))
		mark := markOf(data.Email)
		if first, again := v.events[mark]; again {
			v.t.Errorf("events of %s: got %s and %s, want one", mark, first.ID, e.ID)
		}
		v.events[mark] = e
	}
	var emails []string
	must(d.Read(ctx).Table("leads").Pluck("email", &emails).Error)
	v.leads = map[string]int{}
	for _, email := range emails {
		v.leads[markOf(email)]++
	}
	must(d.Read(ctx).Find(&v.deliveries).Error)
	must(d.Read(ctx).Table("events").Where("type = 'delivery.dead'").Count(&v.told).Error)
	var counts []struct {
		Status string
		N      int64
	}
	must(d.Read(ctx).Table("attempts").Select("status, count(*) AS n").Group("status").Find(&counts).Error)
	v.attempts = map[string]int64{}
	for _, c := range counts {
		v.attempts[c.Status] = c.N
	}
}

// accepted compares the responses with the database: what was accepted is stored once, under the id that was
// answered, and nothing is there that nobody sent.
func (v *verdict) accepted() {
	v.t.Helper()
	for mark, id := range v.load.accepted {
		e, stored := v.events[mark]
		var lead struct{ ID string }
		_ = json.Unmarshal([]byte(e.Data), &lead)
		switch {
		case !stored:
			v.t.Errorf("%s was accepted as %s: got no event, want it stored", mark, id)
		case e.WireID() != id && (v.leads[mark] != 1 || lead.ID != id):
			v.t.Errorf("id of %s: got %s, want %s as accepted", mark, e.WireID(), id)
		}
	}
	for mark, e := range v.events {
		if _, answered := v.load.accepted[mark]; !answered && !v.load.unanswered[mark] {
			v.t.Errorf("%s is stored for %s: want no event that nobody sent", e.ID, mark)
		}
	}
	for mark, n := range v.leads {
		if _, told := v.events[mark]; n != 1 || !told {
			v.t.Errorf("leads of %s: got %d, with an event: %t, want 1 with an event", mark, n, told)
		}
	}
}

// ended compares each event's deliveries with the requests at its consumers.
func (v *verdict) ended() {
	v.t.Helper()
	type target struct{ event, endpoint string }
	made := map[target]delivery.Delivery{}
	for _, d := range v.deliveries {
		if _, twice := made[target{d.EventID, d.EndpointID}]; twice {
			v.t.Errorf("deliveries of %s for one endpoint: got 2, want 1", d.EventID)
		}
		made[target{d.EventID, d.EndpointID}] = d
	}
	dead := int64(0)
	for _, e := range v.events {
		for endpointID, c := range v.byEndpoint {
			d, ok := made[target{e.ID, endpointID}]
			if !ok {
				v.t.Errorf("deliveries of %s for the consumer %q: got none, want 1", e.ID, c.name)
				continue
			}
			got := c.seen[e.WireID()]
			if got == nil {
				v.t.Errorf("requests of %s at the consumer %q: got none, want one; its delivery is %s %s", e.ID,
					c.name, d.Status, d.Reason)
				continue
			}
			if d.Status == delivery.Dead {
				dead++
			}
			lost := d.Status == delivery.Succeeded && !got.taken
			wrong := d.Status != delivery.Succeeded && (d.Status != delivery.Dead ||
				d.Reason != delivery.ReasonExhausted || got.fate != refused)
			if lost || wrong {
				v.t.Errorf("%s: got %s %q after %d attempts, want what the consumer %q did: it got %d requests "+
					"and accepted one: %t", d.ID, d.Status, d.Reason, d.AttemptCount, c.name, got.requests,
					got.taken)
			}
		}
	}
	if len(v.deliveries) != len(v.events)*len(v.byEndpoint) || v.told != dead {
		v.t.Errorf("got %d deliveries of %d events and %d events of %d dead letters, want one delivery for each "+
			"consumer and one event for each dead letter", len(v.deliveries), len(v.events), v.told, dead)
	}
	if v.attempts[string(delivery.AttemptRunning)] != 0 {
		v.t.Errorf("attempts by status: got %v, want none running", v.attempts)
	}
	for _, c := range v.byEndpoint {
		if c.forged != 0 || c.different != 0 {
			v.t.Errorf("requests at the consumer %q: got %d with a bad signature and %d with a changed body, "+
				"want none", c.name, c.forged, c.different)
		}
	}
}

func (v *verdict) report(s *site) {
	v.t.Helper()
	for _, name := range slices.Sorted(maps.Keys(s.killed)) {
		v.t.Logf("killed %2d × %s", s.killed[name], name)
	}
	kept := 0
	for mark := range v.load.unanswered {
		if _, stored := v.events[mark]; stored {
			kept++
		}
	}
	v.t.Logf("%d accepted and %d abandoned without an answer, of which %d are stored; %d stored in all; %d tries; %d "+
		"starts were refused",
		len(v.load.accepted), len(v.load.unanswered), kept, len(v.events), v.load.tries, s.refused.Load())
	status := map[delivery.Status]int{}
	for _, d := range v.deliveries {
		status[d.Status]++
	}
	v.t.Logf("%d deliveries %v, attempts %v", len(v.deliveries), status, v.attempts)
	requests, repeated := 0, 0
	for _, c := range v.byEndpoint {
		v.t.Logf("the consumer %q got %d requests, %d of them again after a 2xx", c.name, c.requests, c.repeated)
		requests += c.requests
		repeated += c.repeated
	}
	v.t.Logf("duplicates: %d of %d requests, %.3f %%", repeated, requests, 100*float64(repeated)/float64(max(1,
		requests)))
}
