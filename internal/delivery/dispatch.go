package delivery

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/profile"
)

// scheduler is what the rooms here need of the queue.
type scheduler interface {
	Enqueue(ctx context.Context, deliveryID string) error
	Run(ctx context.Context, deliveryID string) error
}

// Dispatcher fans committed events out into deliveries and puts them on the schedule. It works on hints: when its
// buffers are full, or the process dies, or Redis is away, hints are lost and nothing else is, since the reconciler
// finds in SQL what was hinted at.
type Dispatcher struct {
	store     *Store
	events    *event.Store
	scheduler scheduler
	hints     chan event.Key
	due       chan hint
	stop      chan struct{}
	done      sync.WaitGroup
}

type hint struct {
	deliveryID string
	run        bool // the queue may know it in another state; see queue.Run
}

const (
	hintBuffer   = 16_384
	fanoutBatch  = 500
	fanoutCount  = 2 // fan-outs under way; more only contend for the same rows
	enqueueCount = 8 // Redis round trips under way
	enqueueLimit = 10 * time.Second
)

// NewDispatcher makes a Dispatcher; Start starts it.
func NewDispatcher(store *Store, events *event.Store, s scheduler) *Dispatcher {
	return &Dispatcher{
		store: store, events: events, scheduler: s,
		hints: make(chan event.Key, hintBuffer), due: make(chan hint, hintBuffer), stop: make(chan struct{}),
	}
}

// Start begins to work on hints.
func (d *Dispatcher) Start() {
	for range fanoutCount {
		d.done.Go(d.fanOutHints)
	}
	for range enqueueCount {
		d.done.Go(d.enqueueHints)
	}
}

// Stop ends work after what is under way.
func (d *Dispatcher) Stop() {
	close(d.stop)
	d.done.Wait()
}

// Committed is the hook of the event outbox. It never blocks.
func (d *Dispatcher) Committed(events []event.Event) {
	for _, e := range events {
		select {
		case d.hints <- e.Key():
		default:
			return
		}
	}
}

// Hurry asks for a delivery to be run soon, whatever the queue believes about it. It never blocks.
func (d *Dispatcher) Hurry(deliveryID string) { d.offer(hint{deliveryID, true}) }

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
		for len(keys) < fanoutBatch && len(d.hints) > 0 {
			select {
			case k := <-d.hints:
				keys = append(keys, k)
			default:
			}
		}
		if err := d.FanOut(context.Background(), keys); err != nil {
			slog.Error("fan-out failed; the reconciler will do it", "events", len(keys), "error", err)
		}
	}
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
			if err := enqueue(ctx, h.deliveryID); err != nil {
				slog.Warn("enqueueing failed; the reconciler will do it", "delivery", h.deliveryID, "error", err)
			}
			cancel()
		}
	}
}

// FanOut makes the deliveries of those of the events that have none yet, in one transaction, and hints that they are
// due. An event that no endpoint subscribes to gets the reason no_endpoint; a subscribed endpoint that is disabled
// gets a cancelled delivery, which can be found and explained later.
func (d *Dispatcher) FanOut(ctx context.Context, keys []event.Key) error {
	var made []Delivery
	err := d.store.db.Tx(ctx, func(tx *gorm.DB) error {
		made = nil
		events, err := d.events.ClaimUndispatched(tx, keys)
		if err != nil || len(events) == 0 {
			return err
		}
		now := d.store.now()
		byScope, err := d.subscribers(tx, events)
		if err != nil {
			return err
		}
		for i := range events {
			deliveries, err := fanOut(events[i], byScope[events[i].Scope()], now)
			if err != nil {
				return err
			}
			events[i].DeliveryCount = len(deliveries)
			if len(deliveries) == 0 {
				events[i].Reason = ReasonNoEndpoint
			}
			made = append(made, deliveries...)
		}
		if len(made) > 0 {
			if err := tx.CreateInBatches(&made, 500).Error; err != nil {
				return err
			}
		}
		return d.events.MarkDispatched(tx, now, events)
	})
	if err != nil {
		return err
	}
	for _, m := range made {
		if m.Status == Pending {
			d.offer(hint{deliveryID: m.ID})
		}
	}
	return nil
}

func (d *Dispatcher) subscribers(tx *gorm.DB, events []event.Event) (map[principal.Scope][]endpoint.Endpoint, error) {
	byScope := map[principal.Scope][]endpoint.Endpoint{}
	var scopes []principal.Scope
	for _, e := range events {
		if _, ok := byScope[e.Scope()]; !ok {
			byScope[e.Scope()] = nil
			scopes = append(scopes, e.Scope())
		}
	}
	endpoints, err := d.store.endpoints.Candidates(tx, scopes)
	for _, e := range endpoints {
		byScope[e.Scope()] = append(byScope[e.Scope()], e)
	}
	return byScope, err
}

// fanOut makes the deliveries of one event. Endpoints with the same profile get the same bytes.
func fanOut(e event.Event, endpoints []endpoint.Endpoint, now time.Time) ([]Delivery, error) {
	var out []Delivery
	bodies := map[string]Delivery{}
	seen := &endpoint.Occurrence{Type: e.Type, ID: e.ID, OccurredAt: e.OccurredAt.Time, Data: []byte(e.Data)}
	for _, target := range endpoints {
		if !target.Subscribes(e.Type) {
			continue
		}
		shared, ok := bodies[target.Profile]
		if !ok {
			var err error
			if shared.Body, shared.ContentType, err = envelope(target, e); err != nil {
				return nil, err
			}
			bodies[target.Profile] = shared
		}
		d := Delivery{
			ID: id.New(id.Delivery), TenantID: e.TenantID, Environment: e.Environment, EventID: e.ID, EventType: e.Type,
			EndpointID: target.ID, Status: Pending, ContentType: shared.ContentType, Body: shared.Body,
			MaxAttempts:   target.PolicyFor(e.Type).Attempts(),
			NextAttemptAt: db.At(now), DeadlineAt: db.At(now.Add(grace)), CreatedAt: db.At(now),
		}
		if d.Reason, d.Error = unwanted(target, seen); d.Reason != "" {
			d.Status, d.FinishedAt = Cancelled, db.At(now)
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
	return p.Envelope(e)
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
		return ReasonEndpointDisabled, ""
	}
	return "", ""
}
