package db

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/background"
)

// Replica is a read replica of a PostgreSQL database. Requests whose context AllowStale marked read from it while it is
// at most maxLag behind; all others, and those while it is away or further behind, read from the primary.
//
// How far it is behind is measured without writing anything and without comparing clocks: once a second the Replica
// notes the primary's position in its log, and when it noted it; what the replica has replayed tells the latest moment
// from which it has every commit.
type Replica struct {
	*background.Routine

	primary *DB
	pool    *sql.DB
	config  *pgx.ConnConfig
	known   bool // whether its URL leads to a connection pooler: it says so, or none was found
	gorm    *gorm.DB
	maxLag  time.Duration
	told    ReplicaState // what the log said last

	mu       sync.Mutex
	notes    []note
	seen     time.Time // the replica has every commit that was acknowledged before
	failure  error     // of the last measurement
	replicas atomic.Int64
	fallback atomic.Int64
}

// note is a position in the primary's log, in bytes, and when that was its end.
type note struct {
	position int64
	at       time.Time
}

const (
	lagEvery = time.Second
	// lagLimit limits the statements that measure the lag.
	lagLimit = 2 * time.Second
	// replicaLimit is how long the replica has to answer a statement; then the primary is asked.
	replicaLimit = 2 * time.Second
	// notesMost limits the notes that are kept while the replica is behind.
	notesMost = 600
)

// AttachReplica makes d read from a replica where it may. It does not connect: a replica that is away is like one that
// is behind. Start begins to measure; until then, and after Close, the primary is read.
func (d *DB) AttachReplica(rawURL string, maxLag time.Duration) (*Replica, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, errors.New("db: the URL of the replica can't be parsed")
	}
	pool, config, pooled, err := dialPostgres(u)
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	r := &Replica{primary: d, pool: pool, config: config, known: pooled, maxLag: maxLag, told: ReplicaServes}
	if r.gorm, err = openGORM(postgresOn(replicaPool{r})); err != nil {
		return nil, errors.Join(fmt.Errorf("db: %w", err), pool.Close())
	}
	r.Routine = background.New(r.measureUntil)
	d.replica = r
	return r, nil
}

// Close closes the connections to the replica.
func (r *Replica) Close() error { return r.pool.Close() }

// Lag is how long ago the replica had every commit; false while that is not known.
func (r *Replica) Lag() (time.Duration, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Since(r.seen), !r.seen.IsZero()
}

// Reads is how many requests that may read from the replica did, and how many read from the primary instead.
func (r *Replica) Reads() (replica, primary int64) { return r.replicas.Load(), r.fallback.Load() }

func (r *Replica) measureUntil(ctx context.Context) {
	tick := time.NewTicker(lagEvery)
	defer tick.Stop()
	for {
		err := r.measure(ctx)
		if ctx.Err() == nil {
			r.mu.Lock()
			r.failure = err
			r.mu.Unlock()
			r.tell()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (r *Replica) measure(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lagLimit)
	defer cancel()
	at := time.Now()
	var end int64
	row := r.primary.gorm.WithContext(ctx).Raw("SELECT (pg_current_wal_flush_lsn() - '0/0')::bigint").Row()
	if err := row.Scan(&end); err != nil {
		return fmt.Errorf("db: the primary did not tell its position: %v", err) // not wrapped: not the replica's error
	}
	r.mu.Lock()
	if len(r.notes) < notesMost {
		r.notes = append(r.notes, note{end, at})
	}
	r.mu.Unlock()
	if err := r.findPooler(ctx); err != nil {
		return err
	}
	var standby bool
	var replayed int64
	err := r.pool.QueryRowContext(ctx, "SELECT pg_is_in_recovery(), "+
		"coalesce((pg_last_wal_replay_lsn() - '0/0')::bigint, 0)").Scan(&standby, &replayed)
	if err != nil {
		return err
	}
	if !standby {
		return errNoStandby
	}
	r.replayed(replayed)
	return nil
}

// replayed notes that the replica has everything up to a position.
func (r *Replica) replayed(position int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for n < len(r.notes) && r.notes[n].position <= position {
		r.seen = r.notes[n].at
		n++
	}
	r.notes = append(r.notes[:0], r.notes[n:]...)
}

// serves says whether the replica may be read now.
func (r *Replica) serves() bool {
	lag, known := r.Lag()
	return known && lag <= r.maxLag
}

// away has the primary read until the replica was measured again.
func (r *Replica) away() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seen = time.Time{}
}

type staleKey struct{}

// staleness is what one request reads: once it has read from the primary, it goes on there, since the replica may not
// have what the primary named.
type staleness struct {
	counted atomic.Bool
	primary atomic.Bool
}

// AllowStale returns a context whose Read may answer with data that is some seconds old, from the replica. It is for
// lists and statistics, never for what decides.
func AllowStale(ctx context.Context) context.Context {
	return context.WithValue(ctx, staleKey{}, &staleness{})
}

// Fresh undoes AllowStale.
func Fresh(ctx context.Context) context.Context {
	return context.WithValue(ctx, staleKey{}, (*staleness)(nil))
}

func stalenessOf(ctx context.Context) *staleness {
	s, _ := ctx.Value(staleKey{}).(*staleness)
	return s
}

// reads says whether a request reads from the replica, and counts it once.
func (r *Replica) reads(s *staleness) bool {
	first := s.counted.CompareAndSwap(false, true)
	if !s.primary.Load() && r.serves() {
		if first {
			r.replicas.Add(1)
		}
		return true
	}
	if s.primary.CompareAndSwap(false, true) {
		r.fallback.Add(1)
	}
	return false
}

// replicaPool sends statements to the replica, and to the primary when the replica fails them.
type replicaPool struct{ *Replica }

// PrepareContext implements gorm.ConnPool.
func (p replicaPool) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return p.pool.PrepareContext(ctx, query)
}

// ExecContext implements gorm.ConnPool. A standby refuses to write.
func (p replicaPool) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return p.pool.ExecContext(ctx, query, args...)
}

// QueryContext implements gorm.ConnPool.
func (p replicaPool) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	limited, stop := withoutHanging(ctx)
	rows, err := p.pool.QueryContext(limited, query, args...)
	if !stop() && err == nil { // they can't be read any more
		err = errors.Join(context.DeadlineExceeded, rows.Close())
	}
	if err == nil || !p.failed(ctx, err) {
		return rows, err
	}
	return p.primary.gorm.ConnPool.QueryContext(ctx, query, args...)
}

// QueryRowContext implements gorm.ConnPool.
func (p replicaPool) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	limited, stop := withoutHanging(ctx)
	row := p.pool.QueryRowContext(limited, query, args...)
	if stop() && row.Err() == nil || !p.failed(ctx, cmp.Or(row.Err(), context.DeadlineExceeded)) {
		return row
	}
	return p.primary.gorm.ConnPool.QueryRowContext(ctx, query, args...)
}

// withoutHanging is a context that ends when stop is not called in time; rows that were returned before then stay
// readable as long as ctx.
func withoutHanging(ctx context.Context) (limited context.Context, stop func() bool) {
	limited, cancel := context.WithCancel(ctx)
	return limited, time.AfterFunc(replicaLimit, cancel).Stop
}

// failed says whether the primary should be asked after an error of the replica, and notes that for the rest of the
// request. When the replica did not answer, nobody asks it again before it was measured.
func (p replicaPool) failed(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return false
	}
	var answered *pgconn.PgError
	if !errors.As(err, &answered) {
		p.away()
	}
	if s := stalenessOf(ctx); s != nil && s.primary.CompareAndSwap(false, true) {
		p.fallback.Add(1)
	}
	return true
}
