package analytics_test

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/resource/analytics"
	"github.com/hookline/hookline/internal/testkit/engine"
)

const (
	rows       = 20_000
	deliveries = 4_000
	seconds    = rows * 60 // a minute apart: a month is more than there is, a day is little of it
)

// fillDeliveries writes deliveries of all statuses, and counts of those that ended each day.
func fillDeliveries(tx *gorm.DB, now time.Time) error {
	statuses := []delivery.Status{delivery.Dead, delivery.Retrying, delivery.Pending, delivery.Succeeded}
	all := make([]delivery.Delivery, deliveries)
	for i := range all {
		all[i] = delivery.Delivery{ID: id.New(id.Delivery), TenantID: engine.Numbered(id.Tenant, i%4),
			Environment: principal.Live, EventID: id.New(id.Event), EndpointID: id.New(id.Endpoint),
			Status: statuses[i/4%4], CreatedAt: db.At(now), ChangedAt: db.At(now)}
	}
	if err := db.InsertAll(tx, all); err != nil {
		return err
	}
	columns, values := "last_at", "1"
	for _, name := range []string{"succeeded", "dead", "cancelled", "failures", "class_none"} {
		columns, values = columns+", "+name, values+", 1"
	}
	for i := range 23 + 5 {
		name := ", latency_" + strconv.Itoa(i)
		if i >= 23 {
			name = ", class_" + strconv.Itoa(i-22)
		}
		columns, values = columns+name, values+", 0"
	}
	today := now.Truncate(24 * time.Hour)
	for i := range 4 * 40 {
		owner, err := id.Parse(engine.Numbered(id.Tenant, i%4))
		if err != nil {
			return err
		}
		err = tx.Exec("INSERT INTO delivery_counts (tenant_id, environment, seconds, at, endpoint_id, event_type, "+columns+
			") VALUES (?, 'live', 86400, ?, ?, '', "+values+")", owner, db.At(today.AddDate(0, 0, -i/4)),
			id.UUID{}).Error
		if err != nil {
			return err
		}
	}
	return nil
}

// fill writes many rows of several tenants, so that a planner has a reason to choose.
func fill(t *testing.T, d *db.DB, now time.Time) {
	t.Helper()
	numbers := "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
	at := "CAST(? AS bigint) + CAST(i AS bigint) * 60000000"
	uuid := func(number string) string { return engine.NumberedSQL(d, number) }
	keys := uuid("i") + ", " + uuid("i % 4") + ", 'live'" // id, tenant and environment
	start := now.Add(-seconds * time.Second).UnixMicro()
	inbox := "INSERT INTO support_inboxes (id, tenant_id, environment, name, address, created_at, updated_at) " +
		"VALUES (" + uuid("1") + ", " + uuid("0") + ", 'live', '', '', 1, 1)"
	inserts := []string{
		numbers + `INSERT INTO leads (id, tenant_id, environment, score, source, status, words, created_at, updated_at)
			SELECT ` + keys +
			`, 0, CASE i % 3 WHEN 0 THEN NULL ELSE 'source ' || CAST(i % 500 AS text) END, 'status ' || CAST(i % 500 AS text), '', ` + at + `, 1 FROM n`,
		numbers +
			`INSERT INTO posts (id, tenant_id, environment, kind, status, platform, brief, title, excerpt, body, tags, search, generator, run_id, reason, error, created_at, updated_at)
			SELECT ` + keys +
			`, CASE i % 2 WHEN 0 THEN 'blog' ELSE 'social' END, CASE i % 3 WHEN 0 THEN 'draft' WHEN 1 THEN 'published' ELSE 'failed' END,
			'', '{}', '', '', '', '[]', '', '', ` + uuid("i") + `, '', '', ` + at + `, 1 FROM n`,
		numbers +
			`INSERT INTO tickets (id, tenant_id, environment, number, subject, words, status, priority, inbox_id, created_at, updated_at)
			SELECT ` + keys +
			`, i, '', '', CASE i % 2 WHEN 0 THEN 'open' ELSE 'closed' END, 'normal', ` + uuid("1") + `, ` + at + `, 1 FROM n`,
		numbers +
			`INSERT INTO tracking_snapshots (id, tenant_id, environment, tracked_account_id, status, follower_list, kept, followers_received, follower_count,
			following_count, posts_count, tracked_at, created_at)
			SELECT ` + keys +
			`, ` + uuid("i % 8") + `, 'finished', false, false, 0, i, 0, 0, ` + at + `, 1 FROM n`,
		numbers +
			`INSERT INTO tracked_accounts (id, tenant_id, environment, number, platform, account_id, username, follower_count, following_count, posts_count, created_at, updated_at)
			SELECT ` + keys + `, i, 'x', CAST(i AS text), '', 0, 0, 0, ` + at +
			`, 1 FROM n`,
	}
	err := d.Tx(t.Context(), func(tx *gorm.DB) error {
		if err := tx.Exec(inbox).Error; err != nil {
			return err
		}
		for _, sql := range inserts {
			if err := tx.Exec(sql, start).Error; err != nil {
				return err
			}
		}
		return errors.Join(fillDeliveries(tx, now), tx.Exec("ANALYZE").Error)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// scanned is a table that is read from end to end.
var scanned = regexp.MustCompile(`Seq Scan|SCAN (leads|posts|tickets|tracking|tracked|deliver)`)

func TestEachMetricReadsAnIndex(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		now := time.Now().UTC()
		d := engine.Database(t, e)
		fill(t, d, now)
		dropOthers(t, d, now)
		day := now.Truncate(24 * time.Hour)
		scope := principal.Scope{TenantID: engine.Numbered(id.Tenant, 1), Environment: principal.Live}
		p := analytics.Period{First: day.AddDate(0, 0, -1), Last: day}
		for name, q := range analytics.Queries(d.Read(t.Context()).Session(&gorm.Session{DryRun: true}), scope, p) {
			got := engine.Plan(t, d, q, &[]map[string]any{})
			if bad := scanned.FindString(got); bad != "" {
				t.Errorf("%s: %s in\n%s", name, bad, got)
			}
			if !strings.Contains(strings.ToLower(got), "index") {
				t.Errorf("%s: no index in\n%s", name, got)
			}
			if name == "followers" && !strings.Contains(got, "tracking_snapshots_seen") {
				t.Errorf("an account's snapshots are not read in their order:\n%s", got)
			}
		}
		month := analytics.Period{First: day.AddDate(0, -1, 0), Last: day}
		for name, q := range analytics.Queries(d.Read(t.Context()), scope, month) {
			var groups []map[string]any
			if err := q.Find(&groups).Error; err != nil || len(groups) == 0 {
				t.Errorf("%s: got %d groups, %v, want some", name, len(groups), err)
			}
			kinds := map[any]int{}
			for _, g := range groups {
				if kinds[g["kind"]]++; kinds[g["kind"]] > 100 {
					t.Errorf("%s: got %d groups of %v, want at most 100 of a kind", name, len(groups), g["kind"])
				}
			}
		}
	})
}

// dropOthers drops the partitions of other days: a planner reads what is empty from end to end, rightly.
func dropOthers(t *testing.T, d *db.DB, now time.Time) {
	t.Helper()
	for n := -3; d.Postgres() && n <= 8; n++ {
		if n == 0 {
			continue
		}
		name := "DROP TABLE IF EXISTS deliveries_" + now.AddDate(0, 0, n).Format("20060102")
		if err := d.Tx(t.Context(), func(tx *gorm.DB) error { return tx.Exec(name).Error }); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDeliveriesAreCountedByTheDayOnWhichTheyEnded(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		now := time.Now().UTC()
		d := engine.Database(t, e)
		if err := d.Tx(t.Context(), func(tx *gorm.DB) error { return fillDeliveries(tx, now) }); err != nil {
			t.Fatal(err)
		}
		store := analytics.NewStore(d)
		scope := principal.Scope{TenantID: engine.Numbered(id.Tenant, 1), Environment: principal.Live}
		day := now.Truncate(24 * time.Hour)
		for days, want := range map[int]analytics.Deliveries{
			1:  {Succeeded: 1, Dead: 1, Cancelled: 1, UnderWay: deliveries / 8},
			30: {Succeeded: 30, Dead: 30, Cancelled: 30, UnderWay: deliveries / 8},
		} {
			o, err := store.Overview(t.Context(), scope, analytics.Period{First: day.AddDate(0, 0, 1-days), Last: day},
				func(string) bool { return true })
			if err != nil || o.Deliveries != want {
				t.Errorf("%d days: got %+v, %v, want %+v", days, o.Deliveries, err, want)
			}
		}
	})
}
