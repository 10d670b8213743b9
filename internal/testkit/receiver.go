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

	mu      sync.Mutex
	all     []Received
	arrived chan Received
	answer  func(w http.ResponseWriter, r Received, n int)
}

// NewReceiver starts a consumer. answer writes the answer to the n-th request, from 1; nil answers 200.
func NewReceiver(t testing.TB, answer func(w http.ResponseWriter, r Received, n int)) *Receiver {
	t.Helper()
	r := &Receiver{arrived: make(chan Received, 100_000), answer: answer}
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
	r.arrived <- got
}

// Next waits for the next request.
func (r *Receiver) Next(t testing.TB) Received {
	t.Helper()
	limit := time.NewTimer(patience)
	defer limit.Stop()
	select {
	case got := <-r.arrived:
		return got
	case <-limit.C:
		t.Fatalf("no webhook arrived within %s", patience)
		return Received{}
	}
}

// All returns what arrived so far.
func (r *Receiver) All() []Received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Received(nil), r.all...)
}
