package deliverylog

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/background"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
)

const (
	// flushEvery is how late statistics may be.
	flushEvery = 3 * time.Second
	// flushRows is how many rows one transaction adds to.
	flushRows = 200
	// lastFlush limits the flush of Stop.
	lastFlush = 5 * time.Second
)

// Outcome is counted by a worker: an attempt that is over, a delivery that ended, or both at once.
type Outcome struct {
	Scope          principal.Scope
	EndpointID     string
	EventType      string
	Status         delivery.Status        // that the delivery ended in; one that isn't final counts no end
	Attempt        delivery.AttemptStatus // empty when no request was made
	ResponseStatus int                    // 0 when none came
	ResponseTime   time.Duration          // of the request; only counted with a status
	CreatedAt      time.Time              // when the delivery was created
	At             time.Time              // when this happened
}

// OutcomeOf is the outcome of a recorded attempt.
func OutcomeOf(o delivery.Observation) Outcome {
	out := Outcome{Scope: o.Delivery.Scope(), EndpointID: o.Delivery.EndpointID, EventType: o.Delivery.EventType,
		Status: o.Delivery.Status, Attempt: o.Attempt.Status, CreatedAt: o.Delivery.CreatedAt.Time,
		At: o.Attempt.FinishedAt.Time}
	if o.Attempt.ResponseStatus != nil {
		out.ResponseStatus = *o.Attempt.ResponseStatus
	}
	if t := o.Attempt.Timings.V; t != nil {
		out.ResponseTime = time.Duration(t.Total * float64(time.Millisecond))
	}
	return out
}

// Counter adds outcomes up in memory and adds the sums to delivery_counts every few seconds and when it stops. Several
// processes add to the same rows. What a killed process has not flushed is missing from the statistics.
type Counter struct {
	*background.Routine

	db    *db.DB
	flush sync.Mutex // held by the one flush

	mu      sync.Mutex
	pending map[countKey]*counts
}

// NewCounter makes a Counter, which flushes from Start to Stop.
func NewCounter(database *db.DB) *Counter {
	c := &Counter{db: database, pending: map[countKey]*counts{}}
	c.Routine = background.New(c.loop)
	return c
}

// countKey is the primary key of delivery_counts. The row with no endpoint and no event type is the sum of the others
// of its tenant and step.
type countKey struct {
	tenant      id.UUID
	environment principal.Environment
	seconds     int
	at          int64 // microseconds
	endpoint    id.UUID
	eventType   string
}

func (k countKey) compare(o countKey) int {
	return cmp.Or(k.tenant.Compare(o.tenant), cmp.Compare(k.environment, o.environment),
		cmp.Compare(k.seconds, o.seconds), cmp.Compare(k.at, o.at), k.endpoint.Compare(o.endpoint),
		cmp.Compare(k.eventType, o.eventType))
}

// The places of the sums in counts.
const (
	countSucceeded = iota
	countDead
	countCancelled
	countFailures
	countClass                    // attempts by the first digit of the response's status, 0 for none
	countLatency = countClass + 6 // by place in latencySteps, and one for longer ones
	// Requests by their duration, by place in latencySteps. No request takes longer than the last of these places.
	countResponse = countLatency + 23
	countSums     = countResponse + 18
)

// counts are the columns of a row that are added to, and last_at, the latest time at which a delivery was created.
type counts struct {
	sums [countSums]int64
	last int64
}

func (c *counts) add(o *counts) {
	for i, n := range o.sums {
		c.sums[i] += n
	}
	c.last = max(c.last, o.last)
}

// sumColumns are the names of the columns of counts.sums.
var sumColumns = func() []string {
	out := []string{"succeeded", "dead", "cancelled", "failures", "class_none"}
	for i := 1; i < 6; i++ {
		out = append(out, "class_"+strconv.Itoa(i))
	}
	for i := range countResponse - countLatency {
		out = append(out, "latency_"+strconv.Itoa(i))
	}
	for i := range countSums - countResponse {
		out = append(out, "response_"+strconv.Itoa(i))
	}
	return out
}()

// Add counts an outcome. It never blocks on the database. An outcome without a tenant or an endpoint is not counted.
func (c *Counter) Add(o Outcome) {
	tenant, err := id.ParseAs(id.Tenant, o.Scope.TenantID)
	if err != nil || o.Scope.Check() != nil {
		slog.Error("an outcome without a tenant was not counted", "tenant", o.Scope.TenantID)
		return
	}
	endpoint, err := id.ParseAs(id.Endpoint, o.EndpointID)
	if err != nil {
		slog.Error("an outcome without an endpoint was not counted", "endpoint", o.EndpointID)
		return
	}
	one := o.counts()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range Periods {
		key := countKey{tenant: tenant, environment: o.Scope.Environment, seconds: int(p.Step / time.Second),
			at: o.At.UTC().Truncate(p.Step).UnixMicro()}
		c.count(key, one)
		key.endpoint, key.eventType = endpoint, o.EventType
		c.count(key, one)
	}
}

// counts are an outcome as it is added to a row.
func (o Outcome) counts() *counts {
	one := &counts{last: o.CreatedAt.UnixMicro()}
	switch o.Status {
	case delivery.Succeeded:
		one.sums[countSucceeded] = 1
		one.sums[countLatency+latencyStep(o.At.Sub(o.CreatedAt))] = 1
	case delivery.Dead:
		one.sums[countDead] = 1
	case delivery.Cancelled:
		one.sums[countCancelled] = 1
	case delivery.Pending, delivery.Delivering, delivery.Retrying:
	}
	if o.Attempt != "" && o.Attempt != delivery.AttemptRunning {
		one.sums[countClass+min(max(o.ResponseStatus/100, 0), 5)] = 1
		if o.Attempt != delivery.AttemptSucceeded {
			one.sums[countFailures] = 1
		}
		if o.ResponseStatus != 0 && o.ResponseTime > 0 {
			one.sums[countResponse+min(latencyStep(o.ResponseTime), countSums-countResponse-1)] = 1
		}
	}
	return one
}

// count is called under the lock.
func (c *Counter) count(key countKey, n *counts) {
	sum := c.pending[key]
	if sum == nil {
		sum = &counts{}
		c.pending[key] = sum
	}
	sum.add(n)
}

func (c *Counter) loop(ctx context.Context) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastFlush)
			defer cancel()
			if err := c.Flush(last); err != nil {
				slog.Warn("the last counts of deliveries could not be stored", "error", err)
			}
			return
		}
		if err := c.Flush(ctx); err != nil && ctx.Err() == nil {
			slog.Warn("storing the counts of deliveries failed; will retry", "error", err)
		}
	}
}

// Flush stores what has been counted. What it can't store it keeps for the next time.
func (c *Counter) Flush(ctx context.Context) error {
	c.flush.Lock()
	defer c.flush.Unlock()
	c.mu.Lock()
	pending := c.pending
	c.pending = make(map[countKey]*counts, len(pending))
	c.mu.Unlock()
	keys := make([]countKey, 0, len(pending))
	for key := range pending {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, countKey.compare) // all processes lock rows in the same order
	for len(keys) > 0 {
		part := keys[:min(len(keys), flushRows)]
		err := c.db.Tx(ctx, func(tx *gorm.DB) error { return addCounts(tx, part, pending) })
		if err != nil {
			c.mu.Lock()
			defer c.mu.Unlock()
			for _, key := range keys {
				c.count(key, pending[key])
			}
			return err
		}
		keys = keys[len(part):]
	}
	return nil
}

// addCountsSQL is the statement that adds to rows, without the rows.
var addCountsSQL = func() (out struct{ insert, update string }) {
	out.insert = "INSERT INTO delivery_counts (tenant_id, environment, seconds, at, endpoint_id, event_type, last_at, " +
		strings.Join(sumColumns, ", ") + ") VALUES "
	out.update = " ON CONFLICT (tenant_id, environment, seconds, at, endpoint_id, event_type) DO UPDATE SET last_at = " +
		"CASE WHEN excluded.last_at > delivery_counts.last_at THEN excluded.last_at ELSE delivery_counts.last_at END"
	for _, name := range sumColumns {
		out.update += ", " + name + " = delivery_counts." + name + " + excluded." + name
	}
	return out
}()

func addCounts(tx *gorm.DB, keys []countKey, values map[countKey]*counts) error {
	row := "(?" + strings.Repeat(", ?", 6+countSums) + ")"
	args := make([]any, 0, len(keys)*(7+countSums))
	for _, k := range keys {
		v := values[k]
		args = append(args, k.tenant, k.environment, k.seconds, k.at, k.endpoint, k.eventType, v.last)
		for _, n := range v.sums {
			args = append(args, n)
		}
	}
	sql := addCountsSQL.insert + row + strings.Repeat(", "+row, len(keys)-1) + addCountsSQL.update
	return tx.Exec(sql, args...).Error
}
