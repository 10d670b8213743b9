// Package listener carries requests to listeners: endpoints whose requests go down a stream instead of to a URL. The
// worker that makes an attempt and the API process that has the stream are different processes, so the Relay passes
// requests and answers through Redis. It passes what is sent, signature included, and never a stored secret.
package listener

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/hookline/hookline/internal/endpoint"
)

const (
	// maxOpen is how many requests of a listener may be open, as the contract says.
	maxOpen = 20
	// keepFor is how long Redis keeps requests and answers; longer than any attempt takes.
	keepFor = 2 * time.Minute
	// connectedFor is how long a stream counts as open after its last sign of life, and signEvery is between two.
	connectedFor = 10 * time.Second
	signEvery    = 2 * time.Second
	// lookEvery is how late a request or an answer is found whose notice was lost.
	lookEvery = time.Second
	// skew is how far the clocks of two processes may be apart.
	skew = 30 * time.Second
)

// Request is one signed request, as it passes through Redis.
type Request struct {
	ID        string            `json:"id"`
	Delivery  string            `json:"delivery"`
	EventType string            `json:"event_type"`
	Attempt   int               `json:"attempt"`
	Method    string            `json:"method"`
	Headers   map[string]string `json:"headers"`
	Body      []byte            `json:"body"`
	Deadline  time.Time         `json:"deadline"`
}

// Answer is what became of a request.
type Answer struct {
	Status    int               `json:"status,omitempty"`
	Headers   map[string]string `json:"headers,omitempty"`
	Body      []byte            `json:"body,omitempty"`
	Truncated bool              `json:"truncated,omitempty"`
	Error     string            `json:"error,omitempty"` // one of egress's codes; then there is no Status
	Duration  time.Duration     `json:"duration,omitempty"`
}

// Relay passes requests and answers between workers and streams.
type Relay struct {
	redis   redis.UniversalClient
	notices *notices
}

// NewRelay makes a Relay. The client keeps the deadline of a context, so that a Redis that is away does not hold up an
// attempt for longer than it may take.
func NewRelay(client redis.UniversalClient) *Relay {
	return &Relay{redis: client, notices: newNotices(client)}
}

// Start subscribes to notices.
func (r *Relay) Start(ctx context.Context) error { return r.notices.Start(ctx) }

// Stop ends the subscription.
func (r *Relay) Stop(ctx context.Context) error { return r.notices.Stop(ctx) }

// keyOf begins the keys of a listener; the braces keep them in one slot of a Cluster.
func keyOf(e endpoint.Endpoint) string { return "listener:{" + e.TenantID + ":" + e.ID + "}:" }

// put adds a request unless too many are open.
//
// KEYS[1] the hash of open requests; ARGV[1] the id, ARGV[2] the request, ARGV[3] how many may be open, ARGV[4] how
// long they are kept in milliseconds. Returns 1 when it was added, otherwise 0.
var put = redis.NewScript(`
if redis.call("HLEN", KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
redis.call("PEXPIRE", KEYS[1], ARGV[4])
return 1`)

// answer stores the answer to an open request, and closes the request.
//
// KEYS[1] the hash of open requests, KEYS[2] the key of the answer; ARGV[1] the id, ARGV[2] the answer, ARGV[3] how
// long it is kept in milliseconds. Returns 1 when the request was open, otherwise 0.
var answer = redis.NewScript(`
if redis.call("HDEL", KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call("SET", KEYS[2], ARGV[2], "PX", ARGV[3])
return 1`)

// sign renews the sign of life of a stream, unless another stream has taken the listener over.
//
// KEYS[1] the sign of life; ARGV[1] the name of the stream, ARGV[2] how long it counts in milliseconds. Returns 1 when
// the stream still has the listener, otherwise 0.
var sign = redis.NewScript(`
local name = redis.call("GET", KEYS[1])
if name and name ~= ARGV[1] then return 0 end
redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
return 1`)

// leave removes the sign of life of a stream, unless it is another's.
//
// KEYS[1] the sign of life; ARGV[1] the name of the stream. Returns 1 when it was removed, otherwise 0.
var leave = redis.NewScript(`
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call("DEL", KEYS[1])`)

// put opens a request; it is false when too many are open.
func (r *Relay) put(ctx context.Context, e endpoint.Endpoint, q Request) (bool, error) {
	raw, err := json.Marshal(q)
	if err != nil {
		return false, err
	}
	key := keyOf(e)
	n, err := put.Run(ctx, r.redis, []string{key + "open"}, q.ID, raw, maxOpen, keepFor.Milliseconds()).Int()
	if err == nil && n == 1 {
		r.notices.send(ctx, key)
	}
	return n == 1, err
}

// withdraw closes a request that nobody answered; it is false when somebody did.
func (r *Relay) withdraw(ctx context.Context, e endpoint.Endpoint, requestID string) (bool, error) {
	n, err := r.redis.HDel(ctx, keyOf(e)+"open", requestID).Result()
	return n == 1, err
}

// open returns the open requests of a listener, oldest first, and removes those whose deadline has passed: their worker
// is gone.
func (r *Relay) open(ctx context.Context, e endpoint.Endpoint) ([]Request, error) {
	all, err := r.redis.HGetAll(ctx, keyOf(e)+"open").Result()
	if err != nil {
		return nil, err
	}
	var out []Request
	for requestID, raw := range all {
		var q Request
		if err := json.Unmarshal([]byte(raw), &q); err != nil || time.Now().After(q.Deadline.Add(skew)) {
			if _, err := r.withdraw(ctx, e, requestID); err != nil {
				return nil, err
			}
			continue
		}
		out = append(out, q)
	}
	slices.SortFunc(out, func(a, b Request) int { return strings.Compare(a.ID, b.ID) }) // ids sort by time
	return out, nil
}

// Answer stores the answer to a request; it is false when the request is not open any more, or never was.
func (r *Relay) Answer(ctx context.Context, e endpoint.Endpoint, requestID string, a Answer) (bool, error) {
	raw, err := json.Marshal(a)
	if err != nil {
		return false, err
	}
	key := keyOf(e)
	n, err := answer.Run(ctx, r.redis, []string{key + "open", key + requestID}, requestID, raw,
		keepFor.Milliseconds()).Int()
	if err == nil && n == 1 {
		r.notices.send(ctx, key+requestID)
	}
	return n == 1, err
}

// answered returns the answer to a request; nil while there is none.
func (r *Relay) answered(ctx context.Context, e endpoint.Endpoint, requestID string) (*Answer, error) {
	raw, err := r.redis.GetDel(ctx, keyOf(e)+requestID).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var a Answer
	return &a, json.Unmarshal(raw, &a)
}

// connect takes the listener over for a stream.
func (r *Relay) connect(ctx context.Context, e endpoint.Endpoint, stream string) error {
	return r.redis.Set(ctx, keyOf(e)+"stream", stream, connectedFor).Err()
}

// sign says that a stream is open; it is false when another one has taken the listener over.
func (r *Relay) sign(ctx context.Context, e endpoint.Endpoint, stream string) (bool, error) {
	n, err := sign.Run(ctx, r.redis, []string{keyOf(e) + "stream"}, stream, connectedFor.Milliseconds()).Int()
	return n == 1, err
}

// disconnect says that a stream is closed.
func (r *Relay) disconnect(ctx context.Context, e endpoint.Endpoint, stream string) error {
	return leave.Run(ctx, r.redis, []string{keyOf(e) + "stream"}, stream).Err()
}

// connected says whether a listener has an open stream.
func (r *Relay) connected(ctx context.Context, e endpoint.Endpoint) (bool, error) {
	n, err := r.redis.Exists(ctx, keyOf(e)+"stream").Result()
	return n == 1, err
}
