package deliverylog

import (
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/endpoint"
)

// tellWhen sets when deferred deliveries are tried next: not before their endpoint's throttle admits any. A row does
// not have that, since it changes for all deliveries of an endpoint at once.
func (s *Store) tellWhen(q *gorm.DB, rows []delivery.Delivery) error {
	ids := map[string]bool{}
	for _, d := range rows {
		if d.Admission == delivery.Deferred {
			ids[d.EndpointID] = true
		}
	}
	if len(ids) == 0 {
		return nil
	}
	owners, err := s.endpoints.ByID(q, slices.Sorted(maps.Keys(ids)))
	if err != nil {
		return err
	}
	now := s.now()
	for i := range rows {
		if rows[i].Admission == delivery.Deferred {
			deferUntil(&rows[i], owners[rows[i].EndpointID], now)
		}
	}
	return nil
}

func deferUntil(d *delivery.Delivery, e endpoint.Endpoint, now time.Time) {
	next := now
	if until, shut := e.Throttle.Shut(now); shut {
		next = until
	}
	if d.NextAttemptAt.After(next) {
		return // its own retry is later
	}
	d.NextAttemptAt, d.Reason = db.At(next), delivery.ReasonThrottled
}
