package main_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/hookline/hookline/pkg/webhook"
)

// How a producer makes its requests, so that sending one again has no second effect.
const (
	byID   = iota // events with an id of the client's
	byKey         // events with an Idempotency-Key
	asLead        // leads with an Idempotency-Key, which emit their events
	ways
)

// load has the requests of producers and their answers.
type load struct {
	site   *site
	key    string
	client *http.Client

	mu         sync.Mutex
	accepted   map[string]string // by mark: the id that the 2xx named
	unanswered map[string]bool   // marks of requests that were abandoned without an answer
	tries      int
}

const (
	producers = 12
	pause     = 90 * time.Millisecond // between two requests of a producer
	abandon   = 10                    // one request in so many is not sent again
)

func newLoad(s *site, key string) *load {
	return &load{
		site: s, key: key, client: &http.Client{Timeout: 5 * time.Second,
			Transport: &http.Transport{MaxIdleConnsPerHost: producers}},
		accepted: map[string]string{}, unanswered: map[string]bool{},
	}
}

// produce sends until stop closes, and returns when every request has had its end. Marks begin with the name.
func (l *load) produce(name string, stop <-chan struct{}) *sync.WaitGroup {
	var all sync.WaitGroup
	for p := range producers {
		all.Go(func() {
			tick := time.NewTicker(pause)
			defer tick.Stop()
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				case <-tick.C:
					l.insist(fmt.Sprintf("%s-%d-%d", name, p, n), p%ways, n%abandon == 0)
				}
			}
		})
	}
	return &all
}

// insist sends a request until it is answered with success, or gives it up after the first try.
func (l *load) insist(mark string, way int, once bool) {
	again := time.NewTicker(pause)
	defer again.Stop()
	for limit := time.Now().Add(2 * time.Minute); ; {
		id, ok := l.send(mark, way)
		last := once || time.Now().After(limit)
		l.mu.Lock()
		if ok {
			l.accepted[mark] = id
		} else if last {
			l.unanswered[mark] = true
		}
		l.tries++
		l.mu.Unlock()
		if ok || last {
			return
		}
		<-again.C
	}
}

const leadEvent = `{"id":"lead_1","name":"Ada","email":%q,"company":null,"first_name":null,"last_name":null,"phone":null,"website":null,"position":null,"twitter":null,"linkedin":null,"notes":"","score":42,"source":"crash","status":"new","created_at":"2026-11-21T09:00:00Z","updated_at":"2026-11-21T09:00:00Z"}`

// send makes one attempt; it is false when there was no answer, or one that does not say what happened.
func (l *load) send(mark string, way int) (id string, ok bool) {
	path, want, email := "/api/v1/events", http.StatusAccepted, mark+"@example.com"
	body := fmt.Sprintf(`{"type":"lead.created","data":`+leadEvent+`}`, email)
	switch way {
	case byID:
		body = fmt.Sprintf(`{"id":%q,"type":"lead.created","data":`+leadEvent+`}`, mark, email)
	case asLead:
		path, want, body = "/api/v1/leads", http.StatusCreated, fmt.Sprintf(`{"name":"Ada","email":%q}`, email)
	}
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, l.site.base.Load().(string)+path,
		bytes.NewReader([]byte(body)))
	if err != nil {
		l.site.t.Error(err)
		return "", false
	}
	r.Header.Set("Authorization", "Bearer "+l.key)
	r.Header.Set("Content-Type", "application/json")
	if way != byID {
		r.Header.Set("Idempotency-Key", mark)
	}
	response, err := l.client.Do(r)
	if err != nil {
		return "", false
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if response.StatusCode < 500 && response.StatusCode != want && (response.StatusCode != http.StatusConflict ||
		way == byID) {
		l.site.t.Errorf("%s: got status %d, want %d: %s", mark, response.StatusCode, want, answer)
	}
	var made struct{ ID string }
	if err != nil || response.StatusCode != want || json.Unmarshal(answer, &made) != nil {
		return "", false
	}
	return made.ID, true
}

// fate is how a consumer answers the requests of an event.
type fate int

const (
	taken   fate = iota
	delayed      // the first request fails
	refused      // every request fails
)

// consumer answers each event always in the same way, and records its requests.
type consumer struct {
	name     string
	url      string
	secret   string
	fate     func(eventID string) fate // of an event at its first request
	attempts int                       // until a delivery is dead; many, so that a slow machine kills none
	delay    time.Duration             // before each answer

	mu        sync.Mutex
	seen      map[string]*receipt
	hopeless  int // events that are refused and get more requests yet
	requests  int
	repeated  int // requests for an event that had been answered with 2xx
	forged    int
	different int // requests whose body was not that of the first
}

// receipt counts the requests for one event at a consumer.
type receipt struct {
	fate     fate
	requests int
	taken    bool
	body     [sha256.Size]byte
}

func newConsumer(t testing.TB, name string, f func(string) fate, attempts int, delay time.Duration) *consumer {
	c := &consumer{name: name, fate: f, attempts: attempts, delay: delay, seen: map[string]*receipt{}}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

func healthy(string) fate { return taken }

// maxHopeless keeps the failures in a row below the number that opens the circuit breaker, which would stay open for
// minutes when no other deliveries are left.
const maxHopeless = 2

// fickle fails the first request of one event in six, and all of one in a hundred.
func fickle(eventID string) fate {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(eventID))
	switch n := sum.Sum32() % 100; {
	case n == 0:
		return refused
	case n <= 16:
		return delayed
	}
	return taken
}

// meet decides an event's fate at its first request.
func (c *consumer) meet(eventID string, body []byte) *receipt {
	got := &receipt{body: sha256.Sum256(body), fate: c.fate(eventID)}
	switch {
	case got.fate == refused && c.hopeless == maxHopeless:
		got.fate = taken
	case got.fate == refused:
		c.hopeless++
	}
	return got
}

func (c *consumer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // its sender was killed while it sent
	}
	id := r.Header.Get(webhook.HeaderID)
	c.mu.Lock()
	c.requests++
	got, again := c.seen[id]
	if !again {
		got = c.meet(id, body)
		c.seen[id] = got
	}
	got.requests++
	if webhook.Verify(r.Header, body, time.Now(), c.secret) != nil {
		c.forged++
	}
	if got.body != sha256.Sum256(body) {
		c.different++
	}
	if got.taken {
		c.repeated++
	}
	if got.fate == refused && got.requests == c.attempts {
		c.hopeless--
	}
	fails := got.fate == refused || (got.fate == delayed && got.requests == 1)
	c.mu.Unlock()
	if c.delay > 0 {
		<-time.After(c.delay)
	}
	if fails {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	c.mu.Lock()
	got.taken = true
	c.mu.Unlock()
}
