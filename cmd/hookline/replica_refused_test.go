package main

import (
	"net/url"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

// with is a URL of a database with another user or another database; either may be empty.
func with(t *testing.T, raw, user, database string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	if user != "" {
		u.User = url.UserPassword(user, "hidden")
	}
	if database != "" {
		u.Path = "/" + database
	}
	return u.String()
}

func TestServeRefusesAReplicaThatRefusesIt(t *testing.T) {
	t.Parallel()
	services := testkit.NewServices(t, testkit.Servers)
	for name, c := range map[string]struct{ url, says string }{
		"user":     {with(t, services.DatabaseURL, "nobody_of_this_name", ""), "nobody_of_this_name"},
		"database": {with(t, services.DatabaseURL, "", "none_of_this_name"), "none_of_this_name"},
	} {
		p := testkit.Run(t, testkit.Production(services).With("HOOKLINE_DATABASE_READ_URL", c.url).List(), "serve")
		code, says := p.Exit(t), p.Stderr()
		if code != 1 || !strings.Contains(says, c.says) || !strings.Contains(says, "HOOKLINE_DATABASE_READ_URL") ||
			strings.Count(says, "\n") != 1 || strings.Contains(says, "hidden") {
			t.Errorf("wrong %s of the replica: got exit %d, %q, want 1 and one line that names it", name, code, says)
		}
	}
}

func TestAReplicaThatRefusesARunningProcessShowsInAMetricAndInTheLog(t *testing.T) {
	t.Parallel()
	private := testkit.NewPrivate(t)
	onReplica(t, private.DatabaseURL, "CREATE ROLE reader LOGIN SUPERUSER PASSWORD 'hidden'")
	r := newReader(t, private.Services, with(t, private.DatabaseURL, "reader", ""))
	awaitState(t, r, "no_standby")
	onReplica(t, private.DatabaseURL, "ALTER ROLE reader NOLOGIN")
	onReplica(t, private.DatabaseURL, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'reader'")
	awaitState(t, r, "refuses")
	for _, other := range []string{"serves", "behind", "away", "no_standby"} {
		if n := metric(t, r.serve, state(other)); n != 0 {
			t.Errorf("%s while the replica refuses: got %g, want 0", state(other), n)
		}
	}
	r.serve.AwaitOutput(t, r.serve.Stderr, `"state":"refuses"`)
	r.NewLead(t, "ada@example.com")
	if n := r.events(t, ""); n != 1 {
		t.Errorf("events in the list while the replica refuses: got %d, want 1 from the primary", n)
	}
	if strings.Contains(r.serve.Stderr(), "hidden") {
		t.Errorf("log: got the replica's password in %s", r.serve.Stderr())
	}
}

func state(name string) string { return `hookline_read_replica_state{state="` + name + `"}` }

func awaitState(t *testing.T, r reader, name string) {
	t.Helper()
	testkit.Await(t, "the state "+name, func() bool { return metric(t, r.serve, state(name)) == 1 })
}
