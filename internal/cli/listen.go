package cli

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/background"
)

// Forwarded is a request of a listener and what became of it.
type Forwarded struct {
	At      time.Time       `json:"at"`
	Request ListenerRequest `json:"request"`
	Answer  ListenerAnswer  `json:"answer"`
	// Late says that the answer was not taken: the attempt had an outcome already.
	Late bool `json:"late,omitempty"`
}

// Body is the body of the request.
func (f Forwarded) Body() []byte {
	raw, err := base64.StdEncoding.DecodeString(f.Request.Body)
	if err != nil {
		return nil
	}
	return raw
}

// Session is one run of hookline listen.
type Session struct {
	Client    *Client
	Forwarder *Forwarder
	Events    []string
	About     string // for people: where it runs
	// Ready is called when the listener exists, Done after each request, and Note with what people should know. They
	// are called one at a time.
	Ready func(Listener)
	Done  func(Forwarded)
	Note  func(string)
	// Guard runs what a goroutine of the session does; nil runs it as it is.
	Guard func(do func())

	mu       sync.Mutex
	listener Listener
	last     string          // the delivery of the last request
	known    map[string]bool // requests that this session has or had
	running  sync.WaitGroup
}

// knownMost is how many requests are remembered.
const knownMost = 10_000

// endLimit is how long the end of a listener may take.
const endLimit = 5 * time.Second

// Run makes a listener, forwards its requests until ctx ends, and removes it.
func (s *Session) Run(ctx context.Context) error {
	body := map[string]any{"description": s.About}
	if len(s.Events) > 0 {
		body["events"] = s.Events
	}
	var err error
	s.known = map[string]bool{}
	s.listener, _, err = Get[Listener](ctx, s.Client, http.MethodPost, Path("webhooks", "listeners"), nil, body)
	if err != nil {
		return err
	}
	s.Ready(s.listener)
	err = s.follow(ctx)
	s.end()
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// follow handles what comes down the stream.
func (s *Session) follow(ctx context.Context) error {
	err := s.Client.Follow(ctx, Path("webhooks", "listeners", s.listener.ID, "stream"), nil, s.note,
		func(m Message) error { return s.handle(ctx, m) })
	if IsStatus(err, http.StatusNotFound) {
		return &Error{Text: "The listener has ended: it was deleted, or without a connection for a minute. Its events " +
			"are kept; list them, or listen again: hookline events list"}
	}
	return err
}

// handle handles a message of the stream. Requests are made side by side.
func (s *Session) handle(ctx context.Context, m Message) error {
	switch m.Name {
	case "request":
		var q ListenerRequest
		if err := json.Unmarshal([]byte(m.Data), &q); err != nil {
			return s.Client.notHookline("a request that can't be read")
		}
		if s.isNew(q) {
			s.running.Go(func() { s.guarded(func() { s.forward(ctx, q) }) })
		}
	case "end":
		var end struct{ Reason, Message string }
		if json.Unmarshal([]byte(m.Data), &end) == nil && end.Reason != "shutdown" {
			return &Error{Text: end.Message + " Listen again: hookline listen"}
		}
	}
	return nil
}

// isNew says whether the session does not have a request yet: a new connection begins with all that are open.
func (s *Session) isNew(q ListenerRequest) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known[q.RequestID] {
		return false
	}
	if len(s.known) >= knownMost {
		clear(s.known)
	}
	s.known[q.RequestID], s.last = true, q.DeliveryID
	return true
}

func (s *Session) guarded(do func()) {
	if s.Guard == nil {
		do()
		return
	}
	s.Guard(do)
}

func (s *Session) forward(ctx context.Context, q ListenerRequest) {
	f := Forwarded{At: time.Now(), Request: q, Answer: s.Forwarder.Forward(ctx, q)}
	if ctx.Err() != nil {
		return // the listener ends, and its attempts with it
	}
	f.Late = !s.answer(ctx, f)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Done(f)
}

// answer sends an answer until it is taken; it is false when it came too late.
func (s *Session) answer(ctx context.Context, f Forwarded) bool {
	for n := 0; ; n++ {
		_, err := s.Client.Call(ctx, http.MethodPost, Path("webhooks", "listeners", s.listener.ID, "responses"), nil,
			f.Answer)
		if err == nil {
			return true
		}
		wait := waitAfter(err, n)
		if !Retryable(err) || time.Now().Add(wait).After(f.Request.Deadline) || !background.Pause(ctx, wait) {
			// A 409 after an earlier try says that the earlier one was taken.
			return n > 0 && IsStatus(err, http.StatusConflict)
		}
	}
}

// Replay has the API send the last delivery again, and notes what happened.
func (s *Session) Replay(ctx context.Context) {
	s.mu.Lock()
	last := s.last
	s.mu.Unlock()
	if last == "" {
		s.note("There is nothing to replay yet.")
		return
	}
	text, err := s.replay(ctx, last)
	if err != nil {
		text = "The replay failed: " + err.Error()
	}
	s.note(text)
}

// replay replays a delivery that is over. The API refuses that for one that is not: its retry is made due, with all
// others that the listener waits for, since the API retries an endpoint and not a delivery.
func (s *Session) replay(ctx context.Context, deliveryID string) (string, error) {
	_, err := s.Client.Call(ctx, http.MethodPost, Path("deliveries", deliveryID, "replay"), nil, nil)
	if !IsStatus(err, http.StatusConflict) {
		return deliveryID + " is sent again.", err
	}
	d, _, getErr := Get[DeliveryDetail](ctx, s.Client, http.MethodGet, Path("deliveries", deliveryID), nil, nil)
	switch {
	case getErr != nil:
		return "", getErr
	case d.Status == api.DeliveryStatusPending, d.Status == api.DeliveryStatusDelivering:
		return deliveryID + " is being sent; its outcome is shown here.", nil
	case d.Status != api.DeliveryStatusRetrying:
		return "", err
	}
	_, err = s.Client.Call(ctx, http.MethodPost, Path("webhooks", s.listener.ID, "enable"), nil, nil)
	return deliveryID + " was waiting for a retry; it is retried now, with all that wait.", err
}

// end removes the listener.
func (s *Session) end() {
	ctx, cancel := context.WithTimeout(context.Background(), endLimit)
	defer cancel()
	_, err := s.Client.Call(ctx, http.MethodDelete, Path("webhooks", s.listener.ID), nil, nil)
	if err != nil && !IsStatus(err, http.StatusNotFound) {
		s.note("The listener could not be removed; it ends by itself within a minute.")
	}
	s.running.Wait()
}

func (s *Session) note(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Note(text)
}
