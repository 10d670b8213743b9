package delivery

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/queue"
)

// ReleaseOnly does what a releaser does whose process is killed before it puts what it admitted on the queue. It
// returns how many deliveries it admitted.
func ReleaseOnly(ctx context.Context, s *Store, endpointID string) (int, error) {
	ids, err := (&Releaser{store: s, quiet: map[string]time.Time{}}).release(ctx, endpointID)
	return len(ids), err
}

// ClaimOnly does what a worker does with a delivery that has a row and is killed before its request.
func ClaimOnly(ctx context.Context, s *Store, deliveryID string) error {
	_, err := s.Claim(ctx, queue.Fast, []id.UUID{mustUUID(deliveryID)})
	return err
}

// PlanOnly does what a worker does with a batch of events, and is killed before its requests. It returns how many it
// would make.
func PlanOnly(ctx context.Context, s *Store, eventID string, late bool) (int, error) {
	jobs, _, err := s.planOf(ctx, []id.UUID{mustUUID(eventID)}, late)
	return len(jobs), err
}

// LeaseOnly does what a worker does with a batch of events whose requests take long, and is killed then.
func LeaseOnly(ctx context.Context, s *Store, eventID string) error {
	jobs, _, err := s.planOf(ctx, []id.UUID{mustUUID(eventID)}, false)
	if err != nil {
		return err
	}
	return s.leaseRunning(ctx, jobs, time.Now())
}

// GiveRow does what the reconciler does with an event that nobody has delivered in time.
func GiveRow(ctx context.Context, s *Store, eventID string) error {
	return s.db.Tx(ctx, func(tx *gorm.DB) error {
		events, err := s.events.ByID(tx, []id.UUID{mustUUID(eventID)})
		if err != nil {
			return err
		}
		return s.giveRows(tx, events)
	})
}
