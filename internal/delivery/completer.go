package delivery

import (
	"cmp"
	"slices"
	"strings"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/batch"
	"github.com/hookline/hookline/internal/endpoint"
)

// Completed is what a batch of finished attempts changed for good.
type Completed struct {
	Dead      []Delivery          // became dead letters, in the order of their endpoints' ids
	Recovered []endpoint.Endpoint // succeeded after failures, in the order of their ids; as they were before
	Failing   []endpoint.Endpoint // failed once more after earlier failures; as they were before
}

// listener is called with what finished attempts changed, in the transaction that records it; *alert.Reporter is one.
type listener interface {
	DeliveriesCompleted(tx *gorm.DB, all Completed) error
}

// disabler disables an endpoint in a transaction, for a reason, and says whether it was enabled; *endpoint.Editor is
// one.
type disabler interface {
	Disable(tx *gorm.DB, endpointID, reason string) (bool, error)
}

// Completer records outcomes in a Store, with what follows for endpoints and alerts. It is a type of its own because an
// alert is an event, which is fanned out into deliveries of that Store.
type Completer struct {
	*Store

	disabler disabler
	listener listener
	outcomes *batch.Group[outcome, struct{}]
}

// NewCompleter makes a Completer for the deliveries of a store.
func NewCompleter(s *Store, d disabler, l listener) *Completer {
	c := &Completer{Store: s, disabler: d, listener: l}
	c.outcomes = batch.New(200, s.db.Writers(), 0, c.finishAll)
	return c
}

// report reports a batch; decided are the deliveries whose state it changed, since an attempt that lost its lease
// decides nothing.
func (s *Completer) report(tx *gorm.DB, outcomes []outcome, decided []string) error {
	all := sumUp(outcomes, decided)
	if len(all.Dead) == 0 && len(all.Recovered) == 0 && len(all.Failing) == 0 {
		return nil
	}
	return s.listener.DeliveriesCompleted(tx, all)
}

func sumUp(outcomes []outcome, decided []string) Completed {
	var all Completed
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
