package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

// metric reads a metric of a process, with its labels; -1 when it is absent.
func metric(t *testing.T, p *testkit.Process, name string) float64 {
	t.Helper()
	answer, err := http.Get("http://" + p.MetricsAddr() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("GET /metrics: got %d (%v), want 200", answer.StatusCode, err)
	}
	for line := range strings.Lines(string(body)) {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			var v float64
			if _, err := fmt.Sscan(value, &v); err != nil {
				t.Fatal(err)
			}
			return v
		}
	}
	return -1
}

const (
	fromReplica = `hookline_stale_reads_total{database="replica"}`
	fromPrimary = `hookline_stale_reads_total{database="primary"}`
	// readLag is HOOKLINE_DATABASE_READ_MAX_LAG of the tests.
	readLag = 3 * time.Second
)

// reader is an API that reads lists from a replica.
type reader struct {
	*testkit.Client

	serve *testkit.Process
}

func newReader(t *testing.T, services testkit.Services, replicaURL string) reader {
	t.Helper()
	env := testkit.Production(services).With("HOOKLINE_DATABASE_READ_URL", replicaURL,
		"HOOKLINE_DATABASE_READ_MAX_LAG", readLag.String())
	serve, base := testkit.Serve(t, env)
	return reader{testkit.NewClient(base, testkit.OperatorKey).NewTenant(t, "enterprise", nil), serve}
}

// events counts the events that the list, which may be stale, has, and that the ordered pull has, which may not.
func (r reader) events(t *testing.T, query string) int {
	t.Helper()
	return len(testkit.Get[api.EventList](t, r.Client, "/api/v1/events?limit=100"+query).Data)
}

// awaitReplica waits until lists are read from the replica.
func (r reader) awaitReplica(t *testing.T) {
	t.Helper()
	testkit.Await(t, "lists that are read from the replica", func() bool {
		before := metric(t, r.serve, fromReplica)
		r.events(t, "")
		return metric(t, r.serve, fromReplica) > before
	})
}

func onReplica(t *testing.T, url, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func TestListsAreReadFromAReplicaThatIsNotTooFarBehind(t *testing.T) {
	t.Parallel()
	private := testkit.NewPrivate(t)
	replica := private.Replica(t)
	r := newReader(t, private.Services, replica.URL)
	env := testkit.Production(private.Services).With("HOOKLINE_DATABASE_URL", replica.URL)
	standby := testkit.Run(t, env.List(), "serve")
	if code := standby.Exit(t); code != 1 || !strings.Contains(standby.Stderr(), "takes no writes: it is a standby") {
		t.Errorf("serve on a standby: got exit %d and %q, want a refusal that says why", code, standby.Stderr())
	}
	r.NewLead(t, "first@example.com")
	r.awaitReplica(t)
	testkit.Await(t, "the first event on the replica", func() bool { return r.events(t, "") == 1 })
	if lag := metric(t, r.serve, "hookline_read_replica_lag_seconds"); lag < 0 || lag > readLag.Seconds() {
		t.Errorf("hookline_read_replica_lag_seconds: got %g, want between 0 and %s", lag, readLag)
	}

	// A replica that does not replay answers with what it has, and what must be fresh is.
	onReplica(t, replica.URL, "SELECT pg_wal_replay_pause()")
	paused := time.Now()
	lead := r.NewLead(t, "second@example.com")
	list := r.events(t, "")
	if since := time.Since(paused); list != 1 && since < readLag/2 {
		t.Errorf("events in the list %s after the replica stopped to replay: got %d, want 1 from the replica", since, list)
	}
	testkit.Get[api.Lead](t, r.Client, "/api/v1/leads/"+lead.ID)
	testkit.Await(t, "both events in the ordered pull", func() bool { return r.events(t, "&order=asc") == 2 })

	// Once it is too far behind, the primary answers.
	testkit.Await(t, "both events in the list", func() bool { return r.events(t, "") == 2 })
	if n := metric(t, r.serve, fromPrimary); n < 1 {
		t.Errorf("%s while the replica is behind: got %g, want at least 1", fromPrimary, n)
	}
	r.serve.AwaitOutput(t, r.serve.Stderr, "lists and statistics are read from the primary")
	onReplica(t, replica.URL, "SELECT pg_wal_replay_resume()")
	r.awaitReplica(t)
	if n := r.events(t, ""); n != 2 {
		t.Errorf("events in the list after the replica caught up: got %d, want 2", n)
	}
	r.survivesItsReplica(t, replica.Freeze, replica.Kill)
}

// survivesItsReplica reads lists while the replica hangs, and after it was killed: every answer is right.
func (r reader) survivesItsReplica(t *testing.T, freeze func() (func() error, error), kill func()) {
	t.Helper()
	thaw, err := freeze()
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if n := r.events(t, ""); n != 2 {
			t.Errorf("events in the list while the replica hangs: got %d, want 2", n)
		}
	}
	if err := thaw(); err != nil {
		t.Fatal(err)
	}
	r.awaitReplica(t)
	kill()
	for range 20 {
		if n := r.events(t, ""); n != 2 {
			t.Errorf("events in the list after the replica was killed: got %d, want 2", n)
		}
	}
}

func TestAReplicaThatIsNoStandbyOrAwayAtTheStartIsNotRead(t *testing.T) {
	t.Parallel()
	for name, replicaOf := range map[string]func(testkit.Services) string{
		"primary": func(s testkit.Services) string { return s.DatabaseURL },
		"away": func(testkit.Services) string {
			return "postgres://hookline@127.0.0.1:1/hookline?sslmode=disable"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			services := testkit.NewServices(t, testkit.Servers)
			r := newReader(t, services, replicaOf(services))
			r.NewLead(t, "ada@example.com")
			if n := r.events(t, ""); n != 1 {
				t.Errorf("events in the list: got %d, want 1", n)
			}
			r.serve.AwaitOutput(t, r.serve.Stderr, "lists and statistics are read from the primary")
			if n := metric(t, r.serve, fromReplica); n != 0 {
				t.Errorf("%s: got %g, want 0", fromReplica, n)
			}
		})
	}
}
