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

// Generate makes a post and the run that writes it, paid with what the operation was charged. The run begins soon; it is
// not lost from here on.
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
		db.AfterCommit(ctx, func() { s.hint(r.ID) })
	}
	return r, err
}

// hint is lost when nobody takes it; the run is then found by its deadline.
func (s *Store) hint(runID string) {
	select {
	case s.hints <- runID:
	default:
	}
}

func takeRun(q *gorm.DB, runID string) (Run, error) {
	return db.One[Run](q.Where("id = ?", runID), "agent run")
}

// Run returns a run.
func (s *Store) Run(ctx context.Context, scope principal.Scope, runID string) (Run, error) {
	return takeRun(db.Scope(s.db.Read(ctx), scope), runID)
}

// Cancel ends a run; a worker that is at it hears of it within a beat.
func (s *Store) Cancel(ctx context.Context, scope principal.Scope, runID string) (Run, error) {
	var r Run
	err := s.outbox.Tx(ctx, func(tx *event.Tx) error {
		var err error
		if r, err = takeRun(s.db.ForUpdate(db.Scope(tx.DB, scope)), runID); err != nil {
			return err
		}
		if r.Over() {
			return problem.New(problem.Conflict, "Only a run that is queued or running can be cancelled; this one is %s.", r.Status)
		}
		r, err = s.fail(tx, r.cancelled(s.now()))
		return err
	})
	return r, err
}

// verdict is what to do with the task of a run.
type verdict int

const (
	drop    verdict = iota // there is nothing to do: it is over, or somebody else is at it
	wait                   // its tenant has as many under way as it may
	proceed                // it is the caller's
)

type claim struct {
	verdict verdict
	run     Run
	brief   generator.Brief
}

// claim takes a run for the caller. admit is asked whether the tenant may have one more under way here, and told so by
// the asking.
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

// held narrows a query to a run that a worker still holds as it claimed it.
func held(q *gorm.DB, r Run) *gorm.DB {
	return db.Scope(q, r.scope()).Where("id = ? AND status = ? AND attempt = ?", r.ID, Running, r.Attempt)
}

// keep gives the sign that the run's worker is there; it is false when the run is not its any more.
func (s *Store) keep(ctx context.Context, r Run) (bool, error) {
	var n int64
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		result := held(tx.Model(&Run{}), r).Update("deadline_at", db.At(s.now().Add(lease)))
		n = result.RowsAffected
		return result.Error
	})
	return n > 0, err
}

// release gives a run back that its worker can't go on with. Whoever takes it begins anew, and it does not count.
func (s *Store) release(ctx context.Context, r Run) error {
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		return held(tx.Model(&Run{}), r).Updates(map[string]any{"status": Queued, "attempt": r.Attempt - 1, "deadline_at": db.At(s.now())}).Error
	})
}

// finish ends a run that the caller still holds, with a result or with why there is none, and returns it as it is. A run
// that was cancelled or taken meanwhile stays as it is.
func (s *Store) finish(ctx context.Context, r Run, result generator.Result, failure error) (Run, error) {
	err := s.outbox.Tx(ctx, func(tx *event.Tx) error {
		var rows []Run
		if err := held(s.db.ForUpdate(tx.DB), r).Find(&rows).Error; err != nil || len(rows) == 0 {
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

// fail writes down the end of a run that brought nothing, and what follows: its post has failed too, and what it cost is
// given back.
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

// saveRun writes what changes in a run's life.
func saveRun(tx *gorm.DB, r Run) error {
	return db.Scope(tx.Model(&Run{}), r.scope()).Where("id = ?", r.ID).
		Select("status", "attempt", "generator", "model", "reason", "error", "input_tokens", "output_tokens", "refund_id", "deadline_at", "started_at", "finished_at").
		Updates(&r).Error
}

// overdue returns at most limit runs that the queue should have begun and did not, over all tenants, and puts their
// deadline off. Those whose worker gave no sign are queued again.
func (s *Store) overdue(ctx context.Context, limit int) ([]string, error) {
	var ids []string
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		var rows []Run
		err := s.db.ForUpdateSkipLocked(tx).Select("id").Where("deadline_at <= ?", db.At(s.now())).Order("deadline_at").Limit(limit).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return err
		}
		ids = nil
		for _, r := range rows {
			ids = append(ids, r.ID)
		}
		return tx.Model(&Run{}).Where("id IN ?", ids).Updates(map[string]any{"status": Queued, "deadline_at": db.At(s.now().Add(recheck))}).Error
	})
	return ids, err
}
