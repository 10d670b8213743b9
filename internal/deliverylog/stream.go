package deliverylog

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/eventstream"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

const (
	// The contract says how far back a stream can be resumed.
	resumeCount  = 1000
	resumeWithin = 24 * time.Hour
	// resumeMost is how many of the newest deliveries, and of those in each status but succeeded, are looked at for it.
	resumeMost = 2000
)

// StreamDeliveries implements the operation of the contract.
func (a *API) StreamDeliveries(ctx context.Context,
	r api.StreamDeliveriesRequestObject) (api.StreamDeliveriesResponseObject, error) {
	p := r.Params
	s := &stream{ctx: ctx, scope: principal.From(ctx).Scope, source: a.hub.source, store: a.store, filter: Filter{
		Status: string(wire.Or(p.Status, "")), EndpointID: wire.Or(p.WebhookID, ""), EventID: wire.Or(p.EventID, ""),
		EventType: wire.Or(p.EventType, ""), HTTPClass: string(wire.Or(p.HTTPClass, "")),
		HTTPStatus: wire.Or(p.HTTPStatus, 0), Reason: wire.Or(p.Reason, ""),
	}}
	if p.LastEventID != nil {
		last, err := page.ParseCursor(*p.LastEventID)
		if err != nil {
			return nil, problem.Invalid(problem.Detail{Field: "Last-Event-ID",
				Message: "is not an id of the stream; connect without it"})
		}
		s.last = &last
	}
	var err error
	if s.viewer, err = a.hub.Watch(ctx, s.scope); err != nil {
		return nil, err
	}
	s.begun = a.hub.now()
	if s.last != nil {
		if err := s.catchUp(); err != nil {
			s.viewer.Leave()
			return nil, err
		}
	}
	return s, nil
}

// stream is one open response.
type stream struct {
	ctx    context.Context //nolint:containedctx // the response is written after the call
	scope  principal.Scope
	source source
	store  *Store
	filter Filter
	viewer *Viewer
	begun  time.Time
	last   *page.Cursor    // the last event that the client got, when it resumes
	missed []Change        // since last
	gap    bool            // whether more was missed than is resumed
	owned  map[string]bool // by the id of an endpoint: whether its deliveries are the caller's
	out    *eventstream.Writer
}

// catchUp reads the changes since the last event. It goes back a little further: a change that was committed late may
// have been missed before that event.
func (s *stream) catchUp() error {
	if s.begun.Sub(s.last.At) > resumeWithin {
		s.gap = true
		return nil
	}
	marks, err := s.source.Recent(s.ctx, s.scope, resumeMost, otherStatuses...)
	if err != nil {
		return err
	}
	since := s.last.At.Add(-overlap)
	var ids []string
	for _, m := range marks {
		if m.ChangedAt.After(since) && (m.ID != s.last.ID || m.ChangedAt.After(s.last.At)) {
			ids = append(ids, m.ID)
		}
	}
	s.gap = len(ids) > resumeCount
	if len(marks) >= resumeMost { // more may have been created since than was looked at
		u, _ := id.Parse(marks[resumeMost-1].ID)
		s.gap = s.gap || u.Time().After(since)
	}
	if s.gap {
		return nil
	}
	for part := range slices.Chunk(ids, readLimit) {
		changes, err := s.source.Changes(s.ctx, s.scope, part)
		if err != nil {
			return err
		}
		s.missed = append(s.missed, changes...)
	}
	slices.SortStableFunc(s.missed, func(a, b Change) int {
		return a.Delivery.ChangedAt.Compare(b.Delivery.ChangedAt.Time)
	})
	return nil
}

// VisitStreamDeliveriesResponse implements the generated interface: it writes until the stream ends.
func (s *stream) VisitStreamDeliveriesResponse(w http.ResponseWriter) error {
	defer s.viewer.Leave()
	out, stop := eventstream.Open(s.ctx, w)
	defer stop()
	s.out = out
	_ = s.follow() // the client has disconnected
	return nil
}

func (s *stream) follow() error {
	begun := page.Cursor{At: s.begun, ID: "ready"}
	err := s.out.Send(begun.String(), "ready", api.StreamReady{At: s.begun})
	if s.gap && err == nil {
		err = s.out.Send(begun.String(), "gap", api.StreamGap{Since: s.last.At,
			Message: "More was missed than can be caught up on. Read GET /api/v1/webhooks/deliveries for it."})
	}
	sent := map[string]time.Time{}
	for _, c := range s.missed {
		if err == nil {
			sent[c.Delivery.ID], err = c.Delivery.ChangedAt.Time, s.change(c)
		}
	}
	s.missed = nil
	tick := time.NewTicker(eventstream.Beat)
	defer tick.Stop()
	for err == nil {
		select {
		case c, open := <-s.viewer.C:
			switch {
			case !open:
				return s.end()
			case c.Delivery.ChangedAt.After(sent[c.Delivery.ID]):
				delete(sent, c.Delivery.ID)
				err = s.change(c)
			}
		case <-tick.C:
			err = s.out.Still()
		case <-s.ctx.Done():
			return s.end()
		}
	}
	return err
}

func (s *stream) end() error {
	reason, message := api.StreamEndReasonTooSlow, "You read slower than things happen. Connect again; what was missed is caught up on."
	switch {
	case errors.Is(context.Cause(s.ctx), principal.ErrNotAllowed):
		reason, message = api.StreamEndReasonNotAllowed, "The key was revoked, or may no longer read deliveries."
	case s.ctx.Err() != nil || s.viewer.feed.hub.ctx.Err() != nil:
		reason, message = api.StreamEndReasonShutdown, "The server stops. Connect again; what was missed is caught up on."
	}
	return s.out.Send("", "end", api.StreamEnd{Reason: reason, Message: message})
}

// change sends a change that matches the filter.
func (s *stream) change(c Change) error {
	if own, err := s.owns(c.Delivery.EndpointID); err != nil || !own || !s.filter.Matches(c.Delivery) {
		return err
	}
	at := page.Cursor{At: c.Delivery.ChangedAt.Time, ID: c.Delivery.ID}
	return s.out.Send(at.String(), "delivery", c.ToWire())
}

// owns says whether the caller may read the deliveries to an endpoint, which may be younger than the stream.
func (s *stream) owns(endpointID string) (bool, error) {
	if own, known := s.owned[endpointID]; known || principal.From(s.ctx).Owns == 0 {
		return own || !known, nil
	}
	own, err := s.store.endpoints.OwnOf(s.store.db.Read(s.ctx), s.scope)
	if err != nil {
		return false, err
	}
	if s.owned == nil {
		s.owned = map[string]bool{}
	}
	s.owned[endpointID] = own.Has(endpointID)
	return s.owned[endpointID], nil
}
