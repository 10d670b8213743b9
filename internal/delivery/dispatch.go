package delivery

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/queue"
)

// scheduler is what the rooms here need of the queue.
type scheduler interface {
	Enqueue(ctx context.Context, lane, deliveryID string) error
	Run(ctx context.Context, lane, deliveryID string) error
}

// Dispatcher fans committed events out into deliveries and puts them on the schedule. It works on hints: when its
// buffers are full, or the process dies, or Redis is away, hints are lost and nothing else is, since the reconciler
// finds in SQL what was hinted at.
type Dispatcher struct {
	store     *Store
	events    *event.Store
	scheduler scheduler
	lines     lines
	hints     chan event.Key
	due       chan hint
	stop      chan struct{}
	done      sync.WaitGroup
}

type hint struct {
	deliveryID, lane string
	run              bool // the queue may know it in another state; see queue.Run
}

const (
	hintBuffer   = 16_384
	fanoutBatch  = 500
	fanoutGather = 50 * time.Millisecond
	fanoutCount  = 2 // fan-outs under way; more only contend for the same rows
	enqueueCount = 8 // Redis round trips under way
	enqueueLimit = 10 * time.Second
	// fanoutLimit bounds the transaction of a batch, which takes well below a second. One that takes this long waits
	// for a database that hangs; the reconciler fans the events out when it answers again.
	fanoutLimit = 15 * time.Second
)

// NewDispatcher makes a Dispatcher; Start starts it.
func NewDispatcher(store *Store, events *event.Store, s scheduler) *Dispatcher {
	return &Dispatcher{
		store: store, events: events, scheduler: s, lines: newLines(store.now),
		hints: make(chan event.Key, hintBuffer), due: make(chan hint, hintBuffer), stop: make(chan struct{}),
	}
}

// Start starts to work on hints.
func (d *Dispatcher) Start(context.Context) error {
	for range fanoutCount {
		d.done.Go(d.fanOutHints)
	}
	for range enqueueCount {
		d.done.Go(d.enqueueHints)
	}
	return nil
}

// Stop stops the goroutines after what they are doing and waits for them to exit, until ctx ends. It is called once.
func (d *Dispatcher) Stop(ctx context.Context) error {
	close(d.stop)
	return background.Wait(ctx, &d.done)
}

// Committed is told of events that are stored, and has those fanned out that FanOutInTx left alone. It never blocks.
func (d *Dispatcher) Committed(events []event.Event) {
	for _, e := range events {
		if !e.DispatchedAt.IsZero() {
			continue
		}
		select {
		case d.hints <- e.Key():
		default:
			return
		}
	}
}

// Enqueue asks for a delivery to be run soon, whatever the queue believes about it. It never blocks.
func (d *Dispatcher) Enqueue(deliveryID string) { d.offer(hint{deliveryID, queue.Fast, true}) }

func (d *Dispatcher) offer(h hint) {
	select {
	case d.due <- h:
	default:
	}
}

func (d *Dispatcher) fanOutHints() {
	for {
		var keys []event.Key
		select {
		case k := <-d.hints:
			keys = append(keys, k)
		case <-d.stop:
			return
		}
		keys = d.gather(keys)
		ctx, cancel := context.WithTimeout(context.Background(), fanoutLimit)
		if err := d.FanOut(ctx, keys); err != nil {
			slog.Error("fan-out failed; the reconciler will do it", "events", len(keys), "error", err)
		}
		cancel()
	}
}

// gather adds the hints of the next moment, or until the batch is full. What is hinted at may wait that long, since it
// is for very many endpoints, or for one with a gate, and a flood of it should not cost a transaction for each event.
func (d *Dispatcher) gather(keys []event.Key) []event.Key {
	over := time.NewTimer(fanoutGather)
	defer over.Stop()
	for len(keys) < fanoutBatch {
		select {
		case k := <-d.hints:
			keys = append(keys, k)
		case <-over.C:
			return keys
		case <-d.stop:
			return keys
		}
	}
	return keys
}

func (d *Dispatcher) enqueueHints() {
	for {
		select {
		case <-d.stop:
			return
		case h := <-d.due:
			ctx, cancel := context.WithTimeout(context.Background(), enqueueLimit)
			enqueue := d.scheduler.Enqueue
			if h.run {
				enqueue = d.scheduler.Run
			}
			if err := enqueue(ctx, h.lane, h.deliveryID); err != nil {
				slog.Warn("enqueueing failed; the reconciler will do it", "delivery", h.deliveryID, "error", err)
			}
			cancel()
		}
	}
}

// FanOut makes the deliveries of those of the events that have none yet, in one transaction, and hints that they are
// due. It is for events whose transaction left that out; see FanOutInTx.
func (d *Dispatcher) FanOut(ctx context.Context, keys []event.Key) error {
	var made []Delivery
	if !d.store.hasPartitions() {
		if err := d.store.EnsurePartitions(ctx); err != nil {
			return err
		}
	}
	err := d.store.partitioned(ctx, func(tx *gorm.DB) error {
		made = nil
		events, err := d.events.ClaimUndispatched(tx, keys)
		if err != nil || len(events) == 0 {
			return err
		}
		endpoints, err := d.candidates(tx, events)
		if err != nil {
			return err
		}
		if err := d.store.call(tx, endpoints); err != nil {
			return err
		}
		var failed error
		if made, failed = d.plan(events, byScope(events, endpoints)); failed != nil {
			return failed
		}
		if err := db.InsertAll(tx, made); err != nil {
			return err
		}
		return d.events.MarkDispatched(tx, d.store.now(), events)
	})
	if err == nil {
		d.offerAll(made)
	}
	return err
}

// spreadWidth is how many endpoints a tenant may have for its events to be fanned out in the transaction that stores
// them: whoever publishes should not wait for thousands of deliveries.
const spreadWidth = 100

// FanOutInTx plans the deliveries of events that are about to be stored, and marks those events dispatched.
//
// Left as they are, for FanOut, are events of tenants with very many endpoints, events that can't be fanned out, and
// all while partitions may be missing; and, unless they are patient, events of tenants with an endpoint that has a
// gate, whose lock nobody who publishes should wait for.
func (d *Dispatcher) FanOutInTx(tx *gorm.DB, events []event.Event, patient bool) (event.FanOutPlan, error) {
	if !d.store.hasPartitions() {
		return event.FanOutPlan{}, nil
	}
	endpoints, err := d.candidates(tx, events)
	if err != nil {
		return event.FanOutPlan{}, err
	}
	near := byScope(events, endpoints)
	gated := map[principal.Scope]bool{}
	for scope, own := range near {
		gated[scope] = slices.ContainsFunc(own, func(e endpoint.Endpoint) bool { return e.Throttle.Throttled() })
		if len(own) > spreadWidth || (gated[scope] && !patient) {
			delete(near, scope)
		}
	}
	if patient {
		endpoints = slices.DeleteFunc(endpoints, func(e endpoint.Endpoint) bool { return near[e.Scope()] == nil })
		if err := d.store.call(tx, endpoints); err != nil {
			return event.FanOutPlan{}, err
		}
		maps.Copy(near, byScope(nil, endpoints))
	}
	made, _ := d.plan(events, near) // what failed is tried again, and logged, by FanOut
	return event.FanOutPlan{Throttled: gated, Store: func(stored []event.Event) (func(), error) {
		if len(stored) < len(events) {
			made = onlyOf(made, stored)
		}
		err := db.InsertAll(tx, made)
		if errors.Is(err, gorm.ErrCheckConstraintViolated) {
			d.store.partitionsUntil.Store(0) // a partition is missing, whatever this process knows
		}
		return func() { d.offerAll(made) }, err
	}}, nil
}

// onlyOf leaves the deliveries of the events. Of an id that was published twice at once the first is the one that was
// stored.
func onlyOf(made []Delivery, events []event.Event) []Delivery {
	type target struct {
		event    event.Key
		endpoint string
	}
	named, seen := map[event.Key]bool{}, map[target]bool{}
	for _, e := range events {
		named[e.Key()] = true
	}
	return slices.DeleteFunc(made, func(m Delivery) bool {
		to := target{event.Key{Scope: m.Scope(), ID: m.EventID}, m.EndpointID}
		repeated := seen[to]
		seen[to] = true
		return repeated || !named[to.event]
	})
}

// plan makes the deliveries of the events whose scope is listed, and writes into the events what became of them. An
// event that no endpoint subscribes to gets the reason no_endpoint; a subscribed endpoint that is disabled gets a
// cancelled delivery, which can be found and explained later. Events that can't be fanned out stay as they are.
func (d *Dispatcher) plan(events []event.Event, near map[principal.Scope][]endpoint.Endpoint) (made []Delivery,
	failed error) {
	now := d.store.now()
	for i := range events {
		endpoints, listed := near[events[i].Scope()]
		if !listed {
			continue
		}
		deliveries, err := fanOut(events[i], endpoints, now)
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		events[i].DispatchedAt, events[i].DeliveryCount, events[i].Reason = db.At(now), len(deliveries), ""
		if len(deliveries) == 0 {
			events[i].Reason = ReasonNoEndpoint
		}
		made = append(made, deliveries...)
	}
	return made, failed
}

func (d *Dispatcher) offerAll(made []Delivery) {
	parked := uint64(0)
	for _, m := range made {
		switch {
		case m.Admission == Deferred:
			parked++
		case m.Status == Pending:
			d.offer(hint{deliveryID: m.ID, lane: d.lines.of(m.TenantID)})
		}
	}
	if parked > 0 {
		d.store.metrics.deferred.Add(parked)
		d.store.wake()
	}
}

// candidates returns the endpoints of all scopes that the events are of.
func (d *Dispatcher) candidates(tx *gorm.DB, events []event.Event) ([]endpoint.Endpoint, error) {
	seen := map[principal.Scope]bool{}
	var scopes []principal.Scope
	for _, e := range events {
		if !seen[e.Scope()] {
			seen[e.Scope()] = true
			scopes = append(scopes, e.Scope())
		}
	}
	return d.store.endpoints.Candidates(tx, scopes)
}

// byScope gives every scope of the events its endpoints, if only none.
func byScope(events []event.Event, endpoints []endpoint.Endpoint) map[principal.Scope][]endpoint.Endpoint {
	out := map[principal.Scope][]endpoint.Endpoint{}
	for _, e := range events {
		out[e.Scope()] = nil
	}
	for _, e := range endpoints {
		out[e.Scope()] = append(out[e.Scope()], e)
	}
	return out
}

// form is what decides the bytes of a body.
type form struct{ profile, envelope string }

// fanOut makes the deliveries of one event. Endpoints with the same profile and envelope get the same bytes.
func fanOut(e event.Event, endpoints []endpoint.Endpoint, now time.Time) ([]Delivery, error) {
	var out []Delivery
	bodies := map[form]Delivery{}
	seen := &endpoint.Occurrence{Type: e.Type, ID: e.ID, OccurredAt: e.OccurredAt.Time, Data: []byte(e.Data)}
	for _, target := range endpoints {
		if !target.Subscribes(e.Type) {
			continue
		}
		wanted := form{target.Profile, target.Envelope}
		shared, ok := bodies[wanted]
		if !ok {
			var err error
			if shared.Body, shared.ContentType, err = envelope(target, e); err != nil {
				return nil, err
			}
			bodies[wanted] = shared
		}
		d := Delivery{
			ID: id.New(id.Delivery), TenantID: e.TenantID, Environment: e.Environment, EventID: e.ID, EventType: e.Type,
			EndpointID: target.ID, Status: Pending, ContentType: shared.ContentType, Body: shared.Body,
			MaxAttempts:   target.PolicyFor(e.Type).Attempts(),
			NextAttemptAt: db.At(now), DeadlineAt: db.At(now.Add(grace)), CreatedAt: db.At(now),
		}
		if target.Throttle.Throttled() {
			d.Admission, d.DeadlineAt = Deferred, db.At(now.Add(parkedFor))
		}
		if d.Reason, d.Error = unwanted(target, seen); d.Reason != "" {
			d.Admission, d.Status, d.FinishedAt = Unthrottled, Cancelled, db.At(now)
			d.NextAttemptAt, d.DeadlineAt = db.Time{}, db.Time{}
		}
		out = append(out, d)
	}
	return out, nil
}

// envelope writes the body of an event for an endpoint.
func envelope(target endpoint.Endpoint, e event.Event) (body []byte, contentType string, err error) {
	p, found := profile.Find(target.Profile)
	if !found {
		p, _ = profile.Find(profile.Default)
	}
	return p.Encode(target.Envelope, e)
}

// unwanted says why an event is not sent to an endpoint that subscribes to its type. The filter comes first: what it
// keeps out is not missed by an endpoint that is off.
func unwanted(target endpoint.Endpoint, o *endpoint.Occurrence) (reason, message string) {
	passes, err := endpoint.Filter(target.Filter, o)
	switch {
	case err != nil:
		return ReasonFilterError, err.Error()
	case !passes:
		return ReasonFiltered, ""
	case !target.Enabled:
		return disabledReason(target), ""
	}
	return "", ""
}
