package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

const (
	resourceRounds = 3
	resourceCalls  = 2_000 // of each kind in each round
)

// BenchmarkResources compares calls that change a resource and fire an event with the bare event: POST /events,
// POST /leads, PATCH /leads/{id} and POST /tickets, each fired at one endpoint. The kinds take turns, so that all see
// the same machine. It prints for each how many calls a second were accepted and delivered, CPU seconds of PostgreSQL
// and kilobytes of WAL, and the rates as a share of those of POST /events.
func BenchmarkResources(b *testing.B) {
	for b.Loop() {
		s := newSystem(b)
		s.endpoints(b, 1)
		kinds := s.resources(b)
		for _, k := range kinds {
			s.calls(b, k, 200)
			k.took = spent{}
		}
		for range resourceRounds {
			for _, k := range kinds {
				s.calls(b, k, resourceCalls)
			}
		}
		events := kinds[0].took
		for _, k := range kinds {
			per := 10_000 / float64(k.took.calls)
			b.ReportMetric(k.took.accepted(), k.name+"_accepted/s")
			b.ReportMetric(k.took.delivered(), k.name+"_delivered/s")
			b.ReportMetric(k.took.accepted()/events.accepted(), k.name+"_accepted_share")
			b.ReportMetric(k.took.delivered()/events.delivered(), k.name+"_delivered_share")
			b.ReportMetric(k.took.postgres*per, k.name+"_postgres_cpu_s/10k")
			b.ReportMetric(k.took.own*per, k.name+"_hookline_cpu_s/10k")
			b.ReportMetric(k.took.wal/1024/float64(k.took.calls), k.name+"_wal_kb")
		}
	}
}

// kind is a kind of calls. request returns the n-th call: method, path and body.
type kind struct {
	name    string
	request func(n int64) (method, path, body string)
	next    atomic.Int64
	took    spent
}

// spent is what calls took until all were accepted and until all had arrived; wal is in bytes.
type spent struct {
	calls              int
	accepting, arrival time.Duration
	postgres, own, wal float64
}

func (s spent) accepted() float64  { return float64(s.calls) / s.accepting.Seconds() }
func (s spent) delivered() float64 { return float64(s.calls) / s.arrival.Seconds() }

func (s *system) resources(b *testing.B) []*kind {
	b.Helper()
	inbox := testkit.Post[api.Inbox](b, s.operator, "/admin/v1/tenants/"+testkit.TenantOf(b, s.client)+"/inboxes",
		map[string]any{"name": "Support", "address": "support@example.com"}, http.StatusCreated).ID
	var leads []string // enough that each changes a few times only
	for range 4 {
		rows := make([]map[string]any, 500)
		for i := range rows {
			rows[i] = map[string]any{"name": "Ada", "email": "ada@example.com"}
		}
		made := testkit.Post[api.LeadBulkResult](b, s.client, "/api/v1/leads/bulk", map[string]any{"leads": rows},
			http.StatusOK)
		for _, row := range made.Data {
			leads = append(leads, row.Lead.ID)
		}
	}
	notes := strings.Repeat("x", 700)
	s.consumer.await(b, len(leads))
	return []*kind{
		{name: "events", request: func(n int64) (string, string, string) {
			return http.MethodPost, "/events", fmt.Sprintf(`{"id":"bench-%d","type":"lead.created","data":%s}`, n,
				leadData)
		}},
		{name: "leads", request: func(n int64) (string, string, string) {
			return http.MethodPost, "/leads", fmt.Sprintf(`{"name":"Ada Lovelace %[1]d","email":"ada%[1]d@example.com",`+
				`"company":"Engines %[1]d","score":42,"source":"load","external_id":"crm-%[1]d","notes":"%[2]s"}`, n, notes)
		}},
		{name: "changes", request: func(n int64) (string, string, string) {
			path := "/leads/" + leads[n%int64(len(leads))]
			return http.MethodPatch, path, fmt.Sprintf(`{"score":%d,"notes":"%s"}`, n, notes)
		}},
		{name: "tickets", request: func(n int64) (string, string, string) {
			return http.MethodPost, "/tickets", fmt.Sprintf(`{"subject":"The export %d is empty","inbox_id":%q}`, n, inbox)
		}},
	}
}

// calls makes n calls of a kind as fast as the producers can and waits until their events have arrived.
func (s *system) calls(b *testing.B, k *kind, n int) {
	b.Helper()
	s.consumer.reset()
	used, wal, start := s.meter.read(), s.wal(b), time.Now()
	var left atomic.Int64
	left.Store(int64(n))
	var all sync.WaitGroup
	for range producers {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				s.request(b, k)
			}
		})
	}
	all.Wait()
	accepting := time.Since(start)
	s.consumer.await(b, n)
	arrival := time.Since(start)
	more := s.meter.read().since(used)
	k.took.calls += n
	k.took.accepting += accepting
	k.took.arrival += arrival
	k.took.postgres += more.postgres
	k.took.own += more.own
	k.took.wal += s.wal(b) - wal
}

func (s *system) request(b *testing.B, k *kind) {
	method, path, body := k.request(k.next.Add(1))
	r, err := http.NewRequestWithContext(context.Background(), method, s.base+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		b.Error(err)
		return
	}
	r.Header.Set("Authorization", "Bearer "+s.key)
	r.Header.Set("Content-Type", "application/json")
	response, err := s.http.Do(r)
	if err != nil {
		b.Error(err)
		return
	}
	answer, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if response.StatusCode >= http.StatusMultipleChoices {
		b.Errorf("%s %s: status %d: %s", method, path, response.StatusCode, answer)
	}
}

// wal is how many bytes of WAL the server has written so far.
func (s *system) wal(b *testing.B) float64 {
	b.Helper()
	var bytes float64
	s.query(b, "SELECT pg_current_wal_lsn() - '0/0'", &bytes)
	return bytes
}

// query reads one row on a connection of its own.
func (s *system) query(b *testing.B, sql string, into ...any) {
	b.Helper()
	conn, err := pgx.Connect(b.Context(), s.services.DatabaseURL)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if err := conn.QueryRow(b.Context(), sql).Scan(into...); err != nil {
		b.Fatal(err)
	}
}
