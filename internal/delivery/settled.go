package delivery

import (
	"cmp"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/endpoint"
)

// Settled is what a batch of finished attempts changed for good.
type Settled struct {
	Dead      []Delivery          // became dead letters, in the order of their endpoints' ids
	Recovered []endpoint.Endpoint // succeeded after failures, in the order of their ids; as they were before
	Failing   []endpoint.Endpoint // failed once more after earlier failures; as they were before
}

// OnSettled has f told of what finished attempts changed, in the transaction that records it. It is to be called before
// any worker starts.
func (s *Store) OnSettled(f func(tx *gorm.DB, all Settled) error) { s.settled = f }

// tell tells of a batch; decided are the deliveries whose state it changed, since an attempt that lost its lease
// decides nothing.
func (s *Store) tell(tx *gorm.DB, outcomes []outcome, decided []string) error {
	if s.settled == nil {
		return nil
	}
	all := sumUp(outcomes, decided)
	if len(all.Dead) == 0 && len(all.Recovered) == 0 && len(all.Failing) == 0 {
		return nil
	}
	return s.settled(tx, all)
}

func sumUp(outcomes []outcome, decided []string) Settled {
	var all Settled
	seen, failed := map[string]bool{}, map[string]bool{}
	for _, o := range outcomes {
		if o.delivery.Status == Dead && slices.Contains(decided, o.delivery.ID) {
			all.Dead = append(all.Dead, o.delivery)
		}
		if o.attempt.Status == AttemptSucceeded && o.endpoint.ConsecutiveFailures > 0 && !seen[o.endpoint.ID] {
			seen[o.endpoint.ID] = true
			all.Recovered = append(all.Recovered, o.endpoint)
		}
		if o.attempt.Status == AttemptFailed && !o.endpoint.FailingSince.IsZero() && !failed[o.endpoint.ID] {
			failed[o.endpoint.ID] = true
			all.Failing = append(all.Failing, o.endpoint)
		}
	}
	slices.SortFunc(all.Dead, func(a, b Delivery) int {
		return cmp.Or(strings.Compare(a.EndpointID, b.EndpointID), strings.Compare(a.ID, b.ID))
	})
	slices.SortFunc(all.Recovered, func(a, b endpoint.Endpoint) int { return strings.Compare(a.ID, b.ID) })
	return all
}
