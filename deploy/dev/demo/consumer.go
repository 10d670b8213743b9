package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// samplePrefix is the prefix of the ids of test events.
const samplePrefix = "evt_test_"

// consumer receives the webhooks of one product: it verifies them as the product's documentation says, and
// remembers them.
type consumer struct {
	url     string
	product product
	server  *http.Server

	mu       sync.Mutex
	secrets  map[string]string // by path
	planned  []int             // the answers to the next requests; all others are 200, and 0 hangs up
	messages []*message
	changed  chan struct{} // closed and replaced with every request
}

// message is a webhook and all attempts at it.
type message struct {
	at      time.Time // of the first attempt
	id      string    // webhook-id: the same on all attempts
	event   string    // as the product calls it
	body    []byte
	data    object
	proof   string // what it was verified by
	err     error  // why an attempt could not be
	answers []int
}

func (m *message) accepted() bool { return m.answers[len(m.answers)-1] == http.StatusOK }

func newConsumer(p product) (*consumer, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &consumer{url: "http://" + listener.Addr().String(), product: p, secrets: map[string]string{},
		changed: make(chan struct{})}
	c.server = &http.Server{Handler: c, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = c.server.Serve(listener) }()
	return c, nil
}

// stop ends it and returns what it got, in the order in which it first came.
func (c *consumer) stop() []*message {
	_ = c.server.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	all := c.messages
	c.messages = nil // a request that is still being answered must not change what is printed
	return all
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

// receive verifies the raw body before it is read. All attempts at a webhook must have the same.
func (c *consumer) receive(r *http.Request, body []byte) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.find(r.Header.Get("webhook-id"))
	if m == nil {
		m = &message{at: time.Now(), id: r.Header.Get("webhook-id"), body: body}
		c.messages = append(c.messages, m)
	}
	proof, err := c.product.verify(r.Header, body, c.secrets[r.URL.Path])
	if !bytes.Equal(body, m.body) {
		err = errors.New("another attempt had another body")
	}
	m.proof, m.err = proof, errors.Join(m.err, err)
	status := http.StatusOK
	if err != nil {
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

// find, like got and refused, is called with the lock held.
func (c *consumer) find(id string) *message {
	if i := slices.IndexFunc(c.messages, func(m *message) bool { return m.id == id }); i >= 0 {
		return c.messages[i]
	}
	return nil
}

// got counts the messages that were accepted, by event; samples aside.
func (c *consumer) got() map[string]int {
	n := map[string]int{}
	for _, m := range c.messages {
		if m.accepted() && !strings.HasPrefix(m.id, samplePrefix) {
			n[m.event]++
		}
	}
	return n
}

// refused is why a webhook could not be verified, if one could not.
func (c *consumer) refused() error {
	for _, m := range c.messages {
		if m.err != nil {
			return fmt.Errorf("its consumer refused the webhook %s: %w", m.id, m.err)
		}
	}
	return nil
}

// plan sets the answers to the next requests.
func (c *consumer) plan(statuses ...int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.planned = statuses
}

// trust sets the secret of the requests at a path.
func (c *consumer) trust(path, secret string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.secrets[path] = secret
}

// await waits until so many messages of each event were accepted.
func (c *consumer) await(ctx context.Context, want map[string]int) error {
	for {
		c.mu.Lock()
		got, changed, refused := c.got(), c.changed, c.refused()
		c.mu.Unlock()
		missing := slices.DeleteFunc(slices.Sorted(maps.Keys(want)), func(event string) bool {
			return got[event] >= want[event]
		})
		if refused != nil || len(missing) == 0 {
			return refused
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("its consumer waited in vain for %s", strings.Join(missing, ", "))
		}
	}
}
