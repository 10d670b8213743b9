package tracking

import (
	"context"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/credit"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
)

// NewMessage is the input of CreateMessage.
type NewMessage struct{ TargetUsername, Message, DeviceID string }

// CreateMessage queues a message from an account.
func (s *Store) CreateMessage(ctx context.Context, scope principal.Scope, name string, n NewMessage) (Message, error) {
	a, err := s.Account(ctx, scope, name)
	if err != nil {
		return Message{}, err
	}
	m := Message{
		ID: id.New(id.DirectMessage), TenantID: scope.TenantID, Environment: scope.Environment, TrackedAccountID: a.ID,
		UserNumber: a.UserNumber,
		Platform:   a.Platform, TrackedUsername: a.Username, TargetUsername: n.TargetUsername, Message: n.Message,
		DeviceID: n.DeviceID, Status: Queued, ChargeID: credit.ChargeOf(ctx), CreatedAt: db.At(s.now()),
	}
	return m, s.db.Tx(ctx, func(tx *gorm.DB) error { return tx.Create(&m).Error })
}

// MessageFilter narrows a list; empty fields are ignored.
type MessageFilter struct{ Status, AccountID, TargetUsername string }

// Messages returns one page of messages, newest first, and how many there are.
func (s *Store) Messages(ctx context.Context, scope principal.Scope, p page.Page, f MessageFilter) ([]Message, int64,
	error) {
	q := db.Owned(db.Scope(s.db.Read(ctx), scope))
	q = db.WhereOptional(q, map[string]string{"status": f.Status, "tracked_account_id": f.AccountID,
		"target_username": f.TargetUsername})
	return db.Paginate[Message](q, p)
}

// Message returns a message.
func (s *Store) Message(ctx context.Context, scope principal.Scope, messageID string) (Message, error) {
	return db.One[Message](db.ByID(db.Owned(db.Scope(s.db.Read(ctx), scope)), messageID), "direct message")
}

// QueuedMessages returns the messages that are to be sent, over all tenants or of one, the oldest first, and the cursor
// of the next page.
func (s *Store) QueuedMessages(ctx context.Context, l page.Log, tenantID string) ([]Message, *string, error) {
	q := db.WhereOptional(s.db.Read(ctx).Where("status = 'queued'"), map[string]string{"tenant_id": tenantID})
	return db.PaginateKeysetAsc(q, l, func(m Message) page.Cursor {
		return page.Cursor{At: m.CreatedAt.Time, ID: m.ID}
	})
}

// ReportMessage records the outcome of a message of any tenant, and fires its event. A failed one is refunded. It
// returns the message before and after.
func (s *Store) ReportMessage(ctx context.Context, messageID string, r Report) (before, m Message, err error) {
	if err := s.checkReport(&r); err != nil {
		return before, m, err
	}
	err = s.outbox.Tx(ctx, func(tx *event.Tx) error {
		var err error
		if before, err = db.One[Message](db.ByID(s.db.ForUpdate(tx.DB), messageID),
			"direct message"); err != nil {
			return err
		}
		if m, err = before.complete(r); err != nil {
			return err
		}
		err = db.ByID(db.Scope(tx.Model(&Message{}), m.scope()), m.ID).
			Select("status", "error", "device_id", "occurred_at").Updates(&m).Error
		if err != nil {
			return err
		}
		if m.Status == Sent {
			return tx.EmitOf(m.UserNumber, m.scope(), MessageSent, m.Data())
		}
		if err := s.payBack(db.Context(tx.DB), m.TenantID, m.ChargeID, "The direct message "+m.ID+
			" failed"); err != nil {
			return err
		}
		return tx.EmitOf(m.UserNumber, m.scope(), MessageFailed, m.Data())
	})
	return before, m, err
}

// checkReport sets the default time, and refuses contradictions.
func (s *Store) checkReport(r *Report) error {
	now := s.now()
	if r.At.IsZero() {
		r.At = db.At(now)
	}
	if err := checkPast("occurred_at", r.At, now); err != nil {
		return err
	}
	return r.check()
}

func (s *Store) payBack(ctx context.Context, tenantID, chargeID, reason string) error {
	if chargeID == "" {
		return nil
	}
	_, err := s.credits.Refund(ctx, tenantID, chargeID, reason)
	return err
}

// CreateJob queues a job.
func (s *Store) CreateJob(ctx context.Context, scope principal.Scope, jobType, parameters string) (Job, error) {
	j := Job{
		ID: id.New(id.TrackerJob), TenantID: scope.TenantID, Environment: scope.Environment, JobType: jobType,
		Parameters: parameters, Status: Queued, ChargeID: credit.ChargeOf(ctx), CreatedAt: db.At(s.now()),
	}
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		j.UserNumber = db.OwnerOf(tx)
		var err error
		if j.Number, err = nextNumber(tx, scope, "job"); err != nil {
			return err
		}
		return tx.Create(&j).Error
	})
	return j, err
}

// JobFilter narrows a list; empty fields are ignored.
type JobFilter struct{ Status, JobType string }

// Jobs returns one page of jobs, newest first, and how many there are.
func (s *Store) Jobs(ctx context.Context, scope principal.Scope, p page.Page, f JobFilter) ([]Job, int64, error) {
	q := db.Owned(db.Scope(s.db.Read(ctx), scope))
	return db.Paginate[Job](db.WhereOptional(q, map[string]string{"status": f.Status, "job_type": f.JobType}), p)
}

// Job returns a job by its id or number.
func (s *Store) Job(ctx context.Context, scope principal.Scope, name string) (Job, error) {
	return db.One[Job](byName(db.Owned(db.Scope(s.db.Read(ctx), scope)), name), "tracking job")
}

// OpenJobs returns the jobs that are not over, over all tenants or of one, the oldest first, and the cursor of the next
// page.
func (s *Store) OpenJobs(ctx context.Context, l page.Log, status, tenantID string) ([]Job, *string, error) {
	q := db.WhereOptional(s.db.Read(ctx).Where("status IN ('queued', 'running')"), map[string]string{"status": status,
		"tenant_id": tenantID})
	return db.PaginateKeysetAsc(q, l, func(j Job) page.Cursor { return page.Cursor{At: j.CreatedAt.Time, ID: j.ID} })
}

// ReportJob records the progress or outcome of a job of any tenant; the outcome fires its event. A failed job is
// refunded. It returns the job before and after.
func (s *Store) ReportJob(ctx context.Context, jobID string, r Report) (before, j Job, err error) {
	if err := s.checkReport(&r); err != nil {
		return before, j, err
	}
	err = s.outbox.Tx(ctx, func(tx *event.Tx) error {
		var err error
		if before, err = db.One[Job](db.ByID(s.db.ForUpdate(tx.DB), jobID), "tracking job"); err != nil {
			return err
		}
		if j, err = before.advance(r); err != nil {
			return err
		}
		err = db.ByID(db.Scope(tx.Model(&Job{}), j.scope()), j.ID).
			Select("status", "error", "total_leads_stored", "started_at", "finished_at").Updates(&j).Error
		switch {
		case err != nil || j.Status == Running:
			return err
		case j.Status == Finished:
			return tx.EmitOf(j.UserNumber, j.scope(), JobCompleted, j.Data())
		}
		if err := s.payBack(db.Context(tx.DB), j.TenantID, j.ChargeID, "The tracking job "+j.ID+" failed"); err != nil {
			return err
		}
		return tx.EmitOf(j.UserNumber, j.scope(), JobFailed, j.Data())
	})
	return before, j, err
}
