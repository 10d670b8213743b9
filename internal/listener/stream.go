package listener

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/eventstream"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

const (
	// opLimit is how long one look at Redis or SQL may take.
	opLimit = 5 * time.Second
)

// StreamListener implements the operation of the contract.
func (a *API) StreamListener(ctx context.Context, r api.StreamListenerRequestObject) (api.StreamListenerResponseObject,
	error) {
	e, err := a.store.GetListener(ctx, principal.From(ctx).Scope, r.WebhookID)
	if err != nil {
		return nil, err
	}
	s := &stream{ctx: ctx, api: a, listener: e, name: id.New(id.Request), sent: map[string]bool{}}
	limited, cancel := context.WithTimeout(ctx, opLimit)
	defer cancel()
	if err := a.relay.connect(limited, e, s.name); err != nil {
		return nil, unavailable()
	}
	return s, nil
}

// stream is one open response.
type stream struct {
	ctx      context.Context //nolint:containedctx // the response is written after the call
	api      *API
	listener endpoint.Endpoint
	name     string          // of this connection
	sent     map[string]bool // open requests that were sent
	kept     time.Time       // when the listener's end was put off
	out      *eventstream.Writer
}

// errEnd ends a stream with the reason.
type errEnd api.ListenerEndReason

// Error implements error.
func (e errEnd) Error() string { return "listener: the stream ends: " + string(e) }

var endMessages = map[errEnd]string{
	errEnd(api.ListenerEndReasonNotAllowed): "The key was revoked, or may no longer do this.",
	errEnd(api.ListenerEndReasonReplaced): "The listener was connected once more, and only the newest connection gets " +
		"its requests.",
	errEnd(api.ListenerEndReasonDeleted):  "The listener was deleted. Create another one.",
	errEnd(api.ListenerEndReasonShutdown): "The server stops. Connect again; what was not answered is sent again.",
}

// VisitStreamListenerResponse implements the generated interface: it writes until the stream ends.
func (s *stream) VisitStreamListenerResponse(w http.ResponseWriter) error {
	out, stop := eventstream.Open(s.ctx, w)
	defer stop()
	s.out = out
	err := s.follow()
	replaced := errors.Is(err, errEnd(api.ListenerEndReasonReplaced))
	if !replaced {
		s.disconnect()
	}
	var end errEnd
	if errors.As(err, &end) {
		_ = s.out.Send("", "end", api.ListenerEnd{Reason: api.ListenerEndReason(end), Message: endMessages[end]})
	}
	return nil // else the client has disconnected
}

// disconnect says that the connection is closed, and begins the time after which the listener ends.
func (s *stream) disconnect() {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), opLimit)
	defer cancel()
	_ = s.api.relay.disconnect(ctx, s.listener, s.name) // else it expires
	_, _ = s.api.store.KeepListener(ctx, s.listener, s.api.grace)
}

func (s *stream) follow() error {
	requests, stop := s.api.relay.notices.on(keyOf(s.listener))
	defer stop()
	if err := s.out.Send("", "ready", api.StreamReady{At: time.Now().UTC()}); err != nil {
		return err
	}
	if err := s.live(); err != nil {
		return err
	}
	look, alive, still := time.NewTicker(lookEvery), time.NewTicker(signEvery), time.NewTicker(eventstream.Beat)
	defer look.Stop()
	defer alive.Stop()
	defer still.Stop()
	for {
		if err := s.sendOpen(); err != nil {
			return err
		}
		var err error
		select {
		case <-requests:
		case <-look.C:
		case <-alive.C:
			err = s.live()
		case <-still.C:
			err = s.out.Still()
		case <-s.ctx.Done():
			err = s.ended()
		}
		if err != nil {
			return err
		}
	}
}

// ended is why the context of the stream ended.
func (s *stream) ended() error {
	if errors.Is(context.Cause(s.ctx), principal.ErrNotAllowed) {
		return errEnd(api.ListenerEndReasonNotAllowed)
	}
	return errEnd(api.ListenerEndReasonShutdown)
}

// live says that the stream is open, and puts off the end of the listener. A Redis or a database that is away ends no
// stream.
func (s *stream) live() error {
	ctx, cancel := context.WithTimeout(s.ctx, opLimit)
	defer cancel()
	if own, err := s.api.relay.sign(ctx, s.listener, s.name); err == nil && !own {
		return errEnd(api.ListenerEndReasonReplaced)
	}
	_, err := s.api.store.GetListener(ctx, s.listener.Scope(), s.listener.ID)
	if gone := (*problem.Error)(nil); errors.As(err, &gone) && gone.Code == problem.NotFound {
		return errEnd(api.ListenerEndReasonDeleted)
	}
	if err != nil || time.Since(s.kept) < s.api.grace/4 {
		return nil //nolint:nilerr // see above
	}
	if _, err := s.api.store.KeepListener(ctx, s.listener, s.api.grace); err == nil {
		s.kept = time.Now()
	}
	return nil
}

// sendOpen sends the open requests that this connection has not sent.
func (s *stream) sendOpen() error {
	ctx, cancel := context.WithTimeout(s.ctx, opLimit)
	defer cancel()
	open, err := s.api.relay.open(ctx, s.listener)
	if err != nil {
		return nil //nolint:nilerr // Redis is away; the next look finds them
	}
	sent := make(map[string]bool, len(open))
	for _, q := range open {
		if sent[q.ID] = true; s.sent[q.ID] {
			continue
		}
		err := s.out.Send(q.ID, "request", api.ListenerRequest{
			RequestID: q.ID, DeliveryID: q.Delivery, EventType: q.EventType, Attempt: q.Attempt, Method: q.Method,
			Headers: q.Headers, Body: base64.StdEncoding.EncodeToString(q.Body), Deadline: q.Deadline,
		})
		if err != nil {
			return err
		}
	}
	s.sent = sent
	return nil
}
