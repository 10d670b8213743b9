package testkit

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

const eventStream = "text/event-stream"

// firstEvent reads a stream to the end of its first event.
func firstEvent(r io.Reader) ([]byte, error) {
	var b strings.Builder
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		b.WriteString(line)
		if err != nil || line == "\n" {
			return []byte(b.String()), err
		}
	}
}

// decodeEvent is the data of the first event of a body, which is what the contract has a schema for.
func decodeEvent(body io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (any, error) {
	raw, err := io.ReadAll(body)
	if err != nil {
		return nil, err
	}
	_, data, _ := strings.Cut(string(raw), "\ndata: ")
	var v any
	err = json.Unmarshal([]byte(data), &v)
	return v, err
}

// streamSchemas are the schemas of the data of a stream's events.
var streamSchemas = map[string]string{"ready": "StreamReady", "delivery": "DeliveryChange", "gap": "StreamGap",
	"end": "StreamEnd"}

// listenerSchemas are those of the stream of a listener.
var listenerSchemas = map[string]string{"ready": "StreamReady", "request": "ListenerRequest", "end": "ListenerEnd"}

// StreamEvent is one event of a stream.
type StreamEvent struct{ ID, Name, Data string }

// Stream is an open stream. Comments are passed over.
type Stream struct {
	events  chan StreamEvent
	close   context.CancelFunc
	schemas map[string]string
}

// Stream opens the stream of deliveries; it ends with the test. lastID may be empty; query is such as "?status=dead".
func (c *Client) Stream(t testing.TB, query, lastID string) *Stream {
	t.Helper()
	return c.stream(t, "/api/v1/webhooks/deliveries/stream"+query, lastID, streamSchemas)
}

// Listen opens the stream of a listener; it ends with the test.
func (c *Client) Listen(t testing.TB, listenerID string) *Stream {
	t.Helper()
	return c.stream(t, "/api/v1/webhooks/listeners/"+listenerID+"/stream", "", listenerSchemas)
}

func (c *Client) stream(t testing.TB, path, lastID string, schemas map[string]string) *Stream {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := c.Request(t, http.MethodGet, path, nil).WithContext(ctx)
	if lastID != "" {
		r.Header.Set("Last-Event-ID", lastID)
	}
	response, err := c.http.Do(r)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = response.Body.Close() })
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != eventStream {
		body, _ := io.ReadAll(response.Body)
		t.Fatalf("stream: got %d %s, want 200 and %s", response.StatusCode, body, eventStream)
	}
	s := &Stream{events: make(chan StreamEvent, 10_000), close: cancel, schemas: schemas}
	go s.read(response.Body)
	return s
}

func (s *Stream) read(body io.Reader) {
	defer close(s.events)
	var e StreamEvent
	for lines := bufio.NewScanner(body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			e.ID = value
		case "event":
			e.Name = value
		case "data":
			e.Data = value
		}
		if lines.Text() == "" && e.Name != "" {
			s.events <- e
			e = StreamEvent{}
		}
	}
}

// ErrStreamOver means that the server closed the stream.
var ErrStreamOver = errors.New("testkit: the stream is over")

// Next waits for the next event, which must fit the contract; it fails with ErrStreamOver when there won't be another.
func (s *Stream) Next(t testing.TB) (StreamEvent, error) {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case e, open := <-s.events:
		if !open {
			return e, ErrStreamOver
		}
		if wrong := Contract().Checker(s.schemas[e.Name])(e.Name, []byte(e.Data)); len(wrong) > 0 {
			t.Errorf("event %s of the stream: got %s, want it to fit the contract: %v", e.Name, e.Data, wrong)
		}
		return e, nil
	case <-limit.C:
		t.Fatalf("stream: got no event within %s, want one", patience)
		return StreamEvent{}, nil
	}
}

// Until waits for an event that condition holds for, and returns it.
func (s *Stream) Until(t testing.TB, condition func(StreamEvent) bool) StreamEvent {
	t.Helper()
	for {
		e, err := s.Next(t)
		if err != nil {
			t.Fatal(err)
		}
		if condition(e) {
			return e
		}
	}
}

// Close ends the stream from the reader's side.
func (s *Stream) Close() { s.close() }
