package db

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
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
	db *DB

	mu  sync.Mutex
	at  time.Time
	err error
}

// NewWriteProbe makes a probe of a database.
func NewWriteProbe(d *DB) *WriteProbe { return &WriteProbe{db: d} }

// Check writes and commits a row, at most once a second, and fails when that failed: the database does not answer, its
// disk is full, or it only takes reads. Without a call nothing is written.
func (p *WriteProbe) Check(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Since(p.at) < probeEvery {
		return p.err
	}
	// A caller who goes away says nothing about the database, and the result is for all callers.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeLimit)
	defer cancel()
	p.err = p.write(ctx)
	p.at = time.Now()
	return p.err
}

func (p *WriteProbe) write(ctx context.Context) error {
	value := make([]byte, probeSize)
	_, _ = rand.Read(value) // never fails; random bytes can't be compressed
	return p.db.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{
			Columns: []clause.Column{{Name: "name"}}, DoUpdates: clause.AssignmentColumns([]string{"value"}),
		}).Create(&Setting{Name: probeName, Value: value}).Error
	})
}
