package delivery

import (
	"maps"
	"math/rand/v2"
	"slices"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/sender"
)

// tallies sums outcomes up by endpoint, for those that have a gate or may come to need one.
func tallies(outcomes []outcome) map[string]tally {
	out := map[string]tally{}
	for _, o := range outcomes {
		failed := o.attempt.Status != AttemptSucceeded
		if o.delivery.EndpointID == "" || (!failed && !o.endpoint.Throttle.Throttled()) {
			continue
		}
		t := out[o.delivery.EndpointID]
		t.endpointID = o.delivery.EndpointID
		if failed {
			t.failed++
		} else {
			t.succeeded++
		}
		if status := o.attempt.ResponseStatus; status == nil {
			t.unanswered = true
		} else if sender.Overloaded(*status) {
			t.overloaded = true
		}
		if o.holdUntil.After(t.holdUntil) {
			t.holdUntil = o.holdUntil
		}
		out[t.endpointID] = t
	}
	return out
}

// lessons are what a batch of outcomes says about endpoints.
type lessons struct {
	tallies map[string]tally
	health  []health
}

func lessonsOf(outcomes []outcome) lessons { return lessons{tallies(outcomes), assess(outcomes)} }

// none says that nothing follows for any endpoint, which is so of most batches: what succeeded at one that did before
// and has no gate.
func (l lessons) none() bool { return len(l.tallies) == 0 && len(l.health) == 0 }

// learnAll records, in the transaction of outcomes, how endpoints do, and what follows for their gates. Where nothing
// failed and no gate is, it writes nothing; else rows are locked in the order of their ids. It says whether a gate may
// let more through.
func (s *Completer) learnAll(tx *gorm.DB, outcomes []outcome, l lessons) (bool, error) {
	all, news := l.tallies, l.health
	if len(all) == 0 {
		return false, recordHealth(tx, news)
	}
	ids := slices.Collect(maps.Keys(all))
	for _, h := range news {
		ids = append(ids, h.endpointID)
	}
	slices.Sort(ids)
	rows, err := s.lockEndpoints(tx, slices.Compact(ids))
	if err != nil {
		return false, err
	}
	if err := recordHealth(tx, news); err != nil {
		return false, err
	}
	consecutive := failuresAfter(rows, news)
	woken := false
	for _, e := range rows {
		t, ok := all[e.ID]
		if !ok {
			continue
		}
		g := learn(e.Throttle, t, consecutive[e.ID], s.now(), rand.Float64())
		if !g.Throttled() {
			continue
		}
		woken = true
		if err := writeGate(tx, e.ID, g); err != nil {
			return false, err
		}
	}
	return woken, s.disableGone(tx, outcomes)
}

// failuresAfter is each endpoint's failures in a row after what is new.
func failuresAfter(rows []endpoint.Endpoint, news []health) map[string]int {
	out := make(map[string]int, len(rows))
	for _, e := range rows {
		out[e.ID] = e.ConsecutiveFailures
	}
	for _, h := range news {
		if h.succeededAt.IsZero() {
			out[h.endpointID] += h.failures
		} else {
			out[h.endpointID] = h.failures
		}
	}
	return out
}

// disableGone turns off the endpoints that answered 410, in the transaction that records it.
func (s *Completer) disableGone(tx *gorm.DB, outcomes []outcome) error {
	var gone []string
	for _, o := range outcomes {
		if o.attempt.gone() {
			gone = append(gone, o.delivery.EndpointID)
		}
	}
	slices.Sort(gone) // rows are taken in one order
	for _, endpointID := range slices.Compact(gone) {
		if _, err := s.disabler.Disable(tx, endpointID, endpoint.ReasonGone); err != nil {
			return err
		}
	}
	return nil
}
