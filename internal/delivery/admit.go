package delivery

import (
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/queue"
)

// ticket is a task that asks for its delivery, and the lane that it runs in.
type ticket struct {
	deliveryID, lane string
}

// admission decides, in one transaction of claims, what passes the gates. An endpoint without a gate costs it a look
// into a map; the others' rows are locked, so that what it parks can't miss a gate that goes away.
type admission struct {
	store     *Store
	tx        *gorm.DB
	now       time.Time
	lanes     map[string]string // where the deliveries' tasks run
	endpoints map[string]endpoint.Endpoint
	byID      map[string]claim

	entered map[string]bool      // deliveries that have room in their lane
	starts  map[string]time.Time // when a rate limit lets a request begin
	gates   map[string]bool      // endpoints whose rows are locked; true where the gate changed
	crowded map[string]bool      // gates that were narrowed for want of room
	probing map[string]bool      // half-open circuits that have their probe
	parks   []string
	lost    []string // of those, the ones that a worker held
}

func (a *admission) enter(d Delivery) room {
	lane := a.lanes[d.ID]
	r := a.store.flights(lane).enter(d, lane)
	if r == free {
		a.entered[d.ID] = true
	}
	return r
}

// settle gives back the room of what was not claimed.
func (a *admission) settle(committed bool) {
	for id := range a.entered {
		if !committed || a.byID[id].verdict != proceed {
			a.store.flights(a.lanes[id]).leave(id, false)
		}
	}
}

// admit parks what has to wait at a gate, with the claim that ends its task, and returns the others. An endpoint that
// holds its share of a lane gets a gate.
func (a *admission) admit(rows []Delivery) ([]Delivery, error) {
	concerned := map[string]bool{}
	var here []Delivery
	for _, d := range rows {
		e := a.endpoints[d.EndpointID]
		r := free
		if v, _, _ := judge(d, e, a.now); v == proceed && !e.Throttle.Throttled() {
			r = a.enter(d)
		}
		if r == soon { // the gate would only hold up whoever is quick
			a.byID[d.ID] = claim{verdict: wait, after: shortly}
			continue
		}
		if r == full || e.Throttle.Throttled() {
			concerned[e.ID] = true
		}
		here = append(here, d)
	}
	if rows = here; len(concerned) == 0 {
		return rows, nil
	}
	if err := a.lock(slices.Sorted(maps.Keys(concerned))); err != nil {
		return nil, err
	}
	var left []Delivery
	for _, d := range rows {
		if _, locked := a.gates[d.EndpointID]; !locked {
			left = append(left, d)
			continue
		}
		passes, err := a.pass(d)
		if err != nil {
			return nil, err
		}
		if passes {
			left = append(left, d)
		}
	}
	return left, a.write()
}

// lock takes the endpoints' rows in the order of their ids, as everybody does, and reads their gates again.
func (a *admission) lock(ids []string) error {
	rows, err := a.store.lockEndpoints(a.tx, ids)
	for _, e := range rows {
		a.endpoints[e.ID] = e
		a.gates[e.ID] = false
	}
	return err
}

func (s *Store) lockEndpoints(tx *gorm.DB, ids []string) ([]endpoint.Endpoint, error) {
	var rows []endpoint.Endpoint
	err := db.WhereIn(s.db.ForUpdate(tx), "id", ids).Order("id").Find(&rows).Error
	return rows, err
}

// pass says whether a delivery of a locked endpoint goes on to be judged; otherwise it is parked, or its task dropped.
func (a *admission) pass(d Delivery) (bool, error) {
	e := a.endpoints[d.EndpointID]
	v, _, refused := judge(d, e, a.now)
	switch {
	case d.Status == Succeeded || d.Status == Cancelled || d.Status == Dead || refused != "":
		return true, nil
	case d.Status == Delivering && v == wait:
		return true, nil
	case !e.Throttle.Throttled():
		if v != proceed || a.entered[d.ID] || a.enter(d) == free {
			return true, nil
		}
		a.change(e, e.Throttle.Start(a.now))
	case d.Admission == Admitted && a.lanes[d.ID] != queue.Slow:
		a.byID[d.ID] = claim{verdict: drop, delivery: d} // its task is in the slow lane
		return false, nil
	case d.Admission == Admitted && v == proceed:
		if ok, err := a.through(d, e); ok || err != nil {
			return ok, err
		}
	}
	a.park(d)
	return false, nil
}

// through says whether a released delivery may be made: what it was released by may have changed since.
func (a *admission) through(d Delivery, e endpoint.Endpoint) (bool, error) {
	switch {
	case e.Throttle.RetryAfterUntil.After(a.now) || e.Throttle.Circuit == endpoint.Open:
		return false, nil
	case e.Throttle.Circuit == endpoint.HalfOpen:
		busy, err := a.probed(e.ID, d.ID)
		if err != nil || busy {
			return false, err
		}
	}
	if a.enter(d) != free {
		if !a.crowded[e.ID] {
			a.crowded[e.ID] = true
			a.change(e, narrow(e.Throttle))
		}
		return false, nil
	}
	a.probing[e.ID] = true
	if e.RateLimit == nil {
		return true, nil
	}
	g, at, ok := takeSlot(e.Throttle, *e.RateLimit, a.now)
	if ok {
		a.starts[d.ID] = at
		a.change(e, g)
	}
	return ok, nil
}

// probed says whether another delivery is a half-open circuit's probe.
func (a *admission) probed(endpointID, deliveryID string) (bool, error) {
	if a.probing[endpointID] {
		return true, nil
	}
	var others []string
	err := at(a.tx.Model(&Delivery{}), endpointID, Admitted).Where("status = ? AND id <> ?", Delivering, deliveryID).
		Limit(1).Pluck("id", &others).Error
	return len(others) > 0, err
}

func (a *admission) change(e endpoint.Endpoint, g endpoint.Throttle) {
	e.Throttle = g
	a.endpoints[e.ID] = e
	a.gates[e.ID] = true
}

func (a *admission) park(d Delivery) {
	if a.entered[d.ID] {
		delete(a.entered, d.ID)
		a.store.flights(a.lanes[d.ID]).leave(d.ID, false)
	}
	e := a.endpoints[d.EndpointID]
	e.Throttle.ReleaseAt = db.At(a.now)
	if a.crowded[e.ID] { // room comes with time: released at once it would be back at once
		e.Throttle.ReleaseAt = db.At(a.now.Add(crowdedFor))
	}
	a.change(e, e.Throttle)
	if d.Status == Delivering {
		a.lost = append(a.lost, d.ID)
	}
	a.parks = append(a.parks, d.ID)
	a.byID[d.ID] = claim{verdict: drop, delivery: d}
}

func (a *admission) write() error {
	if err := a.store.giveUp(a.tx, a.lost, a.now); err != nil {
		return err
	}
	if len(a.parks) > 0 {
		err := db.WhereIn(a.tx.Model(&Delivery{}), "id", a.parks).
			Updates(map[string]any{"admission": Deferred, "deadline_at": db.At(a.now.Add(parkedFor))}).Error
		if err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(a.gates)) {
		if !a.gates[id] {
			continue
		}
		if err := writeGate(a.tx, id, a.endpoints[id].Throttle); err != nil {
			return err
		}
	}
	return nil
}

func writeGate(tx *gorm.DB, endpointID string, g endpoint.Throttle) error {
	return tx.Model(&endpoint.Endpoint{}).Where("id = ?", endpointID).Updates(g.Columns()).Error
}
