package retention_test

import (
	"fmt"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/testkit/engine"
)

// fullDay makes a day of n events of 1 KiB, each with a delivery and an attempt, by SQL. One in dead is a dead letter,
// one in named has an id that its publisher gave it; 0 is none.
func fullDay(b *testing.B, begin time.Time, n, dead, named int) (sweep func() time.Duration) {
	b.Helper()
	d := engine.Database(b, engine.Servers)
	begin = begin.Truncate(day)
	one := func(every int) string {
		if every == 0 {
			return "false"
		}
		return fmt.Sprintf("(i %% %d = 0)", every)
	}
	step := day.Milliseconds() / int64(n)
	name := begin.Format(time.DateOnly)
	for _, sql := range []string{
		"SELECT make_partitions('" + name + "', '" + name + "')",
		fmt.Sprintf(`CREATE UNLOGGED TABLE made AS SELECT i, %d + i * %d AS ms, gen_random_uuid() AS tenant_id,
			lpad(to_hex(%[1]d + i * %[2]d), 12, '0') || '7' || substr(md5(i::text), 1, 19) AS event,
			lpad(to_hex(%[1]d + i * %[2]d), 12, '0') || '7' || substr(md5('d' || i), 1, 19) AS delivery
			FROM generate_series(0, %d) i`, begin.UnixMilli(), step, n-1),
		`INSERT INTO events (id, tenant_id, environment, publisher_id, type, data, endpoints, reason, occurred_at,
			created_at, dispatched_at, position) SELECT event::uuid, tenant_id, 'live', CASE WHEN ` + one(named) + ` THEN 'p-' || i
			ELSE '' END, 'lead.created', repeat(md5(i::text), 32), decode(md5('e'), 'hex'), '', ms * 1000, ms * 1000,
			ms * 1000, 1 FROM made`,
		`INSERT INTO publisher_ids (tenant_id, environment, publisher_id, event_id) SELECT tenant_id, 'live', 'p-' || i, event::uuid FROM made WHERE ` + one(named),
		`INSERT INTO deliveries SELECT delivery::uuid, tenant_id, 'live', event::uuid, '', 'lead.created',
			md5((i % 500)::text)::uuid, '1/hookline/standard', CASE WHEN ` + one(dead) + ` THEN 'dead'
			ELSE 'succeeded' END, '', '', 200, 1, 0, 10, 0, NULL, NULL, ms * 1000, ms * 1000, ms * 1000 FROM made`,
		`INSERT INTO attempts SELECT delivery::uuid, 1, 'succeeded', 'POST', 'https://example.com/hook',
			'{"Content-Type":"application/json"}', 200, '{}', 'ok', false, '', '', '{"total_ms":1}', ms * 1000, ms * 1000
			FROM made`,
		"DROP TABLE made",
	} {
		if err := d.Tx(b.Context(), func(tx *gorm.DB) error { return tx.Exec(sql).Error }); err != nil {
			b.Fatal(err)
		}
	}
	return func() time.Duration {
		begun := time.Now()
		if err := janitor(d, time.Now()).Sweep(b.Context()); err != nil {
			b.Fatal(err)
		}
		return time.Since(begun)
	}
}

// BenchmarkDay measures the retention of a day with 330,000 deliveries, as 10 million in 30 days have.
func BenchmarkDay(b *testing.B) {
	const deliveries = 330_000
	for _, c := range []struct {
		name        string
		age         time.Duration
		dead, named int
	}{
		{"deliveries, nothing stays", 31 * day, 0, 0},
		{"deliveries, 1,000 dead letters stay", 31 * day, 330, 0},
		{"deliveries, 9,000 dead letters stay", 31 * day, 36, 0},
		{"deliveries and events, nothing stays", 92 * day, 330, 0},
		{"deliveries and events, with publishers' ids", 92 * day, 330, 1},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				sweep := fullDay(b, time.Now().UTC().Add(-c.age), deliveries, c.dead, c.named)
				b.StartTimer()
				first, second := sweep(), sweep()
				b.ReportMetric(first.Seconds(), "s/day")
				b.ReportMetric(second.Seconds(), "s/again")
			}
		})
	}
}
