package bench

import (
	"flag"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/hookline/hookline/internal/testkit"
)

var scaleOutEvents = flag.Int("scaleout.events", 20_000, "how many events each burst of BenchmarkScaleOut has")

// BenchmarkScaleOut sends the same burst through one, two and four API processes with as many workers. On one machine
// they share its cores, so the rate says little; what one delivery costs in each part says what more machines bring.
// docs/scaling.md has what follows from it. Requests share commits within a process, so more processes with the same
// number of producers share less; with as many producers for each process they share as much as one does alone.
func BenchmarkScaleOut(b *testing.B) {
	for _, n := range []int{1, 2, 4} {
		for _, each := range slices.Compact([]int{n, 1}) {
			b.Run(fmt.Sprintf("%d_of_each_and_%d_producers", n, each*producers), func(b *testing.B) {
				for b.Loop() {
					newFleet(b, n).burst(b, each*producers, *scaleOutEvents)
				}
			})
		}
	}
}

// fleet is several processes of each kind with one tenant and one consumer.
type fleet struct {
	*system

	bases        []string
	api, workers meter
}

func newFleet(b *testing.B, n int) *fleet {
	b.Helper()
	f := &fleet{system: newSystem(b)}
	f.bases = []string{f.base}
	apis, workers := []*testkit.Process{f.serve}, []*testkit.Process{f.worker}
	for range n - 1 {
		serve, base := testkit.Serve(b, f.env)
		apis, f.bases = append(apis, serve), append(f.bases, base)
		workers = append(workers, testkit.Work(b, f.env))
	}
	f.api, f.workers = newMeter(b, f.services, apis...), newMeter(b, f.services, workers...)
	f.endpoints(b, 1)
	return f
}

// counts are what the servers count themselves: transactions of PostgreSQL and commands of Redis so far, the
// connections that each has now, the bytes on disk of events, with their indexes, and the updates of rows of
// deliveries: a delivery that makes no trouble has none.
type counts struct{ commits, commands, postgres, redis, events, updates float64 }

func (f *fleet) counts(b *testing.B) counts {
	b.Helper()
	var c counts
	f.query(b, `SELECT xact_commit::float8, numbackends::float8,
		(SELECT sum(pg_total_relation_size(oid))::float8 FROM pg_class WHERE relkind = 'r' AND relname ~ '^events_[0-9]+$'),
		(SELECT sum(n_tup_upd)::float8 FROM pg_stat_user_tables WHERE relname ~ '^deliveries_[0-9]+$')
		FROM pg_stat_database WHERE datname = current_database()`, &c.commits, &c.postgres, &c.events, &c.updates)
	o, err := redis.ParseURL(f.services.RedisURL)
	if err != nil {
		b.Fatal(err)
	}
	client := redis.NewClient(o)
	defer func() { _ = client.Close() }()
	for line := range strings.Lines(client.Info(b.Context(), "stats", "clients").Val()) {
		for name, v := range map[string]*float64{
			"total_commands_processed:": &c.commands, "connected_clients:": &c.redis,
		} {
			if value, ok := strings.CutPrefix(strings.TrimSpace(line), name); ok {
				if _, err := fmt.Sscan(value, v); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	return c
}

// burst publishes through all APIs as fast as the senders can, waits until everything has arrived, and reports what
// each part spent.
func (f *fleet) burst(b *testing.B, senders, events int) {
	b.Helper()
	f.warm(b, 1)
	size, counted := f.size(b), f.counts(b)
	api, workers, start := f.api.read(), f.workers.read(), time.Now()
	var next atomic.Int64
	var all sync.WaitGroup
	f.http = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: senders}}
	for p := range senders {
		own := *f.system
		own.base = f.bases[p%len(f.bases)]
		all.Go(func() {
			for next.Add(1) <= int64(events) {
				own.publish(b, "")
			}
		})
	}
	all.Wait()
	f.consumer.await(b, events)
	took := time.Since(start)
	usedAPI, usedWorkers := f.api.read().since(api), f.workers.read().since(workers)
	grown, after := f.size(b), f.counts(b)
	per := 10_000 / float64(events)
	b.ReportMetric(float64(events)/took.Seconds(), "delivered/s")
	b.ReportMetric(usedAPI.own*per, "api_cpu_s/10k")
	b.ReportMetric(usedWorkers.own*per, "worker_cpu_s/10k")
	b.ReportMetric(usedAPI.postgres*per, "postgres_cpu_s/10k")
	b.ReportMetric(usedAPI.redis*per, "redis_cpu_s/10k")
	b.ReportMetric(usedAPI.bench*per, "both_ends_cpu_s/10k")
	b.ReportMetric((grown.wal-size.wal)/float64(events), "wal_B/delivery")
	b.ReportMetric((grown.disk-size.disk)/float64(events), "disk_B/delivery")
	b.ReportMetric((after.events-counted.events)/float64(events), "event_disk_B/delivery")
	b.ReportMetric((after.updates-counted.updates)/float64(events), "row_updates/delivery")
	b.ReportMetric((after.commits-counted.commits)/float64(events), "commits/delivery")
	b.ReportMetric((after.commands-counted.commands)/float64(events), "redis_commands/delivery")
	b.ReportMetric(after.postgres, "postgres_connections")
	b.ReportMetric(after.redis, "redis_connections")
}
