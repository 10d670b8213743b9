package endpoint

import (
	"context"

	"github.com/hookline/hookline/internal/principal"
)

// mostTroubled is how many endpoints Troubled returns.
const mostTroubled = 100

// Troubled returns endpoints that the caller may access and that fail, are throttled, or were disabled by Hookline; at
// most 100, those that fail the longest first.
func (s *Store) Troubled(ctx context.Context, scope principal.Scope) ([]Endpoint, error) {
	var out []Endpoint
	err := s.own(s.db.Read(ctx), scope).
		Where("((enabled = ? AND (failing_since IS NOT NULL OR throttled_at IS NOT NULL)) OR (enabled = ? AND "+
			"disabled_reason IN ?))", true, false, []string{ReasonFailing, ReasonGone}).
		Order("failing_since IS NULL, failing_since, id").Limit(mostTroubled).Find(&out).Error
	return out, err
}
