package alert

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
)

type outbox interface {
	Tx(ctx context.Context, fn func(tx *event.Tx) error) error
}

// Reporter publishes operational events about endpoints, deliveries and credits, each in the transaction that changed
// them. Store raises the alerts of those events.
type Reporter struct {
	store  *Store
	outbox outbox

	mu     sync.Mutex
	failed map[string]bool // endpoints that failed again and may exceed a limit; the Monitor takes them
}

// NewReporter makes a Reporter.
func NewReporter(store *Store, o outbox) *Reporter {
	return &Reporter{store: store, outbox: o, failed: map[string]bool{}}
}

// emit publishes an event that concerns a member, 0 for the tenant.
func (r *Reporter) emit(tx *gorm.DB, scope principal.Scope, member int64, eventType string, data any) error {
	return r.outbox.Tx(db.Context(tx), func(tx *event.Tx) error { return tx.EmitOf(member, scope, eventType, data) })
}

// DeliveriesCompleted publishes dead letters and endpoints that succeed again. It publishes no dead delivery of an
// operational event, whose own delivery could die in turn.
func (r *Reporter) DeliveriesCompleted(tx *gorm.DB, all delivery.Completed) error {
	for _, d := range all.Dead {
		if event.Operational(d.EventType) {
			continue
		}
		if err := r.emit(tx, d.Scope(), all.Owners[d.EndpointID], Dead, deadOf(d)); err != nil {
			return err
		}
	}
	r.noteFailed(tx, all.Failing)
	return r.recovered(tx, all.Recovered)
}

// noteFailed hands the Monitor, after the commit, those endpoints that failed again and have been failing for long.
func (r *Reporter) noteFailed(tx *gorm.DB, endpoints []endpoint.Endpoint) {
	var ids []string
	for _, e := range endpoints {
		if r.store.now().Sub(e.FailingSince.Time) >= earliest {
			ids = append(ids, e.ID)
		}
	}
	if len(ids) == 0 {
		return
	}
	db.AfterCommit(db.Context(tx), func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, id := range ids {
			r.failed[id] = true
		}
	})
}

// takeFailed returns and removes the endpoints that failed since the last call.
func (r *Reporter) takeFailed() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	ids := slices.Sorted(maps.Keys(r.failed))
	clear(r.failed)
	return ids
}

func (r *Reporter) recovered(tx *gorm.DB, endpoints []endpoint.Endpoint) error {
	if len(endpoints) == 0 {
		return nil
	}
	ids := make([]string, 0, len(endpoints))
	for _, e := range endpoints {
		ids = append(ids, e.ID)
	}
	var open []Alert
	if err := tx.Where("tenant_id <> '' AND subject IN ? AND resolved_at IS NULL", ids).Find(&open).Error; err != nil {
		return err
	}
	alarming := map[string]bool{}
	for _, a := range open {
		alarming[a.Subject] = alarming[a.Subject] || a.Condition != Dead
	}
	for _, e := range endpoints {
		serious, any := alarming[e.ID]
		var err error
		switch {
		case serious:
			err = r.emit(tx, e.Scope(), e.UserNumber, Recovered, recoveredData{of(e), db.At(r.store.now()).Time})
		case any:
			err = r.store.resolve(tx, e.Scope(), e.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// EndpointChanged publishes that Hookline disabled an endpoint, and resolves the alerts of one that was enabled or
// deleted.
func (r *Reporter) EndpointChanged(tx *gorm.DB, e endpoint.Endpoint) error {
	if e.Enabled || !e.DeletedAt.IsZero() {
		return r.store.resolve(tx, e.Scope(), e.ID)
	}
	return r.emit(tx, e.Scope(), e.UserNumber, Disabled, disabledData{
		about: of(e), Reason: e.DisabledReason, FailingSince: e.FailingSince.Pointer(),
		ConsecutiveFailures: e.ConsecutiveFailures, DisabledAt: e.UpdatedAt.Time,
	})
}

// OperationalEvent raises the alert of an operational event, in the transaction that emits it, or resolves those that
// the event makes obsolete.
func (s *Store) OperationalEvent(tx *gorm.DB, e event.Event) error {
	if e.Type == Recovered {
		var d recoveredData
		if err := json.Unmarshal([]byte(e.Data), &d); err != nil {
			return fmt.Errorf("alert: %w", err)
		}
		return s.recover(tx, e.Scope(), d.WebhookID)
	}
	a, ok, err := conditionOf(e)
	if err != nil || !ok {
		return err
	}
	a.UserNumber = e.UserNumber
	return s.raise(tx, a)
}

// raise stores an alert and its notifications, unless an alert with its key exists.
func (s *Store) raise(tx *gorm.DB, a Alert) error {
	a.ID, a.CreatedAt = id.New(id.Alert), db.At(s.now())
	result := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&a)
	if result.Error != nil || result.RowsAffected == 0 {
		return result.Error
	}
	return s.notify(tx, a, Raised, a.Condition)
}

// notify creates the notifications of an alert for the channels that subscribe to the condition.
func (s *Store) notify(tx *gorm.DB, a Alert, about About, condition string) error {
	channels, err := s.channelsFor(tx, a)
	if err != nil {
		return err
	}
	now := db.At(s.now())
	var out []Notification
	for _, c := range channels {
		if c.wants(a, condition) {
			out = append(out, Notification{
				ID: id.New(id.AlertNotification), TenantID: a.TenantID, AlertID: a.ID, ChannelID: c.ID, About: about,
				Status: Pending, NextAttemptAt: now, CreatedAt: now,
			})
		}
	}
	if len(out) == 0 {
		return nil
	}
	return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&out).Error
}

// channelsFor are the channels that an alert may be sent to.
func (s *Store) channelsFor(tx *gorm.DB, a Alert) ([]Channel, error) {
	if a.forOperators() {
		return s.operators, nil
	}
	var channels []Channel
	err := db.Scope(tx, a.scope()).Order("created_at, id").Find(&channels).Error
	return channels, err
}

// recover resolves all alerts about an endpoint and notifies its channels once, for the newest warning.
func (s *Store) recover(tx *gorm.DB, scope principal.Scope, subject string) error {
	var newest []Alert
	err := db.Scope(tx, scope).Where("subject = ? AND resolved_at IS NULL AND condition IN ?", subject,
		[]string{Failing, Disabled}).
		Order("created_at DESC, id DESC").Limit(1).Find(&newest).Error
	if err != nil {
		return err
	}
	if err := s.resolve(tx, scope, subject); err != nil || len(newest) == 0 {
		return err
	}
	return s.notify(tx, newest[0], Resolved, Recovered)
}

// resolve resolves all alerts about an endpoint, operators' too: ids are unique. Warnings that were not sent yet are
// not sent any more.
func (s *Store) resolve(tx *gorm.DB, scope principal.Scope, subject string) error {
	if err := scope.Check(); err != nil {
		return err
	}
	return tx.Model(&Alert{}).Where("subject = ? AND resolved_at IS NULL", subject).
		Where("((tenant_id = ? AND environment = ?) OR tenant_id = '')", scope.TenantID, scope.Environment).
		Update("resolved_at", db.At(s.now())).Error
}
