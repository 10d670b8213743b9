// Package tracking has tracked social accounts: their counts at a time (a snapshot), their followers,
// direct messages from it, and jobs that look for more. It fires stats.updated, follower.gained and follower.lost,
// dm.sent and dm.failed, job.completed and job.failed.
//
// Tenants order tracking, messages and jobs, and pay for them; the product itself executes them and reports the outcome
// as an operator. So no tenant can have a message sent and get a refund.
//
// Of the lists of followers only each account's latest is kept. It is compared with the next one in SQL, a step at a
// time, by a job (compare.go). When that job is cancelled or fails, the list after is compared with the same one, so no
// change is lost; one that was already published is published again.
package tracking

import (
	"strconv"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// The events of this package.
const (
	StatsUpdated   = "stats.updated"
	FollowerGained = "follower.gained"
	FollowerLost   = "follower.lost"
	MessageSent    = "dm.sent"
	MessageFailed  = "dm.failed"
	JobCompleted   = "job.completed"
	JobFailed      = "job.failed"
)

// Counts are the counts of an account that a tracking run saw.
type Counts struct {
	FollowerCount  int64
	FollowingCount int64
	PostsCount     int64
	TrackedAt      db.Time
}

// Account is a row of tracked_accounts. Its counts are those of its latest snapshot.
type Account struct {
	ID          string `gorm:"serializer:tac"`
	TenantID    string `gorm:"serializer:tnt"`
	Environment principal.Environment
	UserNumber  int64 // of the member whom it belongs to; 0 for the tenant
	Number      int64 // what events call it
	Platform    string
	AccountID   string // its id on the platform
	Username    string
	Counts      `gorm:"embedded"`
	// the snapshot with the latest list that has been compared with the one before; empty before the first
	ListID    string `gorm:"serializer:snp"`
	JobID     string `gorm:"serializer:job"` // what compares the next list with that one; empty when nothing does
	CreatedAt db.Time
	UpdatedAt db.Time
}

// TableName implements GORM's Tabler.
func (Account) TableName() string { return "tracked_accounts" }

func (a Account) scope() principal.Scope {
	return principal.Scope{TenantID: a.TenantID, Environment: a.Environment}
}

// stats is the account as the data of stats.updated.
func (a Account) stats() map[string]any {
	return map[string]any{
		"platform": a.Platform, "account_id": a.AccountID, "tracked_user_id": a.Number, "username": a.Username,
		"follower_count": a.FollowerCount, "following_count": a.FollowingCount, "posts_count": a.PostsCount,
		"tracked_at": moment(a.TrackedAt),
	}
}

// Status of a snapshot, a direct message or a job.
type Status string

// The states. A snapshot is open, finished or, when its account is not tracked any more, discarded; a message goes from
// queued to sent or failed; a job from queued, maybe by way of running, to finished or failed.
const (
	Open      Status = "open"
	Discarded Status = "discarded"
	Queued    Status = "queued"
	Running   Status = "running"
	Sent      Status = "sent"
	Finished  Status = "finished"
	Failed    Status = "failed"
)

// Snapshot is a row of tracking_snapshots.
type Snapshot struct {
	ID                string `gorm:"serializer:snp"`
	TenantID          string `gorm:"serializer:tnt"`
	Environment       principal.Environment
	TrackedAccountID  string `gorm:"serializer:tac"`
	Status            Status
	FollowerList      bool
	Kept              bool // whether its list is still there
	FollowersReceived int64
	Counts            `gorm:"embedded"`
	PreviousID        string `gorm:"serializer:snp"` // the snapshot whose list it is compared with
	JobID             string `gorm:"serializer:job"`
	CreatedAt         db.Time
	FinishedAt        db.Time
}

// TableName implements GORM's Tabler.
func (Snapshot) TableName() string { return "tracking_snapshots" }

func (s Snapshot) scope() principal.Scope {
	return principal.Scope{TenantID: s.TenantID, Environment: s.Environment}
}

// Follower is a row of tracking_followers: somebody on the list of a snapshot.
type Follower struct {
	TenantID    string `gorm:"serializer:tnt"`
	Environment principal.Environment
	SnapshotID  string `gorm:"serializer:snp"`
	UserID      string // on the platform
	Username    string
}

// TableName implements GORM's Tabler.
func (Follower) TableName() string { return "tracking_followers" }

// change is a follower that came or went as the data of its event. The exact time is not known: the event has
// that of the snapshot that shows the change.
func (f Follower) change(a Account, seen db.Time) map[string]any {
	return map[string]any{
		"platform": a.Platform, "tracked_username": a.Username, "target_username": f.Username,
		"target_user_id": f.UserID,
		"occurred_at":    moment(seen), "change_date": seen.UTC().Format(time.DateOnly),
	}
}

// Message is a row of direct_messages.
type Message struct {
	ID               string `gorm:"serializer:dms"`
	TenantID         string `gorm:"serializer:tnt"`
	Environment      principal.Environment
	UserNumber       int64  // of the member whom it belongs to; 0 for the tenant
	TrackedAccountID string `gorm:"serializer:tac"`
	Platform         string
	TrackedUsername  string
	TargetUsername   string
	Message          string
	DeviceID         string
	Status           Status
	Error            string
	ChargeID         string  `gorm:"serializer:crd"` // what it was paid with; empty when it was free
	ClaimedUntil     db.Time // until then no other claim gets it
	OccurredAt       db.Time
	CreatedAt        db.Time
}

// TableName implements GORM's Tabler.
func (Message) TableName() string { return "direct_messages" }

func (m Message) scope() principal.Scope {
	return principal.Scope{TenantID: m.TenantID, Environment: m.Environment}
}

// Data is the message as the data of its events.
func (m Message) Data() map[string]any {
	data := map[string]any{
		"platform": m.Platform, "tracked_username": m.TrackedUsername, "target_username": m.TargetUsername,
		"occurred_at": moment(m.OccurredAt), "message": m.Message,
	}
	if m.DeviceID != "" {
		data["device_id"] = m.DeviceID
	}
	if m.Error != "" {
		data["error"] = m.Error
	}
	return data
}

// Job is a row of tracker_jobs.
type Job struct {
	ID               string `gorm:"serializer:tjb"`
	TenantID         string `gorm:"serializer:tnt"`
	Environment      principal.Environment
	UserNumber       int64 // of the member whom it belongs to; 0 for the tenant
	Number           int64 // what events call it
	JobType          string
	Parameters       string // JSON
	Status           Status
	TotalLeadsStored int64
	Error            string
	ChargeID         string `gorm:"serializer:crd"` // what it was paid with; empty when it was free
	CreatedAt        db.Time
	StartedAt        db.Time
	FinishedAt       db.Time
}

// TableName implements GORM's Tabler.
func (Job) TableName() string { return "tracker_jobs" }

func (j Job) scope() principal.Scope {
	return principal.Scope{TenantID: j.TenantID, Environment: j.Environment}
}

// Data is the job as the data of its events.
func (j Job) Data() map[string]any {
	data := map[string]any{
		"job_id": j.Number, "job_type": j.JobType, "status": j.Status, "started_at": moment(j.StartedAt),
		"finished_at": moment(j.FinishedAt), "total_leads_stored": j.TotalLeadsStored,
	}
	if j.Error != "" {
		data["error"] = j.Error
	}
	return data
}

// moment is a time as the product writes it: RFC 3339 in UTC.
func moment(t db.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// Report is the outcome of a message, or the progress of a job.
type Report struct {
	Status           Status
	Error            string
	DeviceID         string
	TotalLeadsStored *int64  // nil leaves it as it is
	At               db.Time // when
}

// check refuses a failure without a reason, and a reason without a failure.
func (r Report) check() error {
	switch {
	case r.Status == Failed && r.Error == "":
		return problem.Invalid(problem.Detail{Field: "error", Message: "is required with the status failed"})
	case r.Status != Failed && r.Error != "":
		return problem.Invalid(problem.Detail{Field: "error", Message: "is only for the status failed"})
	}
	return nil
}

// complete returns the message with its outcome.
func (m Message) complete(r Report) (Message, error) {
	if m.Status != Queued {
		return m, problem.New(problem.Conflict, "The outcome of this message is known already: it is %s.", m.Status)
	}
	m.Status, m.Error, m.OccurredAt = r.Status, r.Error, r.At
	if r.DeviceID != "" {
		m.DeviceID = r.DeviceID
	}
	return m, nil
}

// advance returns the job after a report. Running may be reported repeatedly, as progress.
func (j Job) advance(r Report) (Job, error) {
	if j.Status == Finished || j.Status == Failed {
		return j, problem.New(problem.Conflict, "This job is over already: it is %s.", j.Status)
	}
	if j.StartedAt.IsZero() {
		j.StartedAt = r.At
	}
	j.Status, j.Error = r.Status, r.Error
	if r.TotalLeadsStored != nil {
		j.TotalLeadsStored = *r.TotalLeadsStored
	}
	if r.Status != Running {
		if r.At.Before(j.StartedAt.Time) {
			return j, problem.Invalid(problem.Detail{Field: "occurred_at", Message: "is before the job was started"})
		}
		j.FinishedAt = r.At
	}
	return j, nil
}

// tolerance is the accepted clock skew of a tracker.
const tolerance = time.Minute

// checkPast refuses a time in the future: as an account's latest, it would block all earlier ones.
func checkPast(field string, at db.Time, now time.Time) error {
	if at.After(now.Add(tolerance)) {
		return problem.Invalid(problem.Detail{Field: field, Message: "lies in the future"})
	}
	return nil
}

// checkLater refuses a snapshot that is not later than the account's latest.
func (a Account) checkLater(c Counts) error {
	if !a.TrackedAt.IsZero() && !c.TrackedAt.After(a.TrackedAt.Time) {
		return problem.New(problem.Conflict,
			"The latest snapshot of this account was tracked at %s; this one is not later.", moment(a.TrackedAt))
	}
	return nil
}

// numberOf reads an id that may be the number by which events name a thing.
func numberOf(id string) (int64, bool) {
	n, err := strconv.ParseInt(id, 10, 64)
	return n, err == nil && n > 0
}
