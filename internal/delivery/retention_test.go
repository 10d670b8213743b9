package delivery_test

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

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/engine"
)

const day = 24 * time.Hour

var kept = delivery.Retention{Deliveries: 30 * day, DeadLetters: 90 * day, Events: 90 * day}

// row is a delivery of the model.
type row struct {
	id, endpoint, status string
	created, finished    time.Time // finished is zero while it is live
}

// remains says the rules of docs/operations.md again: live ones always; dead letters 90 days and others 30, and then
// until the day on which they were made is that old, too; of an inboxops endpoint the newest 100 whatever their age.
func remains(r row, rank int, now time.Time) bool {
	limit := kept.Deliveries
	if r.status == "dead" {
		limit = kept.DeadLetters
	}
	cut := now.Add(-limit)
	old := r.finished.Before(cut) && r.created.Before(cut.Truncate(day))
	return r.finished.IsZero() || !old || (r.status != "dead" && r.endpoint == "whe_inboxops" && rank < 100)
}

// history is rows of the last 120 days of three endpoints, and a day that is so full that it is worth a rewrite.
func history(now time.Time, random *rand.Rand) []row {
	var out []row
	add := func(created time.Time) {
		r := row{endpoint: []string{"whe_a", "whe_b", "whe_inboxops"}[random.IntN(3)],
			created: created.Truncate(time.Millisecond)}
		r.id = id.Since(id.Delivery, created) + fmt.Sprintf("%016d", len(out))
		r.status = []string{"succeeded", "succeeded", "succeeded", "dead", "cancelled", "retrying",
			"delivering"}[random.IntN(7)]
		if r.status != "retrying" && r.status != "delivering" {
			r.finished = r.created.Add(time.Duration(random.Int64N(int64(4 * day))))
			if r.finished.After(now) {
				r.finished = now
			}
		}
		out = append(out, r)
	}
	for range 600 { // few days, as each takes partitions; most near a limit
		ages := []time.Duration{0, 1, 5, 28, 29, 30, 31, 32, 60, 88, 89, 90, 91, 92, 119}
		add(now.Add(-ages[random.IntN(len(ages))] * day).Truncate(day).
			Add(time.Duration(random.Int64N(int64(now.Sub(now.Truncate(day)) + 1)))))
	}
	for range 1500 {
		add(now.Add(-45 * day).Truncate(day).Add(time.Duration(random.Int64N(int64(day)))))
	}
	return out
}

func write(t *testing.T, d *db.DB, rows []row) {
	t.Helper()
	exec := func(sql string, args ...any) {
		if err := d.Tx(t.Context(), func(tx *gorm.DB) error { return tx.Exec(sql, args...).Error }); err != nil {
			t.Fatal(err)
		}
	}
	if d.Postgres() {
		days := map[string]bool{}
		for _, r := range rows {
			days[r.created.UTC().Format(time.DateOnly)] = true
		}
		for name := range days {
			exec("SELECT make_delivery_partitions(?, ?)", name, name)
		}
	}
	for part := range slices.Chunk(rows, 200) {
		var deliveries, attempts []string
		var args, attempted []any
		for _, r := range part {
			deliveries = append(deliveries,
				"(?, 'tnt_1', 'live', ?, 'lead.created', ?, ?, '', '', 'application/json', ?, 1, 0, 10, ?, ?, ?)")
			deadline, finished := db.At(r.created.Add(time.Hour)), db.Time{}
			if !r.finished.IsZero() {
				deadline, finished = db.Time{}, db.At(r.finished)
			}
			args = append(args, r.id, "evt_"+r.id, r.endpoint, r.status, []byte("{}"), deadline, db.At(r.created),
				finished)
			attempts = append(attempts,
				"(?, 'tnt_1', ?, 1, 'succeeded', 'POST', 'https://example.com', '{}', '{}', ?, ?, '', '', ?)")
			attempted = append(attempted, "att_"+r.id, r.id, []byte{}, false, db.At(r.created))
		}
		exec(`INSERT INTO deliveries (id, tenant_id, environment, event_id, event_type, endpoint_id, status, reason, error, content_type, body,
			attempt_count, failure_count, max_attempts, deadline_at, created_at, finished_at) VALUES `+strings.Join(deliveries, ","), args...)
		exec(`INSERT INTO attempts (id, tenant_id, delivery_id, number, status, method, url, request_headers, response_headers, response_body,
			response_truncated, error_code, error, started_at) VALUES `+strings.Join(attempts, ","), attempted...)
	}
}

// endpoints makes the rows' endpoints; only the profile matters.
func endpoints(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.Tx(t.Context(), func(tx *gorm.DB) error {
		if err := tx.Exec("INSERT INTO tenants (id, name, plan, profile, created_at, updated_at) VALUES ('tnt_1', " +
			"'x', 'business', 'hookline', 1, 1)").Error; err != nil {
			return err
		}
		for name, profile := range map[string]string{"whe_a": "hookline", "whe_b": "leadie",
			"whe_inboxops": "inboxops"} {
			err := tx.Table("endpoints").Create(map[string]any{
				"id": name, "tenant_id": "tnt_1", "environment": "live", "name": "", "url": "", "events": "[]",
				"method": "POST", "headers": []byte{},
				"secret": []byte{}, "profile": profile, "retry_policy": "{}", "enabled": true, "disabled_reason": "",
				"created_at": 1, "updated_at": 1,
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
}

func janitor(d *db.DB, now time.Time) *delivery.Janitor {
	s := delivery.NewStore(d, nil, func() time.Time { return now }, time.Minute, nil)
	return delivery.NewJanitor(s, event.NewStore(d), kept)
}

func TestAStepOfTheJanitorThatFailsDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		d := engine.Database(t, e)
		if err := d.Read(t.Context()).Exec("DROP TABLE events").Error; err != nil { // a step of the janitor's own fails
			t.Fatal(err)
		}
		var calls []int64
		broken := errors.New("the disk is full")
		s := delivery.NewStore(d, nil, time.Now, time.Minute, nil)
		err := delivery.NewJanitor(s, event.NewStore(d), kept,
			delivery.Sweeper{Name: "first things", Delete: func(context.Context, int) (int64, error) {
				return 0, broken
			}},
			delivery.Sweeper{Name: "second things", Delete: func(_ context.Context, limit int) (int64, error) {
				deleted := int64(limit) - int64(len(calls))
				calls = append(calls, deleted)
				return deleted, nil
			}},
		).Sweep(t.Context())
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), "first things: ") || !strings.Contains(err.Error(),
			"events: ") ||
			strings.Contains(err.Error(), "second") {
			t.Errorf("the error is %v, want one that names events and first things alone", err)
		}
		if len(calls) != 2 {
			t.Errorf("the step after the one that failed deleted %v rows, want a full batch and one that is not", calls)
		}
	})
}

func TestWhatOutlivedItsRetentionGoesAndNothingElse(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		d := engine.Database(t, e)
		endpoints(t, d)
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		now := time.Now().UTC()
		rows := history(now, rand.New(rand.NewPCG(seed, 0)))
		write(t, d, rows)
		for _, later := range []time.Duration{0, time.Hour, 40 * day, 200 * day} {
			if err := janitor(d, now.Add(later)).Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			rows = model(rows, now.Add(later))
			var want []string
			for _, r := range rows {
				want = append(want, r.id)
			}
			slices.Sort(want)
			for _, query := range []string{"SELECT id FROM deliveries ORDER BY id",
				"SELECT delivery_id FROM attempts ORDER BY delivery_id"} {
				got := texts(t, d, query)
				slices.Sort(got)
				if !slices.Equal(got, want) {
					t.Fatalf("rows that remain after %s: got %d, want %d: %s", later, len(got), len(want), query)
				}
			}
		}
	})
}

// model is what must remain.
func model(rows []row, now time.Time) []row {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b row) int {
		if c := b.created.Compare(a.created); c != 0 {
			return c
		}
		return strings.Compare(b.id, a.id)
	})
	rank := map[string]int{}
	return slices.DeleteFunc(rows, func(r row) bool {
		rank[r.endpoint]++
		return !remains(r, rank[r.endpoint]-1, now)
	})
}

func TestOldDaysAreDroppedWhileOthersWrite(t *testing.T) {
	t.Parallel()
	d := engine.Database(t, testkit.Servers)
	endpoints(t, d)
	now := time.Now().UTC()
	var rows []row
	for i := range 600 {
		created := now.Add(-time.Duration(40+i%3) * day).Truncate(day).Add(time.Duration(i) * time.Minute)
		rows = append(rows, row{id: id.Since(id.Delivery, created) + fmt.Sprintf("%016d", i), endpoint: "whe_a",
			status: "succeeded", created: created, finished: created})
	}
	write(t, d, rows)
	stop := make(chan struct{})
	var slowest time.Duration
	var writer sync.WaitGroup
	started := make(chan struct{})
	writer.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			begun := time.Now()
			write(t, d, []row{{id: id.New(id.Delivery), endpoint: "whe_b", status: "retrying", created: now}})
			texts(t, d, "SELECT id FROM deliveries WHERE deadline_at <= 1 ORDER BY deadline_at LIMIT 10")
			slowest = max(slowest, time.Since(begun))
			if i == 0 {
				close(started)
			}
		}
	})
	<-started
	for range 3 { // what had to give way to the writer is done by the next
		if err := janitor(d, now).Sweep(t.Context()); err != nil {
			t.Errorf("sweep: got %v, want no error", err)
		}
	}
	close(stop)
	writer.Wait()
	t.Logf("the slowest write took %s", slowest)
	if slowest > engine.Patience {
		t.Errorf("the slowest write: got %s, want at most %s", slowest, engine.Patience)
	}
	if left := texts(t, d, "SELECT id FROM deliveries WHERE endpoint_id = 'whe_a'"); len(left) != 0 {
		t.Errorf("rows of old days that are left: got %d, want none", len(left))
	}
}

func TestAnOldDayThatIsEmptyIsDropped(t *testing.T) {
	t.Parallel()
	d := engine.Database(t, testkit.Servers)
	endpoints(t, d)
	now := time.Now().UTC()
	old := now.Add(-40 * day)
	write(t, d, []row{{id: id.Since(id.Delivery, old) + "0000000000000000", endpoint: "whe_a", status: "succeeded",
		created: old, finished: old}})
	for range 2 {
		if err := janitor(d, now).Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if left := texts(t, d, "SELECT relname FROM pg_class WHERE relname IN ('deliveries_"+old.Format("20060102")+
		"', 'attempts_"+old.Format("20060102")+"')"); len(left) != 0 {
		t.Errorf("partitions that are left: got %v, want none", left)
	}
}

func TestADeliveryIsMadeAlsoWhenItsDayHasNoPartition(t *testing.T) {
	t.Parallel()
	p := testkit.Start(t, testkit.Servers) // of its own: all partitions are dropped
	tenant := p.NewTenant(t, "business")
	tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, nil)
	d := p.App.Database()
	for _, name := range texts(t, d, "SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'") {
		if err := d.Tx(t.Context(), func(tx *gorm.DB) error {
			return tx.Exec("DROP TABLE " + name).Error
		}); err != nil {
			t.Fatal(err)
		}
	}
	tenant.NewLead(t, "ada@example.com")
	p.AwaitDelivery(t, tenant, "succeeded")
}

func TestWhatAsksForAnIdReadsOnePartition(t *testing.T) {
	t.Parallel()
	d := engine.Database(t, testkit.Servers)
	deliveryID := id.New(id.Delivery)
	for name, sql := range map[string]string{
		"claim":  "SELECT * FROM deliveries WHERE id IN ('" + deliveryID + "') FOR UPDATE SKIP LOCKED",
		"update": "UPDATE deliveries SET status = 'dead' WHERE id IN ('" + deliveryID + "')",
		"attempt": "SELECT * FROM attempts WHERE tenant_id = 'x' AND delivery_id = '" + deliveryID +
			"' ORDER BY number",
		"finish":  delivery.FinishSQL(deliveryID),
		"several": delivery.FinishSQL(deliveryID, id.New(id.Delivery)),
	} {
		plan := strings.Join(texts(t, d, "EXPLAIN "+sql), "\n")
		if days := strings.Count(plan, "_"+time.Now().UTC().Format("20060102")); days == 0 || strings.Contains(plan,
			"_"+time.Now().UTC().AddDate(0, 0, 2).Format("20060102")) {
			t.Errorf("plan of %s: got this, want today's partition and not that of the day after tomorrow:\n%s", name,
				plan)
		}
	}
}

func TestWhatWasMadeTodayIsLookedForInItsOwnPartition(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		s := delivery.NewStore(engine.Database(t, e), nil, time.Now, time.Minute, nil)
		today := time.Now().UTC().Truncate(day)
		made := func(at time.Time) string { return id.Since(id.Delivery, at) + "0000000000000000" }
		first, last := made(today), made(today.Add(day-time.Millisecond))
		if got := s.TableOf(first); got != "deliveries" {
			t.Errorf("table before partitions are known to be there: got %s, want deliveries", got)
		}
		if err := s.EnsurePartitions(t.Context()); err != nil {
			t.Fatal(err)
		}
		own := "deliveries"
		if e == testkit.Servers {
			own += today.Format("_20060102")
		}
		for _, c := range []struct {
			want string
			ids  []string
		}{
			{own, []string{first}}, {own, []string{last}}, {own, []string{first, last}},
			{"deliveries", []string{first, made(today.Add(-time.Millisecond))}},
			{"deliveries", []string{made(today.Add(day)), last}},
			{"deliveries", []string{"dlv_x"}}, {"deliveries", []string{""}},
		} {
			if got := s.TableOf(c.ids...); got != c.want && time.Now().Before(today.Add(day)) {
				t.Errorf("table of %v: got %s, want %s", c.ids, got, c.want)
			}
		}
	})
}

func TestAPlanThatIsKeptFindsAnIdByItsIndexHoweverFewRowsThereWere(t *testing.T) {
	t.Parallel()
	d := engine.Database(t, testkit.Servers)
	if err := delivery.NewStore(d, nil, time.Now, time.Minute, nil).EnsurePartitions(t.Context()); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	table := "deliveries" + now.UTC().Format("_20060102")
	plan := func() (lines []string) {
		t.Helper()
		err := d.Tx(t.Context(), func(tx *gorm.DB) error {
			for _, sql := range []string{
				"SET LOCAL plan_cache_mode = force_generic_plan",
				"PREPARE kept (text) AS UPDATE " + table + " SET status = 'dead' WHERE id = $1",
			} {
				if err := tx.Exec(sql).Error; err != nil {
					return err
				}
			}
			return errors.Join(tx.Raw("EXPLAIN EXECUTE kept('x')").Scan(&lines).Error, tx.Exec("DEALLOCATE kept").Error)
		})
		if err != nil {
			t.Fatal(err)
		}
		return lines
	}
	var rows []row
	for i := range 51 { // with fewer changes nobody looks at a table on its own account
		rows = append(rows, row{id: fmt.Sprintf("%s%016d", id.Since(id.Delivery, now), i), endpoint: "whe_a",
			status: "pending", created: now})
	}
	for _, step := range []func(){
		func() {},
		func() { write(t, d, rows) },
		func() {
			if err := d.Tx(t.Context(), func(tx *gorm.DB) error {
				return tx.Exec("ANALYZE " + table).Error
			}); err != nil {
				t.Fatal(err)
			}
		},
	} {
		step()
		if lines := strings.Join(plan(), "\n"); !strings.Contains(lines, "Index Scan using "+table+"_pkey") {
			t.Errorf("plan: got this, want a scan of the primary key:\n%s", lines)
		}
	}
}

func TestTheDatabaseAndTheProgramAgreeOnTheBoundsOfADay(t *testing.T) {
	t.Parallel()
	d := engine.Database(t, testkit.Servers)
	for _, at := range []time.Time{time.Now().UTC(), time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(2100, 2, 28,
		23, 59, 59, 0, time.UTC)} {
		name := at.Format(time.DateOnly)
		if got := texts(t, d, "SELECT delivery_bound('"+name+"')")[0]; got != id.Since(id.Delivery, at.Truncate(day)) {
			t.Errorf("%s: got %s, want %s", name, got, id.Since(id.Delivery, at.Truncate(day)))
		}
	}
}
