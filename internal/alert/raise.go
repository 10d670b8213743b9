package alert

import (
	"context"
	"encoding/json"
	"fmt"

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

// Teller turns what happens to endpoints and deliveries into events, and events into alerts; all of it in the
// transaction of what happened.
type Teller struct {
	store  *Store
	outbox outbox
	wake   func(endpointIDs []string) // has endpoints looked at that may have reached a limit; nil where nobody looks
}

// NewTeller makes a Teller.
func NewTeller(store *Store, o outbox) *Teller { return &Teller{store: store, outbox: o} }

func (t *Teller) emit(tx *gorm.DB, scope principal.Scope, eventType string, data any) error {
	return t.outbox.Tx(db.Context(tx), func(tx *event.Tx) error { return tx.Emit(scope, eventType, data) })
}

// Settled tells of dead letters and of endpoints that succeed again. The death of a delivery that carries an operational
// event is told by none: it could die in turn.
func (t *Teller) Settled(tx *gorm.DB, all delivery.Settled) error {
	for _, d := range all.Dead {
		if event.Operational(d.EventType) {
			continue
		}
		if err := t.emit(tx, d.Scope(), Dead, deadOf(d)); err != nil {
			return err
		}
	}
	t.failed(tx, all.Failing)
	return t.recovered(tx, all.Recovered)
}

// failed has those endpoints looked at that have been failing for long, once it is committed that they failed again.
func (t *Teller) failed(tx *gorm.DB, endpoints []endpoint.Endpoint) {
	if t.wake == nil {
		return
	}
	var ids []string
	for _, e := range endpoints {
		if t.store.now().Sub(e.FailingSince.Time) >= earliest {
			ids = append(ids, e.ID)
		}
	}
	if len(ids) > 0 {
		db.AfterCommit(db.Context(tx), func() { t.wake(ids) })
	}
}

func (t *Teller) recovered(tx *gorm.DB, endpoints []endpoint.Endpoint) error {
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
			err = t.emit(tx, e.Scope(), Recovered, recoveredData{of(e), db.At(t.store.now()).Time})
		case any:
			err = t.store.resolve(tx, e.Scope(), e.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Switched tells of an endpoint that Hookline disabled, and ends the alerts of one that was enabled or deleted.
func (t *Teller) Switched(tx *gorm.DB, e endpoint.Endpoint) error {
	if e.Enabled || !e.DeletedAt.IsZero() {
		return t.store.resolve(tx, e.Scope(), e.ID)
	}
	return t.emit(tx, e.Scope(), Disabled, disabledData{
		about: of(e), Reason: e.DisabledReason, FailingSince: e.FailingSince.Pointer(),
		ConsecutiveFailures: e.ConsecutiveFailures, DisabledAt: e.UpdatedAt.Time,
	})
}

// Emitted raises the alert of an operational event, or ends those that it makes obsolete.
func (t *Teller) Emitted(tx *gorm.DB, e event.Event) error {
	if e.Type == Recovered {
		var d recoveredData
		if err := json.Unmarshal([]byte(e.Data), &d); err != nil {
			return fmt.Errorf("alert: %w", err)
		}
		return t.store.recover(tx, e.Scope(), d.WebhookID)
	}
	a, ok, err := conditionOf(e)
	if err != nil || !ok {
		return err
	}
	return t.store.raise(tx, a)
}

// raise stores an alert and what is to be sent of it, unless its condition has raised one already.
func (s *Store) raise(tx *gorm.DB, a Alert) error {
	a.ID, a.CreatedAt = id.New(id.Alert), db.At(s.now())
	result := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&a)
	if result.Error != nil || result.RowsAffected == 0 {
		return result.Error
	}
	return s.notify(tx, a, Raised, a.Condition)
}

// notify makes the notifications of an alert for the channels that want to hear of the condition.
func (s *Store) notify(tx *gorm.DB, a Alert, about About, condition string) error {
	channels, err := s.channelsFor(tx, a)
	if err != nil {
		return err
	}
	now := db.At(s.now())
	var out []Notification
	for _, c := range channels {
		if c.wants(condition) {
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

// channelsFor are the channels that an alert may be told by.
func (s *Store) channelsFor(tx *gorm.DB, a Alert) ([]Channel, error) {
	if a.forOperators() {
		return s.operators, nil
	}
	var channels []Channel
	err := db.Scope(tx, a.scope()).Order("created_at, id").Find(&channels).Error
	return channels, err
}

// recover ends all alerts about an endpoint and tells of it once, by the newest warning.
func (s *Store) recover(tx *gorm.DB, scope principal.Scope, subject string) error {
	var newest []Alert
	err := db.Scope(tx, scope).Where("subject = ? AND resolved_at IS NULL AND condition IN ?", subject, []string{Failing, Disabled}).
		Order("created_at DESC, id DESC").Limit(1).Find(&newest).Error
	if err != nil {
		return err
	}
	if err := s.resolve(tx, scope, subject); err != nil || len(newest) == 0 {
		return err
	}
	return s.notify(tx, newest[0], Resolved, Recovered)
}

// resolve ends all alerts about an endpoint, operators' too: an id is nobody else's. Warnings that were not sent yet are
// not sent any more.
func (s *Store) resolve(tx *gorm.DB, scope principal.Scope, subject string) error {
	if err := scope.Check(); err != nil {
		return err
	}
	return tx.Model(&Alert{}).Where("subject = ? AND resolved_at IS NULL", subject).
		Where("((tenant_id = ? AND environment = ?) OR tenant_id = '')", scope.TenantID, scope.Environment).
		Update("resolved_at", db.At(s.now())).Error
}
