// Package audit is the append-only record of who changed what: actor, address, action, and the thing before and after.
// It records what the API shows, so it contains no secret. An entry is committed together with its change.
package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
)

// Entry is a row of audit_log. Before and After are JSON, "null" when there was or is nothing.
type Entry struct {
	ID          string
	TenantID    string `tenant:"optional"` // empty for what operators do to no tenant
	Environment principal.Environment
	ActorType   string
	ActorID     string
	ActorName   string
	ActorRole   string // of an operator
	UserNumber  int64  // of the actor, if that is a member
	Address     string
	RequestID   string
	Action      string
	Target      string
	Before      string
	After       string
	CreatedAt   db.Time
}

// TableName implements GORM's Tabler.
func (Entry) TableName() string { return "audit_log" }

// Change describes what an action changed: the target, and its state before and after. TenantID is the target's tenant
// when an operator acts; otherwise it is the caller's.
type Change struct {
	TenantID string
	Target   string
	Before   any
	After    any
}

// Log records and reads entries.
type Log struct {
	db  *db.DB
	now clock.Clock
}

// New makes a Log.
func New(database *db.DB, now clock.Clock) *Log { return &Log{db: database, now: now} }

// Do runs fn and records the change that it returns, both in one transaction. The context carries the actor and the
// action, which is the operation's x-audit in the contract.
func (l *Log) Do(ctx context.Context, fn func(ctx context.Context) (Change, error)) error {
	return l.DoIf(ctx, func(ctx context.Context) (Change, bool, error) {
		c, err := fn(ctx)
		return c, true, err
	})
}

// DoIf is Do for operations that may change nothing: fn reports whether there is a change to record.
func (l *Log) DoIf(ctx context.Context, fn func(ctx context.Context) (Change, bool, error)) error {
	return l.db.Unit(ctx, func(ctx context.Context) error {
		c, changed, err := fn(ctx)
		if err != nil || !changed {
			return err
		}
		return l.Record(ctx, actionOf(ctx), c)
	})
}

// Record adds an entry, in the transaction of ctx if it has one.
func (l *Log) Record(ctx context.Context, action string, c Change) error {
	p := principal.From(ctx)
	e := Entry{
		ID: id.New(id.Audit), TenantID: p.TenantID, Environment: p.Environment,
		Address: p.Address, RequestID: p.RequestID, Action: action, Target: c.Target, CreatedAt: db.At(l.now()),
	}
	e.ActorType, e.ActorID, e.ActorName = p.Actor()
	e.ActorRole, e.UserNumber = string(p.OperatorRole), p.UserNumber
	if c.TenantID != "" {
		e.TenantID = c.TenantID
	}
	var err error
	if e.Before, err = text(c.Before); err != nil {
		return err
	}
	if e.After, err = text(c.After); err != nil {
		return err
	}
	return l.db.Tx(ctx, func(tx *gorm.DB) error { return tx.Create(&e).Error })
}

func text(v any) (string, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("audit: %w", err)
	}
	return string(raw), nil
}

type actionKey struct{}

// WithAction returns a context for an operation whose x-audit is action.
func WithAction(ctx context.Context, action string) context.Context {
	return context.WithValue(ctx, actionKey{}, action)
}

func actionOf(ctx context.Context) string {
	action, _ := ctx.Value(actionKey{}).(string)
	return action
}

// Filter narrows a list by its fields that are not empty. From is inclusive, To exclusive.
type Filter struct {
	TenantID, Action, ActorID, Target string
	From, To                          time.Time
}

// List returns a tenant's entries newest first, and the cursor of the next page. The live environment sees both; the
// test environment sees its own, since entries contain what was changed. Where things belong to users, each sees what
// it did itself.
func (l *Log) List(ctx context.Context, scope principal.Scope, p page.Log, f Filter) ([]Entry, *string, error) {
	q := db.Tenant(l.db.Read(ctx), scope.TenantID)
	if scope.Environment != principal.Live {
		q = db.Scope(l.db.Read(ctx), scope)
	}
	return list(db.Owned(q), p, f)
}

// ListAll is List over all tenants, for operators.
func (l *Log) ListAll(ctx context.Context, p page.Log, f Filter) ([]Entry, *string, error) {
	return list(db.WhereOptional(l.db.Read(ctx), map[string]string{"tenant_id": f.TenantID}), p, f)
}

func list(q *gorm.DB, p page.Log, f Filter) ([]Entry, *string, error) {
	q = db.WhereTimeRange(q, "created_at", f.From, f.To)
	q = db.WhereOptional(q, map[string]string{"action": f.Action, "actor_id": f.ActorID, "target": f.Target})
	return db.PaginateKeyset(q, p, func(e Entry) page.Cursor { return page.Cursor{At: e.CreatedAt.Time, ID: e.ID} })
}

// DeleteOlder deletes at most limit entries, of all tenants, that are older than the age, and returns how many. 0 keeps
// all.
func (l *Log) DeleteOlder(ctx context.Context, age time.Duration, limit int) (int64, error) {
	if age == 0 {
		return 0, nil
	}
	return l.db.Affected(ctx, func(tx *gorm.DB) *gorm.DB {
		return tx.Exec("DELETE FROM audit_log WHERE id IN (SELECT id FROM audit_log WHERE created_at < ? ORDER BY "+
			"created_at, id LIMIT ?)", db.At(l.now().Add(-age)), limit)
	})
}
