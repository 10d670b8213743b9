package rotation

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/secret"
)

const (
	// beatEvery is how often a process says that it runs.
	beatEvery = 10 * time.Second
	// Silence is how long a process counts as running after it said so.
	Silence = time.Minute
	// forgetLimit bounds the last statement of a process.
	forgetLimit = time.Second
)

// Process is a row of processes: a running process, and the encryption keys that it has.
type Process struct {
	ID      string `gorm:"primaryKey"`
	Command string // serve, worker or dev
	Host    string
	PID     int               `gorm:"column:pid"`
	Keys    db.JSON[[]string] // the ids of its keys, the one that it encrypts with first
	SeenAt  db.Time           // when it last said that it runs
}

// TableName implements GORM's Tabler.
func (Process) TableName() string { return "processes" }

// String says which process it is.
func (p Process) String() string {
	return fmt.Sprintf("%s on %s (process %d)", p.Command, p.Host, p.PID)
}

// SealsWith is the id of the key that the process encrypts with.
func (p Process) SealsWith() string {
	if len(p.Keys.V) == 0 {
		return ""
	}
	return p.Keys.V[0]
}

// Heartbeat says, in processes, that its process runs and which keys it has.
type Heartbeat struct {
	*background.Routine

	db  *db.DB
	now clock.Clock
	row Process
}

// NewHeartbeat makes the heartbeat of this process, which a command started. The error is that of a host without a
// name.
func NewHeartbeat(database *db.DB, ring *secret.Ring, now clock.Clock, command string) (*Heartbeat, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("rotation: %w", err)
	}
	var ids []string
	for _, k := range ring.IDs() {
		ids = append(ids, k.String())
	}
	h := &Heartbeat{db: database, now: now, row: Process{ID: rand.Text(), Command: command, Host: host,
		PID: os.Getpid(), Keys: db.JSON[[]string]{V: ids}}}
	h.Routine = background.Every(beatEvery, "recording the encryption keys of this process failed", h.beat)
	return h, nil
}

// Start says that the process runs before it can encrypt anything, and forgets processes that ended unnoticed.
func (h *Heartbeat) Start(ctx context.Context) error {
	err := h.db.Tx(ctx, func(tx *gorm.DB) error {
		return tx.Where("seen_at < ?", db.At(h.now().Add(-Silence))).Delete(&Process{}).Error
	})
	if err == nil {
		err = h.beat(ctx)
	}
	if err != nil {
		return err
	}
	return h.Routine.Start(ctx)
}

// Stop forgets the process. A database that does not answer does not delay the stop: the row counts for Silence.
func (h *Heartbeat) Stop(ctx context.Context) error {
	if err := h.Routine.Stop(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, forgetLimit)
	defer cancel()
	err := h.db.Tx(ctx, func(tx *gorm.DB) error { return tx.Where("id = ?", h.row.ID).Delete(&Process{}).Error })
	if err != nil {
		slog.Info("the row of this process stays in processes for a minute", "error", err)
	}
	return nil
}

func (h *Heartbeat) beat(ctx context.Context) error {
	row := h.row
	row.SeenAt = db.At(h.now())
	return h.db.Tx(ctx, func(tx *gorm.DB) error {
		return db.Upsert(tx, []Process{row}, []string{"id"}, []string{"seen_at"})
	})
}

// Others returns the running processes that encrypt with another key than the ring's first, in the order of their
// hosts.
func (r *Rotator) Others(ctx context.Context) ([]Process, error) {
	var running, others []Process
	err := r.db.Read(ctx).Where("seen_at >= ?", db.At(r.now().Add(-Silence))).Order("host, pid, id").
		Find(&running).Error
	for _, p := range running {
		if p.SealsWith() != r.first().String() {
			others = append(others, p)
		}
	}
	return others, err
}
