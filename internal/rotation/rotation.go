// Package rotation replaces the key that stored values are encrypted with, while the service runs: a durable job seals
// every value that is not under the first key of the ring again. It walks the columns in batches in the order of their
// primary keys. A value that changes meanwhile is left to that change.
package rotation

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/secret"
)

// Kind is the kind of the jobs.
const Kind = "encryption.rotate"

// Why a job skips values.
const (
	skipChanged    = "changed"    // by somebody else, after it was read
	skipUnreadable = "unreadable" // damaged, or copied from another row
)

const (
	// defaultSize is how many values a step changes. Until it ends, their rows are locked.
	defaultSize = 100
	// elsewhere is how long a process without the keys of a job leaves it to others.
	elsewhere = time.Second
)

// Rotator runs the jobs.
type Rotator struct {
	db   *db.DB
	ring *secret.Ring
	jobs *job.Store
	log  *audit.Log
	now  clock.Clock
	size int
}

// New makes a Rotator. A step changes at most size values; 0 is the default.
func New(database *db.DB, ring *secret.Ring, jobs *job.Store, log *audit.Log, now clock.Clock, size int) *Rotator {
	return &Rotator{db: database, ring: ring, jobs: jobs, log: log, now: now, size: cmp.Or(size, defaultSize)}
}

// filter is the Filter of a job: the ids of the keys that a process needs to run it. It seals under the first.
type filter struct {
	Keys []string `json:"keys"`
}

// position is the Progress of a job: the column, and the key of the last row that is done.
type position struct {
	Column string   `json:"column"`
	After  []string `json:"after,omitempty"`
}

// Start returns the job that seals under the ring's first key what is under its other keys: the unfinished one, or a
// new one. Unfinished jobs for other keys are cancelled. It is false when there is nothing to do.
func (r *Rotator) Start(ctx context.Context) (j job.Job, started bool, err error) {
	err = r.log.DoIf(ctx, func(ctx context.Context) (audit.Change, bool, error) {
		if err := r.db.Tx(ctx, func(tx *gorm.DB) error { return r.db.AdvisoryLock(tx, Kind) }); err != nil {
			return audit.Change{}, false, err
		}
		if j, started, err = r.unfinished(ctx); err != nil || started {
			return audit.Change{}, false, err
		}
		counts, err := r.Count(ctx)
		total := 0
		for _, id := range r.ring.IDs()[1:] {
			total += counts.ByKey[id]
		}
		if err != nil || total == 0 {
			return audit.Change{}, false, err
		}
		raw, err := json.Marshal(filter{Keys: r.ids()})
		if err != nil {
			return audit.Change{}, false, err
		}
		started = true
		j, err = r.jobs.Create(ctx, job.New{Operator: true, Kind: Kind, Filter: string(raw),
			Total: total, CreatedAt: r.now()})
		return audit.Change{Target: j.ID, After: job.ToTenantWire(j)}, true, err
	})
	return j, started, err
}

// unfinished returns the unfinished job that this ring can complete, and cancels those for other keys.
func (r *Rotator) unfinished(ctx context.Context) (found job.Job, ok bool, err error) {
	rows, err := r.jobs.Unfinished(ctx, Kind)
	if err != nil {
		return found, false, err
	}
	for _, j := range rows {
		f, err := filterOf(j)
		if err != nil {
			return found, false, err
		}
		if !ok && f.Keys[0] == r.first().String() && r.has(f.Keys) {
			found, ok = j, true
			continue
		}
		if _, _, err := r.jobs.CancelAny(ctx, j.ID); err != nil {
			return found, false, err
		}
	}
	return found, ok, nil
}

func filterOf(j job.Job) (filter, error) {
	var f filter
	if err := json.Unmarshal([]byte(j.Filter), &f); err != nil {
		return f, err
	}
	if len(f.Keys) == 0 {
		return f, fmt.Errorf("rotation: job %s names no key", j.ID)
	}
	return f, nil
}

func (r *Rotator) first() secret.KeyID { return r.ring.IDs()[0] }

func (r *Rotator) ids() []string {
	var out []string
	for _, id := range r.ring.IDs() {
		out = append(out, id.String())
	}
	return out
}

func (r *Rotator) has(ids []string) bool {
	own := r.ids()
	return !slices.ContainsFunc(ids, func(id string) bool { return !slices.Contains(own, id) })
}

// Step is the job.Step: it seals a batch of one column's values again.
func (r *Rotator) Step(ctx context.Context, j job.Job) (job.Result, error) {
	f, err := filterOf(j)
	if err != nil {
		return job.Result{}, err
	}
	if !r.has(f.Keys) { // a process that has yet to get the new key, or that needs the old one no more
		return job.Result{Progress: j.Progress, Pause: elsewhere}, nil
	}
	keys := keyIDs(f.Keys, r.ring.IDs())
	columns := Columns()
	n, after, err := place(j.Progress, columns)
	if err != nil {
		return job.Result{}, err
	}
	var result job.Result
	err = r.db.Tx(ctx, func(tx *gorm.DB) error {
		rows, err := read(tx, columns[n], keys[1:], after, r.size)
		if err != nil {
			return err
		}
		if result, err = r.reseal(tx, columns[n], keys[0], rows); err != nil {
			return err
		}
		next := position{Column: columns[n].String()}
		switch {
		case len(rows) == r.size:
			next.After = rows[len(rows)-1].key
		case n+1 < len(columns):
			next.Column = columns[n+1].String()
		default:
			result.End = true
		}
		raw, err := json.Marshal(next)
		result.Progress = string(raw)
		return err
	})
	return result, err
}

// place returns the column that a job has got to, and the key of its last row that is done.
func place(progress string, columns []Column) (n int, after []string, err error) {
	if progress == "" {
		return 0, nil, nil
	}
	var at position
	if err := json.Unmarshal([]byte(progress), &at); err != nil {
		return 0, nil, err
	}
	n = slices.IndexFunc(columns, func(c Column) bool { return c.String() == at.Column })
	if n < 0 { // another version of the program began the job
		return 0, nil, nil
	}
	return n, at.After, nil
}

// keyIDs returns the ids that have the given texts, in their order.
func keyIDs(texts []string, known []secret.KeyID) []secret.KeyID {
	var out []secret.KeyID
	for _, text := range texts {
		for _, id := range known {
			if id.String() == text {
				out = append(out, id)
			}
		}
	}
	return out
}

// reseal seals the values of rows again, each unless it has changed since it was read.
func (r *Rotator) reseal(tx *gorm.DB, c Column, to secret.KeyID, rows []row) (job.Result, error) {
	result := job.Result{Skipped: map[string]int{}}
	update := fmt.Sprintf("UPDATE %s SET %s = ? WHERE %s = ?", c.Table, c.Name, strings.Join(append(slices.Clone(c.Key),
		c.Name), " = ? AND "))
	for _, row := range rows {
		sealed, err := r.ring.Reseal(to, c.Purpose, row.sealed, row.bound...)
		if err != nil {
			if result.Skipped[skipUnreadable] == 0 {
				slog.Error("an encrypted value can't be decrypted", "column", c.String(), "row", row.key, "error", err)
			}
			result.Skipped[skipUnreadable]++
			continue
		}
		values := []any{sealed}
		for _, v := range row.key {
			values = append(values, v)
		}
		updated := tx.Exec(update, append(values, row.sealed)...)
		if updated.Error != nil {
			return result, updated.Error
		}
		if updated.RowsAffected == 0 {
			result.Skipped[skipChanged]++
			continue
		}
		result.Done++
	}
	return result, nil
}
