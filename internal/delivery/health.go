package delivery

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
)

// health is what a batch of outcomes says about one endpoint: whether it succeeded at all, and the failures since then.
type health struct {
	endpointID  string
	succeededAt db.Time // of its last success; zero for none
	failures    int     // after it
	failedAt    db.Time // the first of them; zero for none
	lastAt      db.Time // the last of them
}

// successStep is how exact the time of the last success is while nothing fails: a write for every attempt would cost
// more than it tells.
const successStep = time.Minute

// assess sums outcomes up by endpoint, in the order of the endpoints' ids, and leaves out what is known already: an
// outcome carries how its endpoint was when its attempt was claimed.
func assess(outcomes []outcome) []health {
	sorted := slices.Clone(outcomes)
	slices.SortStableFunc(sorted, func(a, b outcome) int {
		return cmp.Or(strings.Compare(a.delivery.EndpointID, b.delivery.EndpointID),
			a.attempt.FinishedAt.Compare(b.attempt.FinishedAt.Time))
	})
	var out []health
	var known endpoint.Endpoint
	add := func(h health) {
		news := h.failures > 0 || known.ConsecutiveFailures > 0 ||
			h.succeededAt.Sub(known.LastSuccessAt.Time) >= successStep
		if h.endpointID != "" && news {
			out = append(out, h)
		}
	}
	var h health
	for _, o := range sorted {
		if o.delivery.EndpointID != h.endpointID {
			add(h)
			h, known = health{endpointID: o.delivery.EndpointID}, o.endpoint
		}
		if o.attempt.Status == AttemptSucceeded {
			h.succeededAt, h.failures, h.failedAt, h.lastAt = o.attempt.FinishedAt, 0, db.Time{}, db.Time{}
			continue
		}
		if h.failures++; h.failures == 1 {
			h.failedAt = o.attempt.FinishedAt
		}
		h.lastAt = o.attempt.FinishedAt
	}
	add(h)
	return out
}

// recordHealth writes how endpoints do. Rows are taken in the order of their ids, so that two batches can't wait for
// each other.
func recordHealth(tx *gorm.DB, all []health) error {
	for _, h := range all {
		change := map[string]any{"last_failure_at": h.lastAt}
		if h.succeededAt.IsZero() {
			change["consecutive_failures"] = gorm.Expr("consecutive_failures + ?", h.failures)
			change["failing_since"] = gorm.Expr("COALESCE(failing_since, ?)", h.failedAt)
		} else {
			change["consecutive_failures"], change["failing_since"], change["last_success_at"] = h.failures, h.failedAt,
				h.succeededAt
		}
		if err := tx.Model(&endpoint.Endpoint{}).Where("id = ?", h.endpointID).Updates(change).Error; err != nil {
			return err
		}
	}
	return nil
}
