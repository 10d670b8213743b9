package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/deadletter"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/deliverylog"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/job"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/tenant"
	"github.com/hookline/hookline/internal/wire"
)

// DeadLetters lists, replays and purges dead letters in a database, for operators at a command line. It needs no
// running process: it changes rows, and workers deliver what it replays.
type DeadLetters struct {
	db     *db.DB
	redis  *queue.Redis
	store  *deadletter.Store
	bulk   *deadletter.Bulk
	runner *job.Runner
	log    *audit.Log
}

// OpenDeadLetters opens the database. Redis is optional: only the tasks of purged deliveries are
// deleted there.
func OpenDeadLetters(ctx context.Context, c config.Config) (*DeadLetters, error) {
	d, err := openMigrated(ctx, c.DatabaseURL)
	if err != nil {
		return nil, err
	}
	l := &DeadLetters{db: d}
	var tasks interface {
		Forget(ctx context.Context, deliveryIDs []string) error
	}
	if c.RedisURL != "" && c.RedisURL != queue.EmbeddedURL {
		if l.redis, err = queue.Open(c.RedisURL); err != nil {
			l.Close()
			return nil, &config.Error{Text: fmt.Sprintf("HOOKLINE_REDIS_URL is not usable: %s.", redisReason(err))}
		}
		tasks = queue.New(l.redis, c.TaskTimeout)
	}
	now := clock.System
	l.log = audit.New(d, now)
	// It sends nothing, so it needs no secret and no claim.
	endpoints, events := endpoint.NewStore(d, nil, now), event.NewStore(d)
	deliveries := delivery.NewStore(d, endpoints, events, now, delivery.Config{Covers: tenant.HaveWebhooks})
	l.store = deadletter.NewStore(d, events, endpoints, now, deadletter.Config{Suspended: deliveries.Suspended})
	jobs := job.NewStore(d, now)
	l.bulk = deadletter.NewBulk(l.store, jobs, l.log, now)
	l.runner = job.NewRunner(jobs, deadletter.Steps(l.store, tasks, c.RetentionDeliveries, 0))
	return l, nil
}

// Close closes the connections.
func (l *DeadLetters) Close() {
	if l.redis != nil {
		_ = l.redis.Close()
	}
	_ = l.db.Close()
}

// Selection selects dead letters; empty fields don't narrow it.
type Selection struct {
	TenantID, Environment string
	Filter                api.DeadLetterFilter
}

func (s Selection) scope() principal.Scope {
	return principal.Scope{TenantID: s.TenantID, Environment: principal.Environment(s.Environment)}
}

// List returns the newest dead letters, at most limit.
func (l *DeadLetters) List(ctx context.Context, s Selection, limit int) ([]api.TenantDeadLetter, error) {
	f, err := deadletter.ParseFilter(s.Filter)
	if err != nil {
		return nil, err
	}
	rows, _, err := l.store.List(ctx, deadletter.Everywhere(s.scope()), page.Log{Limit: limit}, f)
	return wire.Map(rows, deadletter.ToTenantWire), err
}

// Show returns a delivery with its body and attempts.
func (l *DeadLetters) Show(ctx context.Context, deliveryID string) (api.DeliveryDetail, error) {
	detail, err := l.store.Find(ctx, deadletter.Everywhere(principal.Scope{}), deliveryID)
	if err != nil {
		return api.DeliveryDetail{}, err
	}
	return deliverylog.DetailToWire(detail), nil
}

// Count returns how many are selected, and how many of them a replay would skip.
func (l *DeadLetters) Count(ctx context.Context, s Selection) (total, skipped int, err error) {
	survey, err := l.bulk.Preview(ctx, l.request(deadletter.KindReplay, s))
	for _, n := range survey.Skipped {
		skipped += n
	}
	return survey.Total, skipped, err
}

func (l *DeadLetters) request(kind string, s Selection) deadletter.Request {
	return deadletter.Request{Kind: kind, Scope: s.scope(), Operator: true, Filter: s.Filter}
}

// Replay makes the selected dead letters due, Purge deletes them. Both run as a job, which workers complete when this
// process can't; watch is called after each step.
func (l *DeadLetters) Replay(ctx context.Context, s Selection, watch func(api.TenantJob)) (api.TenantJob, error) {
	return l.run(ctx, deadletter.KindReplay, s, watch)
}

// Purge deletes the selected dead letters; see Replay.
func (l *DeadLetters) Purge(ctx context.Context, s Selection, watch func(api.TenantJob)) (api.TenantJob, error) {
	return l.run(ctx, deadletter.KindPurge, s, watch)
}

func (l *DeadLetters) run(ctx context.Context, kind string, s Selection, watch func(api.TenantJob)) (api.TenantJob,
	error) {
	action := map[string]string{deadletter.KindReplay: "dead_letters.replayed",
		deadletter.KindPurge: "dead_letters.purged"}[kind]
	j, err := l.bulk.Start(atCommandLine(ctx, action), l.request(kind, s))
	if err != nil {
		return api.TenantJob{}, err
	}
	j, err = l.runner.Run(ctx, j.ID, func(j job.Job) { watch(job.ToTenantWire(j)) })
	return job.ToTenantWire(j), err
}

// ReplayOne makes one dead letter due.
func (l *DeadLetters) ReplayOne(ctx context.Context, deliveryID string) error {
	return l.one(ctx, "dead_letter.replayed", deliveryID, l.store.ReplayPart)
}

// PurgeOne deletes one dead letter.
func (l *DeadLetters) PurgeOne(ctx context.Context, deliveryID string) error {
	return l.one(ctx, "dead_letters.purged", deliveryID, l.store.PurgePart)
}

// changeOf changes dead letters in a transaction: deadletter's ReplayPart or PurgePart.
type changeOf func(ctx context.Context, a deadletter.AccessScope, f deadletter.Filter, by time.Time, from string,
	limit int) (deadletter.Part, error)

func (l *DeadLetters) one(ctx context.Context, action, deliveryID string, do changeOf) error {
	everywhere := deadletter.Everywhere(principal.Scope{})
	return l.log.Do(atCommandLine(ctx, action), func(ctx context.Context) (audit.Change, error) {
		found, err := l.store.Find(ctx, everywhere, deliveryID)
		if err != nil {
			return audit.Change{}, err
		}
		d := found.Delivery
		if d.Status != delivery.Dead {
			return audit.Change{}, problem.New(problem.Conflict, "%s is not a dead letter: it is %s.", d.ID, d.Status)
		}
		part, err := do(ctx, everywhere, deadletter.Filter{ID: d.ID}, d.FinishedAt.Time, "", 1)
		for reason := range part.Skipped {
			err = errors.Join(err, problem.New(problem.Conflict, "%s can't be sent: %s.", d.ID, reason))
		}
		return audit.Change{TenantID: d.TenantID, Target: d.ID, Before: deliverylog.ToWire(d)}, err
	})
}

// atCommandLine sets the actor of audit entries: somebody with access to the database.
func atCommandLine(ctx context.Context, action string) context.Context {
	return audit.WithAction(principal.With(ctx, principal.Principal{Operator: true,
		OperatorRole: principal.OperatorAdmin, KeyName: "Command line"}), action)
}
