package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// consumer is who receives the webhooks of one product: it verifies them as the product's documentation says, and
// remembers them.
type consumer struct {
	url     string
	product product
	server  *http.Server

	mu       sync.Mutex
	secrets  map[string]string // by path
	planned  []int             // the answers to the next requests; all others are 200, and 0 hangs up
	messages []*message        // in the order in which they first came
	changed  chan struct{}     // closed and replaced with every request
}

// message is a webhook and all attempts at it.
type message struct {
	at      time.Time // of the first attempt
	id      string    // webhook-id: the same on all attempts
	event   string    // as the product calls it
	data    object
	proof   string // what it was verified by
	err     error  // why it could not be
	answers []int
}

func (m *message) accepted() bool { return m.answers[len(m.answers)-1] == http.StatusOK }

// sample says whether the test button sent it.
func (m *message) sample() bool { return strings.HasPrefix(m.id, "evt_test_") }

func newConsumer(p product) (*consumer, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &consumer{url: "http://" + listener.Addr().String(), product: p, secrets: map[string]string{}, changed: make(chan struct{})}
	c.server = &http.Server{Handler: c, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = c.server.Serve(listener) }()
	return c, nil
}

// ServeHTTP implements http.Handler.
func (c *consumer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	status := c.receive(r, body)
	if status == 0 {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(status)
}

// receive verifies the raw body before it is read.
func (c *consumer) receive(r *http.Request, body []byte) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.find(r.Header.Get("webhook-id"))
	if m == nil {
		m = &message{at: time.Now(), id: r.Header.Get("webhook-id")}
		c.messages = append(c.messages, m)
	}
	status := http.StatusOK
	if m.proof, m.err = c.product.verify(r.Header, body, c.secrets[r.URL.Path]); m.err != nil {
		status = http.StatusUnauthorized
	} else if len(c.planned) > 0 {
		status, c.planned = c.planned[0], c.planned[1:]
	}
	if envelope, err := decode(body); err == nil {
		m.event, m.data = c.product.read(envelope)
	}
	m.answers = append(m.answers, status)
	close(c.changed)
	c.changed = make(chan struct{})
	return status
}

// find, like count, is called with the lock held.
func (c *consumer) find(id string) *message {
	if i := slices.IndexFunc(c.messages, func(m *message) bool { return m.id == id }); i >= 0 {
		return c.messages[i]
	}
	return nil
}

// count is how many messages of an event were accepted.
func (c *consumer) count(event string) (n int) {
	for _, m := range c.messages {
		if m.event == event && m.accepted() && !m.sample() {
			n++
		}
	}
	return n
}

// plan says how the next requests are answered.
func (c *consumer) plan(statuses ...int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.planned = statuses
}

// trust sets the secret that what comes at a path is signed with.
func (c *consumer) trust(path, secret string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.secrets[path] = secret
}

// await waits until so many messages of an event were accepted.
func (c *consumer) await(ctx context.Context, event string, n int) error {
	for {
		c.mu.Lock()
		enough, changed := c.count(event) >= n, c.changed
		c.mu.Unlock()
		if enough {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
