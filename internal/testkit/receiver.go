package testkit

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// Received is a request that reached a Receiver.
type Received struct {
	Method string
	Path   string
	Header http.Header
	Body   []byte
	At     time.Time
}

// Receiver is a consumer of webhooks.
type Receiver struct {
	URL string

	mu       sync.Mutex
	all      []Received
	answered []Received    // what Next has not returned yet
	changed  chan struct{} // has an element when answered has
	answer   func(w http.ResponseWriter, r Received, n int)
}

// NewReceiver starts a consumer. answer writes the answer to the n-th request, from 1; nil answers 200.
func NewReceiver(t testing.TB, answer func(w http.ResponseWriter, r Received, n int)) *Receiver {
	t.Helper()
	r := &Receiver{changed: make(chan struct{}, 1), answer: answer}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

// ServeHTTP implements http.Handler.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	got := Received{Method: request.Method, Path: request.URL.Path, Header: request.Header.Clone(), Body: body,
		At: time.Now()}
	r.mu.Lock()
	r.all = append(r.all, got)
	n := len(r.all)
	r.mu.Unlock()
	if r.answer != nil {
		r.answer(w, got, n)
	}
	r.mu.Lock()
	r.answered = append(r.answered, got)
	r.mu.Unlock()
	r.signal()
}

// signal wakes one caller of Next.
func (r *Receiver) signal() {
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// Next waits for the next request that was answered.
func (r *Receiver) Next(t testing.TB) Received {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	for {
		if got, ok := r.next(); ok {
			return got
		}
		select {
		case <-r.changed:
		case <-limit.C:
			t.Fatalf("webhook: got none within %s after %d, want one", patience, r.Count())
		}
	}
}

func (r *Receiver) next() (got Received, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.answered) == 0 {
		return got, false
	}
	got, r.answered = r.answered[0], r.answered[1:]
	if len(r.answered) > 0 {
		r.signal() // another caller may wait
	}
	return got, true
}

// All returns what arrived so far.
func (r *Receiver) All() []Received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Received(nil), r.all...)
}

// Count is how many requests arrived so far.
func (r *Receiver) Count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.all)
}
