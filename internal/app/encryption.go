package app

import (
	"context"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/rotation"
	"github.com/hookline/hookline/internal/secret"
)

// Encryption replaces the key that a database's secrets are encrypted with, for operators at a command line. It needs
// no running process, and running ones need not stop.
type Encryption struct {
	db      *db.DB
	ring    *secret.Ring
	rotator *rotation.Rotator
	runner  *job.Runner
}

// OpenEncryption opens the database and checks that the keys are those of its secrets.
func OpenEncryption(ctx context.Context, c config.Config) (*Encryption, error) {
	if err := c.CheckEncryption(); err != nil {
		return nil, err
	}
	ring, err := secret.ParseRing(c.EncryptionKeys)
	if err != nil {
		return nil, err
	}
	d, err := openMigrated(ctx, c.DatabaseURL)
	if err != nil {
		return nil, err
	}
	e := &Encryption{db: d, ring: ring}
	if err := checkRing(ctx, d, ring); err != nil {
		e.Close()
		return nil, err
	}
	jobs := job.NewStore(d, clock.System)
	e.rotator = rotation.New(d, ring, jobs, audit.New(d, clock.System), clock.System, 0)
	e.runner = job.NewRunner(jobs, map[string]job.Step{rotation.Kind: e.rotator.Step})
	return e, nil
}

// Close closes the connections.
func (e *Encryption) Close() { _ = e.db.Close() }

// Rotate encrypts all values under the first key that are under the others, and returns the job that did; nil when
// there was nothing to do. A worker completes the job when this process can't; watch is called after each step.
func (e *Encryption) Rotate(ctx context.Context, watch func(api.TenantJob)) (*api.TenantJob, error) {
	j, started, err := e.rotator.Start(atCommandLine(ctx, "encryption.rotated"))
	if err != nil || !started {
		return nil, err
	}
	j, err = e.runner.Run(ctx, j.ID, func(j job.Job) { watch(job.ToTenantWire(j)) })
	w := job.ToTenantWire(j)
	return &w, err
}

// KeyUse is how many values are encrypted under a key.
type KeyUse struct {
	ID     string `json:"id"`
	Known  bool   `json:"known"` // it is in the ring
	First  bool   `json:"first"` // it is the first of the ring
	Values int    `json:"values"`
}

// Use returns how many values are under each key: first those of the ring, in its order, then unknown ones. damaged is
// how many values are not encrypted ones at all.
func (e *Encryption) Use(ctx context.Context) (keys []KeyUse, damaged int, err error) {
	counts, err := e.rotator.Count(ctx)
	if err != nil {
		return nil, 0, err
	}
	for i, id := range e.ring.IDs() {
		keys = append(keys, KeyUse{ID: id.String(), Known: true, First: i == 0, Values: counts.ByKey[id]})
		delete(counts.ByKey, id)
	}
	for id, n := range counts.ByKey {
		keys = append(keys, KeyUse{ID: id.String(), Values: n})
	}
	return keys, counts.Damaged, nil
}

// Others returns the running processes that encrypt with another key than the first, whose keys must not go.
func (e *Encryption) Others(ctx context.Context) ([]rotation.Process, error) {
	return e.rotator.Others(ctx)
}
