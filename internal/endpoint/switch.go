package endpoint

import (
	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
)

// OnSwitch has f told, in the transaction, of each endpoint that Hookline disabled, that was enabled again, or that was
// deleted. It is to be called before the first.
func (s *Store) OnSwitch(f func(tx *gorm.DB, e Endpoint) error) { s.switched = f }

// OnAgain has f told, in the transaction, of each endpoint whose owner says that it takes events again, whether it was
// disabled or not. The row is locked. It is to be called before the first.
func (s *Store) OnAgain(f func(tx *gorm.DB, e Endpoint) error) { s.again = f }

func (s *Store) tell(tx *gorm.DB, e Endpoint) error {
	if s.switched == nil {
		return nil
	}
	return s.switched(tx, e)
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
