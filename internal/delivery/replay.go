package delivery

import (
	"context"
	"maps"
	"slices"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/principal"
)

// Replay makes a dead delivery pending again, with its whole retry policy before it. The caller then tells the queue.
func (s *Store) Replay(ctx context.Context, scope principal.Scope, deliveryID string) (Delivery, error) {
	return s.replay(ctx, scope, deliveryID, "Only a dead delivery can be replayed; this one is %s.", Dead)
}

// Resend is Replay for a delivery that is over, however it ended. It is the only way out of succeeded.
func (s *Store) Resend(ctx context.Context, scope principal.Scope, deliveryID string) (Delivery, error) {
	return s.replay(ctx, scope, deliveryID, "Only a delivery that is over can be replayed; this one is %s.", Succeeded,
		Dead, Cancelled)
}

// targets is where deliveries go: their endpoints, and why tenants' deliveries are held back.
type targets struct {
	endpoints map[string]endpoint.Endpoint
	held      map[string]string
}

func (s *Store) targets(q *gorm.DB, rows []Delivery) (targets, error) {
	endpointIDs, tenantIDs := map[string]bool{}, map[string]bool{}
	for _, d := range rows {
		endpointIDs[d.EndpointID], tenantIDs[d.TenantID] = true, true
	}
	var t targets
	if len(rows) == 0 {
		return t, nil
	}
	var err error
	if t.endpoints, err = s.endpoints.ByID(q, slices.Collect(maps.Keys(endpointIDs))); err != nil {
		return t, err
	}
	t.held, err = s.heldReasons(q, slices.Collect(maps.Keys(tenantIDs)))
	return t, err
}

// refuse says why nothing can be sent there now; it is empty when it can. What a paused tenant replays waits with the
// rest.
func (t targets) refuse(endpointID, tenantID string) string {
	switch e := t.endpoints[endpointID]; {
	case e.ID == "" || !e.DeletedAt.IsZero():
		return ReasonEndpointDeleted
	case !e.Enabled:
		return ReasonEndpointDisabled
	case t.held[tenantID] == ReasonEntitlement:
		return ReasonEntitlement
	}
	return ""
}

// replayMany makes locked deliveries, in a transaction, pending again and due at once, except those that nothing can
// be sent to.
func (s *Store) replayMany(tx *gorm.DB, rows []Delivery, part *Part) error {
	t, err := s.targets(tx, rows)
	if err != nil {
		return err
	}
	type kind struct{ endpoint, event string } // what a policy is for
	byKind := map[kind][]string{}
	for _, d := range rows {
		if reason := t.refuse(d.EndpointID, d.TenantID); reason != "" {
			part.Skipped[reason]++
			continue
		}
		k := kind{d.EndpointID, d.EventType}
		byKind[k] = append(byKind[k], d.ID)
		part.IDs = append(part.IDs, d.ID)
	}
	now := db.At(s.now())
	for k, ids := range byKind {
		err := tx.Model(&Delivery{}).Where("id IN ?", ids).Updates(map[string]any{
			"status": Pending, "reason": "", "failure_count": 0,
			"max_attempts":    t.endpoints[k.endpoint].PolicyFor(k.event).Attempts(),
			"next_attempt_at": now, "deadline_at": now, "finished_at": nil,
		}).Error
		if err != nil {
			return err
		}
	}
	return nil
}
