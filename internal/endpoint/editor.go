package endpoint

import (
	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
)

// listener is called, in the transaction, with each endpoint that Hookline disabled, that was enabled again, or that
// was deleted; *alert.Reporter is one.
type listener interface {
	EndpointChanged(tx *gorm.DB, e Endpoint) error
}

// retrier retries deliveries at once, in the transaction, when the owner of their endpoint enables it, even if it was
// enabled. The endpoint's row is locked. *delivery.Store is one.
type retrier interface {
	RetryNow(tx *gorm.DB, e Endpoint) error
}

// Editor is a Store that also changes, disables and deletes endpoints, and updates deliveries and alerts. It is a type
// of its own because deliveries and alerts are built on the Store.
type Editor struct {
	*Store

	deliveries retrier
	listener   listener
}

// NewEditor makes an Editor of the endpoints in a store.
func NewEditor(s *Store, deliveries retrier, l listener) *Editor {
	return &Editor{Store: s, deliveries: deliveries, listener: l}
}

// setEnabled applies an owner's change of whether the endpoint is enabled. A disabled one keeps its reason; an enabled
// one starts without its former failures.
func (s *Editor) setEnabled(tx *gorm.DB, was Endpoint, e *Endpoint) error {
	if was.Enabled || !e.Enabled {
		if !was.Enabled {
			e.DisabledReason = was.DisabledReason
		}
		return nil
	}
	e.ConsecutiveFailures, e.FailingSince, e.LastFailureAt = 0, db.Time{}, db.Time{}
	err := tx.Model(&Endpoint{}).Where("id = ?", e.ID).Select("consecutive_failures", "failing_since",
		"last_failure_at").Updates(e).Error
	if err != nil {
		return err
	}
	return s.listener.EndpointChanged(tx, *e)
}
