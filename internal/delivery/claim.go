package delivery

import (
	"context"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/queue"
)

// job is a delivery that this worker has to attempt, and what it needs for that.
type job struct {
	delivery Delivery // its AttemptCount includes the attempt
	endpoint endpoint.Endpoint
	event    event.Event
	stored   bool      // it has a row, which carries the lease
	startAt  time.Time // before when the request may not begin; zero for at once
}

// verdict is what becomes of a task for a delivery that has a row.
type verdict int

const (
	proceed verdict = iota // claimed: make the attempt
	wait                   // not due yet
	drop                   // over, gone, under way, or waiting elsewhere
	isDead                 // dead: archive the task, or replay if an operator asked for that
)

// claim is the answer to a worker that wants to attempt a delivery that has a row.
type claim struct {
	verdict  verdict
	after    time.Duration // with wait
	delivery Delivery
	job      job // with proceed
}

// Claim makes those of the deliveries with the ids that can be attempted now this worker's until the lease ends. name
// is the queue of the task. Those that have to wait, or will never be attempted, are stored as such. The room in flight
// of those that proceed is taken; the caller gives it back.
func (s *Store) Claim(ctx context.Context, name string, deliveryIDs []id.UUID) (map[string]claim, error) {
	c := &claims{store: s, queue: name, now: s.now(), tokens: map[string]time.Time{}, crowded: map[string]int{},
		out: map[string]claim{}}
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		c.tx = tx
		return c.run(deliveryIDs)
	})
	if err != nil {
		c.release()
		return nil, err
	}
	if len(c.changed) > 0 {
		s.stored(c.changed)
	}
	return c.out, nil
}

// claims decides about a batch of rows in one transaction.
type claims struct {
	store *Store
	tx    *gorm.DB
	queue string
	now   time.Time

	endpoints map[string]endpoint.Endpoint
	reasons   map[string]string    // why tenants' deliveries are suspended
	entered   []string             // deliveries with room in flight
	changed   []Delivery           // deferred, suspended or cancelled
	tokens    map[string]time.Time // when a rate limit lets a delivery begin
	crowded   map[string]int       // endpoints without room in flight, and how many requests they have in this process
	proceed   []Delivery
	out       map[string]claim
}

// release gives back the room of deliveries that are not attempted.
func (c *claims) release() {
	for _, deliveryID := range c.entered {
		c.store.inFlight(c.queue).leave(deliveryID, false)
	}
	c.entered = nil
}

func (c *claims) run(ids []id.UUID) error {
	s := c.store
	var rows []Delivery
	err := db.WhereUUIDs(s.db.ForUpdateSkipLocked(c.tx).Table(s.events.Table("deliveries", ids)), "id", ids).
		Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return err
	}
	slices.SortFunc(rows, compareIDs)
	endpointIDs, tenantIDs := map[string]bool{}, map[string]bool{}
	for _, d := range rows {
		endpointIDs[d.EndpointID], tenantIDs[d.TenantID] = true, true
	}
	if c.endpoints, err = s.endpoints.ByID(c.tx, slices.Collect(maps.Keys(endpointIDs))); err != nil {
		return err
	}
	if err := c.lockLimited(); err != nil {
		return err
	}
	if c.reasons, err = s.suspendedFirmly(c.tx, slices.Collect(maps.Keys(tenantIDs))); err != nil {
		return err
	}
	for _, d := range rows {
		c.decide(d)
	}
	if err := c.write(); err != nil {
		return err
	}
	return c.lease()
}

// lockLimited locks the endpoints with a rate limit, whose tokens the deliveries take.
func (c *claims) lockLimited() error {
	var ids []string
	for _, e := range c.endpoints {
		if e.RateLimit != nil && e.Throttle.Throttled() && c.queue == queue.Slow {
			ids = append(ids, e.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	rows, err := c.store.lockEndpoints(c.tx, ids)
	for _, e := range rows {
		c.endpoints[e.ID] = e
	}
	return err
}

// decide is the one question about a row: may it be attempted now, and if not, what does it wait for.
func (c *claims) decide(d Delivery) {
	e := c.endpoints[d.EndpointID]
	reason, suspended := refused(e), c.reasons[d.TenantID]
	switch {
	case d.Status == Dead:
		c.out[d.ID] = claim{verdict: isDead, delivery: d}
	case d.Status.Final(), d.Status == Delivering: // the reconciler takes it over when its lease has expired
		c.out[d.ID] = claim{verdict: drop, delivery: d}
	case reason != "":
		c.change(d.Cancelled(reason, "", c.now), claim{verdict: drop})
	case suspended == reasonChanging:
		c.out[d.ID] = claim{verdict: wait, after: time.Second, delivery: d}
	case suspended != "":
		c.change(d.suspended(suspended, c.now), claim{verdict: wait, after: suspendedFor})
	case d.Admission == Deferred && e.Throttle.Throttled():
		c.out[d.ID] = claim{verdict: drop, delivery: d} // the releaser admits it
	case d.Admission == Admitted && c.queue != queue.Slow && e.Throttle.Throttled():
		c.out[d.ID] = claim{verdict: drop, delivery: d} // its task is in the slow queue
	case d.NextAttemptAt.Sub(c.now) > startAhead:
		c.out[d.ID] = claim{verdict: wait, after: d.NextAttemptAt.Sub(c.now), delivery: d}
	case !e.Throttle.Throttled():
		d.Admission = Unthrottled
		c.enter(d, e)
	case d.Admission == Unthrottled, !e.Throttle.Passes(d.ID, c.now):
		c.change(d.deferred(c.now), claim{verdict: drop})
	case e.RateLimit != nil:
		c.takeToken(d, e)
	default:
		c.enter(d, e)
	}
}

// startAhead is how long before its time a delivery is claimed rather than put back on the queue.
const startAhead = 250 * time.Millisecond

// takeToken takes a token of the endpoint's rate limit for a delivery, which says when it may begin.
func (c *claims) takeToken(d Delivery, e endpoint.Endpoint) {
	t, at, ok := e.Throttle.TakeToken(*e.RateLimit, c.now)
	if !ok {
		c.change(d.deferred(c.now), claim{verdict: drop})
		return
	}
	if c.enter(d, e) {
		e.Throttle = t
		c.endpoints[e.ID], c.tokens[d.ID] = e, at
	}
}

// enter attempts a delivery if there is room in flight; an endpoint that has its share gets throttled.
func (c *claims) enter(d Delivery, e endpoint.Endpoint) bool {
	switch c.store.inFlight(c.queue).enter(d, c.queue) {
	case free:
		c.entered = append(c.entered, d.ID)
		c.proceed = append(c.proceed, d)
		return true
	case soon:
		c.out[d.ID] = claim{verdict: wait, after: shortly, delivery: d}
	case full:
		c.crowded[e.ID] = c.store.inFlight(c.queue).of(e.ID)
		c.change(d.deferred(c.now), claim{verdict: drop})
	}
	return false
}

func (c *claims) change(d Delivery, answer claim) {
	answer.delivery = d
	c.out[d.ID] = answer
	c.changed = append(c.changed, d)
}

// write stores what was changed, and throttles the endpoints that had no room.
func (c *claims) write() error {
	for _, d := range c.changed {
		err := c.tx.Model(&Delivery{}).Where("id = ?", mustUUID(d.ID)).Updates(map[string]any{
			"status": d.Status, "reason": d.Reason, "error": d.Error, "admission": d.Admission,
			"next_attempt_at": d.NextAttemptAt, "deadline_at": d.DeadlineAt, "finished_at": d.FinishedAt,
			"changed_at": d.ChangedAt,
		}).Error
		if err != nil {
			return err
		}
	}
	for _, e := range c.endpoints {
		if e.RateLimit == nil || len(c.tokens) == 0 || !e.Throttle.Throttled() {
			continue
		}
		err := c.tx.Model(&endpoint.Endpoint{}).Where("id = ?", e.ID).
			Update("next_token_at", e.Throttle.NextTokenAt).Error
		if err != nil {
			return err
		}
	}
	if err := c.store.throttleFull(c.tx, c.crowded, c.now); err != nil {
		return err
	}
	return CallReleaser(c.tx, c.changed, c.now)
}

// lease claims the deliveries that proceed: it counts the attempt, stores it as running, and sets the lease.
func (c *claims) lease() error {
	if len(c.proceed) == 0 {
		return nil
	}
	until := c.store.leaseEnd(c.now)
	ids := uuids(c.proceed)
	err := db.WhereUUIDs(c.tx.Table(c.store.events.Table("deliveries", ids)), "id", ids).Updates(map[string]any{
		"status": Delivering, "attempt_count": gorm.Expr("attempt_count + 1"), "deadline_at": until,
		"changed_at": db.At(c.now),
	}).Error
	if err != nil {
		return err
	}
	events, err := c.store.eventsOf(c.tx, c.proceed)
	if err != nil {
		return err
	}
	attempts := make([]Attempt, 0, len(c.proceed))
	for _, d := range c.proceed {
		j := job{delivery: d, endpoint: c.endpoints[d.EndpointID], event: events[d.EventID], stored: true}
		j.startAt = c.tokens[d.ID]
		if d.NextAttemptAt.After(c.now) && d.NextAttemptAt.After(j.startAt) {
			j.startAt = d.NextAttemptAt.Time
		}
		j.delivery.Status, j.delivery.DeadlineAt = Delivering, until
		j.delivery.AttemptCount++
		attempts = append(attempts, running(j, c.now))
		c.out[d.ID] = claim{verdict: proceed, delivery: j.delivery, job: j}
	}
	return db.Upsert(c.tx, attempts, attemptKey, attemptOutcome)
}

// running is the attempt of a job before its answer is known.
func running(j job, now time.Time) Attempt {
	return Attempt{
		DeliveryID: j.delivery.ID, Number: j.delivery.AttemptCount, Status: AttemptRunning, Method: j.endpoint.Method,
		URL: j.endpoint.URL, ResponseBody: []byte{}, StartedAt: db.At(now),
		RequestHeaders:  db.JSON[map[string]string]{V: map[string]string{}},
		ResponseHeaders: db.JSON[map[string]string]{V: map[string]string{}},
	}
}

// eventsOf returns the events of deliveries, by id.
func (s *Store) eventsOf(q *gorm.DB, rows []Delivery) (map[string]event.Event, error) {
	ids := map[string]bool{}
	for _, d := range rows {
		ids[d.EventID] = true
	}
	all := make([]id.UUID, 0, len(ids))
	for eventID := range ids {
		all = append(all, mustUUID(eventID))
	}
	found, err := s.events.ByID(q, all)
	out := make(map[string]event.Event, len(found))
	for _, e := range found {
		out[e.ID] = e
	}
	return out, err
}

// throttleFull throttles endpoints that have all the room in flight that they may have in this process, and caps the
// limits of those that are throttled at what they have. Rows are taken in the order of their ids.
func (s *Store) throttleFull(tx *gorm.DB, crowded map[string]int, now time.Time) error {
	if len(crowded) == 0 {
		return nil
	}
	rows, err := s.lockEndpoints(tx, slices.Sorted(maps.Keys(crowded)))
	if err != nil {
		return err
	}
	for _, e := range rows {
		t := e.Throttle
		if t.Throttled() {
			t = t.Cap(crowded[e.ID])
			t.ReleaseAt = db.At(now.Add(crowdedFor)) // room comes with time: admitted at once it would be back at once
		} else {
			t = t.Start(now)
		}
		if err := writeThrottle(tx, e.ID, t); err != nil {
			return err
		}
	}
	return nil
}

// crowdedFor is how long the releaser leaves an endpoint alone whose admitted deliveries found no room.
const crowdedFor = 250 * time.Millisecond

// lockEndpoints locks the rows of endpoints in the order of their ids, as everybody does, and returns them.
func (s *Store) lockEndpoints(tx *gorm.DB, ids []string) ([]endpoint.Endpoint, error) {
	var rows []endpoint.Endpoint
	err := db.WhereIn(s.db.ForUpdate(tx), "id", ids).Order("id").Find(&rows).Error
	return rows, err
}

// mustUUID is the UUID of an id that came from the database.
func mustUUID(typeID string) id.UUID {
	u, err := id.Parse(typeID)
	if err != nil {
		panic("delivery: " + typeID + " is not an id")
	}
	return u
}
