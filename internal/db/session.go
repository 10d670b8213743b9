package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// session is the connections that a migration runs on. On PostgreSQL they are its own, with limits, so that the
// migration is told apart from requests.
type session struct {
	db   *sql.DB
	own  bool
	name string // application_name
}

// session opens one. Statements outside of a transaction, which build indexes, wait for all transactions that are
// older; nobody queues behind them, so they may take their time.
func (d *DB) session(patient bool) (*session, error) {
	if d.config == nil {
		pool, err := d.Pool()
		return &session{db: pool}, err
	}
	config := d.config.Copy()
	s := &session{own: true, name: "hookline migrate " + strings.ToLower(rand.Text()[:8])}
	limit := lockTimeout
	if patient {
		limit = 0
	}
	if d.pooled { // a session that is changed would be another client's next
		s.db = stdlib.OpenDB(*config)
		return s, nil
	}
	config.RuntimeParams["application_name"] = s.name
	s.db = stdlib.OpenDB(*config, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, fmt.Sprintf("SET lock_timeout = %d", limit.Milliseconds()))
		return err
	}))
	return s, nil
}

func (s *session) close() {
	if s.own {
		_ = s.db.Close()
	}
}

// Blocker is the session that holds a lock which a migration needs.
type Blocker struct {
	PID         int `gorm:"column:pid"`
	Application string
	Username    string
	State       string
	Seconds     float64 // how old its transaction is
	Query       string  // its latest, at most 200 characters
}

// String says who it is.
func (b Blocker) String() string {
	if b.PID == 0 {
		return "another transaction"
	}
	return fmt.Sprintf("process %d of the database (%s, user %s, %s for %.0f s: %s)", b.PID, b.Application, b.Username,
		b.State, b.Seconds, strings.Join(strings.Fields(b.Query), " "))
}

// BlockedError is a migration that got no lock. Nothing was changed by it.
type BlockedError struct {
	Migration string
	By        Blocker
}

func (e *BlockedError) Error() string {
	text := fmt.Sprintf("The migration %s was given up, and changed nothing: %s keeps the lock that it needs. ",
		e.Migration, e.By)
	if e.By.PID == 0 {
		return text + "Wait until it ends, then run again: hookline migrate up"
	}
	return text + fmt.Sprintf("Wait until it ends, or end it with SELECT pg_terminate_backend(%d), then run again: "+
		"hookline migrate up", e.By.PID)
}

const blockers = `SELECT b.pid, b.application_name AS application, coalesce(b.usename, '') AS username,
	coalesce(b.state, '') AS state, coalesce(extract(epoch FROM now() - b.xact_start), 0) AS seconds, left(b.query, 200) AS query
	FROM pg_stat_activity a, unnest(pg_blocking_pids(a.pid)) AS p (pid) JOIN pg_stat_activity b ON b.pid = p.pid
	WHERE a.application_name = ? AND b.application_name <> a.application_name ORDER BY b.xact_start LIMIT 1`

const watchEvery = 200 * time.Millisecond

// watch looks for who blocks the session until stop is called, which returns the latest.
func (s *session) watch(ctx context.Context, d *DB) (stop func() Blocker) {
	if !s.own || d.pooled {
		return func() Blocker { return Blocker{} }
	}
	ctx, cancel := context.WithCancel(ctx)
	found := make(chan Blocker, 1)
	go func() {
		var latest Blocker
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				found <- latest
				return
			case <-tick.C:
				var b Blocker
				if err := d.Read(ctx).Raw(blockers, s.name).Scan(&b).Error; err == nil && b.PID != 0 {
					latest = b
				}
			}
		}
	}()
	return func() Blocker { cancel(); return <-found }
}

// invalid lists the indexes that a concurrent build left behind and that nobody builds at the moment.
const invalid = `SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
	WHERE NOT i.indisvalid AND c.relkind = 'i' AND c.relnamespace = current_schema()::regnamespace
	AND NOT EXISTS (SELECT 1 FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid) ORDER BY 1`

// unfinished lists the invalid indexes that a migration names.
func (d *DB) unfinished(ctx context.Context, text string) ([]string, error) {
	if !d.postgres {
		return nil, nil
	}
	var all, out []string
	if err := d.Read(ctx).Raw(invalid).Scan(&all).Error; err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	words := map[string]bool{}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		words[strings.ToLower(word)] = true
	}
	for _, name := range all {
		if words[name] {
			out = append(out, name)
		}
	}
	return out, nil
}

// dropUnfinished drops what an interrupted run of a migration left, since IF NOT EXISTS would take it for complete.
func (d *DB) dropUnfinished(ctx context.Context, s *session, text string) error {
	left, err := d.unfinished(ctx, text)
	if err != nil {
		return err
	}
	for _, name := range left {
		quoted := pgx.Identifier{name}.Sanitize()
		if _, err := s.db.ExecContext(ctx, "DROP INDEX CONCURRENTLY IF EXISTS "+quoted); err != nil {
			return fmt.Errorf("db: dropping the unfinished index %s: %w", name, err)
		}
	}
	return nil
}
