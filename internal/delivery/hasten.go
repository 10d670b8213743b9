package delivery

import (
	"slices"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
)

// hastenMost bounds what one call of an owner changes, in one transaction; what is beyond keeps its own time.
const hastenMost = 1000

// RetryNow makes due, in the transaction in which its owner says that an endpoint takes events again, what waits there
// for a retry. It goes through a gate, so that it does not come all at once. What a worker holds is passed over, and so
// is all that is not waiting.
func (s *Store) RetryNow(tx *gorm.DB, e endpoint.Endpoint) error {
	now := s.now()
	var ids []string
	err := s.db.ForUpdateSkipLocked(db.Scope(tx, e.Scope())).Model(&Delivery{}).
		Where("endpoint_id = ? AND status = ? AND next_attempt_at > ?", e.ID, Retrying, db.At(now)).
		Order("next_attempt_at").Limit(hastenMost).Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return err
	}
	g := e.Throttle.Start(now)
	g.ReleaseAt = db.At(now)
	if err := writeGate(tx, e.ID, g); err != nil {
		return err
	}
	for some := range slices.Chunk(ids, divertBatch) {
		err := tx.Model(&Delivery{}).Where("id IN ?", some).
			Updates(map[string]any{"next_attempt_at": db.At(now), "deadline_at": db.At(now.Add(parkedFor)),
				"admission": Deferred}).Error
		if err != nil {
			return err
		}
	}
	return nil
}
