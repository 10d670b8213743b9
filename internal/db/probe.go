package db

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"gorm.io/gorm"
)

const (
	probeName = "write_probe"
	// probeSize is more than a page of SQLite and as much as one of PostgreSQL, which stores it outside of the row: a
	// full disk is noticed where a row in a page that exists could still be changed.
	probeSize = 8 << 10
	// probeEvery is how long a result stands, so that probes cost little however often they are asked for.
	probeEvery = time.Second
	probeLimit = 2 * time.Second
)

// WriteProbe finds out whether the database can be written.
type WriteProbe struct {
	write func(ctx context.Context) error

	mu      sync.Mutex
	at      time.Time // when err was found out
	err     error
	running chan struct{} // closed when the write that is under way ends; nil without one
}

// NewWriteProbe makes a probe of a database.
func NewWriteProbe(d *DB) *WriteProbe { return &WriteProbe{write: d.writeProbe} }

// Check writes and commits a row, at most once a second, and fails when that failed: the database does not answer, its
// disk is full, or it only takes reads. Without a call nothing is written.
//
// Callers share a write that is under way, and none waits longer than its context or probeLimit, even if the write does
// not heed its own limit.
func (p *WriteProbe) Check(ctx context.Context) error {
	p.mu.Lock()
	if p.running == nil && time.Since(p.at) < probeEvery {
		defer p.mu.Unlock()
		return p.err
	}
	if p.running == nil {
		p.running = make(chan struct{})
		// A caller who goes away says nothing about the database, and the result is for all callers.
		go p.run(context.WithoutCancel(ctx), p.running)
	}
	running := p.running
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	select {
	case <-running:
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.err
	case <-ctx.Done():
		return fmt.Errorf("db: the write probe has not ended: %w", ctx.Err())
	}
}

// run writes, keeps the result and closes done.
func (p *WriteProbe) run(ctx context.Context, done chan struct{}) {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	err := p.write(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err, p.at, p.running = err, time.Now(), nil
	close(done)
}

// writeProbe writes and commits a row.
func (d *DB) writeProbe(ctx context.Context) error {
	value := make([]byte, probeSize)
	_, _ = rand.Read(value) // never fails; random bytes can't be compressed
	return d.Tx(ctx, func(tx *gorm.DB) error {
		return Upsert(tx, []Setting{{Name: probeName, Value: value}}, []string{"name"}, []string{"value"})
	})
}
