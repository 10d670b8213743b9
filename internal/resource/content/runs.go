package content

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/credit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/generator"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// Generate creates a post and the run that writes it, paid with the charge of the operation. Both are stored when it
// returns; a worker starts the run soon.
func (s *Store) Generate(ctx context.Context, scope principal.Scope, b generator.Brief) (Run, error) {
	p := newPost(scope, b, s.now())
	r := newRun(p, credit.ChargeOf(ctx), s.now())
	p.RunID = r.ID
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		if err := tx.Create(&p).Error; err != nil {
			return err
		}
		return tx.Create(&r).Error
	})
	if err == nil {
		db.AfterCommit(ctx, func() { s.enqueue(r.ID) })
	}
	return r, err
}

// enqueue offers a new run to the process's Schedule. When its channel is full, the run is enqueued at its deadline.
func (s *Store) enqueue(runID string) {
	select {
	case s.created <- runID:
	default:
	}
}

func takeRun(q *gorm.DB, runID string) (Run, error) {
	return db.One[Run](db.ByID(q, runID), "agent run")
}

// Run returns a run.
func (s *Store) Run(ctx context.Context, scope principal.Scope, runID string) (Run, error) {
	return takeRun(db.Scope(s.db.Read(ctx), scope), runID)
}

// Cancel ends a run; a worker that is running it notices within a beat.
func (s *Store) Cancel(ctx context.Context, scope principal.Scope, runID string) (Run, error) {
	var r Run
	err := s.outbox.Tx(ctx, func(tx *event.Tx) error {
		var err error
		if r, err = takeRun(s.db.ForUpdate(db.Scope(tx.DB, scope)), runID); err != nil {
			return err
		}
		if r.Over() {
			return problem.New(problem.Conflict,
				"Only a run that is queued or running can be cancelled; this one is %s.", r.Status)
		}
		r, err = s.fail(tx, r.cancelled(s.now()))
		return err
	})
	return r, err
}

// verdict is the decision on the task of a run.
type verdict int

const (
	drop    verdict = iota // nothing to do: it is over, or another worker runs it
	wait                   // its tenant runs as many as it may
	proceed                // the caller runs it
)

type claim struct {
	verdict verdict
	run     Run
	brief   generator.Brief
}

// claim claims a run for the caller. admit reports whether the tenant may run one more here, and counts it when it may.
func (s *Store) claim(ctx context.Context, runID string, admit func(tenantID string) bool) (claim, error) {
	var c claim
	err := s.outbox.Tx(ctx, func(tx *event.Tx) error {
		c = claim{}
		r, err := takeRun(s.db.ForUpdate(tx.DB), runID)
		if missing := (*problem.Error)(nil); errors.As(err, &missing) {
			return nil
		}
		if err != nil || r.Over() || r.Status == Running {
			return err
		}
		if r.Attempt >= maxAttempts {
			_, err = s.fail(tx, r.failed(reasonInterrupted, textInterrupted, s.now()))
			return err
		}
		var p Post
		if err := db.Scope(tx.Select("brief"), r.scope()).Where("id = ?", r.PostID).Take(&p).Error; err != nil {
			return err
		}
		if !admit(r.TenantID) {
			c.verdict = wait
			return nil
		}
		c = claim{proceed, r.begun(s.now()), p.Brief.V}
		return saveRun(tx.DB, c.run)
	})
	return c, err
}

// leased narrows a query to a run whose lease the worker still has.
func leased(q *gorm.DB, r Run) *gorm.DB {
	return db.ByID(db.Scope(q, r.scope()), r.ID).Where("status = ? AND attempt = ?", Running, r.Attempt)
}

// renew renews the lease of a run; it is false when another worker has it.
func (s *Store) renew(ctx context.Context, r Run) (bool, error) {
	n, err := s.db.Affected(ctx, func(tx *gorm.DB) *gorm.DB {
		return leased(tx.Model(&Run{}), r).Update("deadline_at", db.At(s.now().Add(lease)))
	})
	return n > 0, err
}

// release returns a run of a worker that stops. The next worker starts it anew; the attempt does not count.
func (s *Store) release(ctx context.Context, r Run) error {
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		return leased(tx.Model(&Run{}), r).Updates(map[string]any{"status": Queued, "attempt": r.Attempt - 1,
			"deadline_at": db.At(s.now())}).Error
	})
}

// end completes a run with a result, or fails it, and returns it. A run that was cancelled or claimed by another worker
// stays unchanged.
func (s *Store) end(ctx context.Context, r Run, result generator.Result, failure error) (Run, error) {
	err := s.outbox.Tx(ctx, func(tx *event.Tx) error {
		var rows []Run
		if err := leased(s.db.ForUpdate(tx.DB), r).Find(&rows).Error; err != nil || len(rows) == 0 {
			return err
		}
		var err error
		if failure != nil {
			reason, text := explain(failure)
			r, err = s.fail(tx, rows[0].failed(reason, text, s.now()))
		} else {
			r, err = s.complete(tx, rows[0].completed(result, s.now()), result)
		}
		return err
	})
	return r, err
}

func (s *Store) complete(tx *event.Tx, r Run, result generator.Result) (Run, error) {
	p, err := s.postOf(tx.DB, r)
	if err != nil {
		return r, err
	}
	p = p.written(result, s.now())
	if err := errors.Join(savePost(tx.DB, p), saveRun(tx.DB, r)); err != nil {
		return r, err
	}
	if err := tx.Emit(p.scope(), p.event("created"), toWire(p)); err != nil {
		return r, err
	}
	return r, tx.Emit(p.scope(), AgentCompleted, toData(r))
}

// fail records a failed or cancelled run: it marks its post as failed and refunds the charge.
func (s *Store) fail(tx *event.Tx, r Run) (Run, error) {
	p, err := s.postOf(tx.DB, r)
	if err != nil {
		return r, err
	}
	if r.ChargeID != "" {
		e, err := s.credits.Refund(db.Context(tx.DB), r.TenantID, r.ChargeID, "Agent run "+r.ID+": "+r.Reason)
		if err != nil {
			return r, err
		}
		r.RefundID = e.ID
	}
	if err := savePost(tx.DB, p.unwritten(r.Reason, r.Error, s.now())); err != nil {
		return r, err
	}
	if err := saveRun(tx.DB, r); err != nil {
		return r, err
	}
	return r, tx.Emit(p.scope(), AgentFailed, toData(r))
}

func (s *Store) postOf(tx *gorm.DB, r Run) (Post, error) {
	var p Post
	err := s.db.ForUpdate(db.Scope(tx, r.scope())).Where("id = ?", r.PostID).Take(&p).Error
	return p, err
}

// saveRun updates the columns of a run that change.
func saveRun(tx *gorm.DB, r Run) error {
	return db.ByID(db.Scope(tx.Model(&Run{}), r.scope()), r.ID).
		Select("status", "attempt", "generator", "model", "reason", "error", "input_tokens", "output_tokens",
			"refund_id", "deadline_at", "started_at", "finished_at").
		Updates(&r).Error
}

// overdue returns the ids of at most limit runs of all tenants whose deadline has passed, and moves it. Those whose
// lease expired are queued again.
func (s *Store) overdue(ctx context.Context, limit int) ([]string, error) {
	var ids []string
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		var rows []Run
		err := s.db.ForUpdateSkipLocked(tx).Select("id").Where("deadline_at <= ?", db.At(s.now())).Order("deadline_at").
			Limit(limit).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		ids = nil
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
		return db.WhereIn(tx.Model(&Run{}), "id", ids).Updates(map[string]any{"status": Queued,
			"deadline_at": db.At(s.now().Add(recheck))}).Error
	})
	return ids, err
}
