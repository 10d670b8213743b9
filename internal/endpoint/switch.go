package endpoint

import (
	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
)

// Reasons why Hookline turns an endpoint off.
const (
	ReasonFailing = "failing" // it failed for too long
	ReasonGone    = "gone"    // it answered 410
)

// OnSwitch has f told, in the transaction, of each endpoint that Hookline disabled, that was enabled again, or that was
// deleted. It is to be called before the first.
func (s *Store) OnSwitch(f func(tx *gorm.DB, e Endpoint) error) { s.switched = f }

func (s *Store) tell(tx *gorm.DB, e Endpoint) error {
	if s.switched == nil {
		return nil
	}
	return s.switched(tx, e)
}

// Disable turns an endpoint off, in a transaction, for a reason of Hookline's own. One that is off or deleted stays as
// it is.
func (s *Store) Disable(tx *gorm.DB, endpointID, reason string) error {
	var rows []Endpoint
	err := s.db.Locked(tx).Where("id = ? AND deleted_at IS NULL", endpointID).Find(&rows).Error
	if err != nil || len(rows) == 0 || !rows[0].Enabled {
		return err
	}
	e := rows[0]
	e.Enabled, e.DisabledReason, e.UpdatedAt = false, reason, db.At(s.now())
	err = tx.Model(&Endpoint{}).Where("id = ?", e.ID).Select("enabled", "disabled_reason", "updated_at").Updates(&e).Error
	if err != nil {
		return err
	}
	return s.tell(tx, e)
}

// turn does what follows from a change of its owner for whether the endpoint is on. What is off stays off for its reason;
// what is turned on starts anew, without the failures of before.
func (s *Store) turn(tx *gorm.DB, was Endpoint, e *Endpoint) error {
	if was.Enabled || !e.Enabled {
		if !was.Enabled {
			e.DisabledReason = was.DisabledReason
		}
		return nil
	}
	e.ConsecutiveFailures, e.FailingSince, e.LastFailureAt = 0, db.Time{}, db.Time{}
	err := tx.Model(&Endpoint{}).Where("id = ?", e.ID).Select("consecutive_failures", "failing_since", "last_failure_at").Updates(e).Error
	if err != nil {
		return err
	}
	return s.tell(tx, *e)
}
