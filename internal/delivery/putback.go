package delivery

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
)

// internalWait is how long a delivery waits after an internal error: long enough for an operator's repair, and for
// many of them not to be a load of their own.
const internalWait = time.Minute

// putBack ends a claim whose request was never sent because of an internal error. No request, no attempt: the attempt's
// row goes, and neither the retry policy nor the endpoint learns of it. It returns the delivery as it is then.
func (s *Store) putBack(ctx context.Context, c claim, message string) (Delivery, error) {
	d, next := c.delivery, s.now().Add(internalWait)
	d.Status, d.Reason, d.Error = Retrying, ReasonInternal, message
	d.AttemptCount--
	d.NextAttemptAt, d.DeadlineAt = db.At(next), db.At(next.Add(grace))
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		if d.Admission != Unthrottled {
			at := []endpoint.Endpoint{c.endpoint}
			if err := s.call(tx, at); err != nil {
				return err
			}
			d.Admission = Unthrottled
			if at[0].Throttle.Throttled() {
				d.Admission, d.DeadlineAt = Deferred, db.At(next.Add(parkedFor))
			}
		}
		changed := tx.Model(&Delivery{}).
			Where("id = ? AND status = ? AND attempt_count = ?", d.ID, Delivering, c.attempt.Number).
			Updates(map[string]any{"status": d.Status, "reason": d.Reason, "error": d.Error,
				"attempt_count": d.AttemptCount, "next_attempt_at": d.NextAttemptAt, "deadline_at": d.DeadlineAt,
				"admission": d.Admission})
		if changed.Error != nil || changed.RowsAffected == 0 { // somebody else has claimed it since
			return changed.Error
		}
		return tx.Where("delivery_id = ? AND number = ?", d.ID, c.attempt.Number).Delete(&Attempt{}).Error
	})
	return d, err
}
