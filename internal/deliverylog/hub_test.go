package deliverylog_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/deliverylog"
	"github.com/hookline/hookline/internal/principal"
)

// log is a source in memory that counts how often it is read.
type log struct {
	mu    sync.Mutex
	marks []deliverylog.Mark
	reads atomic.Int64
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

// set stores deliveries that changed at a time after noon.
func (l *log) set(status delivery.Status, at time.Duration, ids ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, deliveryID := range ids {
		l.marks = slices.DeleteFunc(l.marks, func(m deliverylog.Mark) bool { return m.ID == deliveryID })
		l.marks = append(l.marks, deliverylog.Mark{ID: deliveryID, Status: status, ChangedAt: db.At(noon.Add(at))})
	}
}

func (l *log) add(at time.Duration, ids ...string) { l.set(delivery.Succeeded, at, ids...) }

// Recent returns the deliveries that were set last, and those in the statuses.
func (l *log) Recent(_ context.Context, _ principal.Scope, limit int, statuses ...delivery.Status) ([]deliverylog.Mark,
	error) {
	l.reads.Add(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []deliverylog.Mark
	for i, m := range slices.Backward(l.marks) {
		if len(l.marks)-i <= limit || slices.Contains(statuses, m.Status) {
			out = append(out, m)
		}
	}
	return out, nil
}

func (l *log) Changes(_ context.Context, _ principal.Scope, ids []string) ([]deliverylog.Change, error) {
	l.reads.Add(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []deliverylog.Change
	for _, m := range l.marks {
		if slices.Contains(ids, m.ID) {
			out = append(out, deliverylog.Change{Delivery: delivery.Delivery{ID: m.ID, Status: m.Status,
				ChangedAt: m.ChangedAt}})
		}
	}
	return out, nil
}

var scope = principal.Scope{TenantID: "tnt_1", Environment: principal.Live}

func start(t *testing.T, l *log) *deliverylog.Hub {
	t.Helper()
	h := deliverylog.NewHub(l, atNoon, nil)
	t.Cleanup(func() { _ = h.Stop(context.Background()) })
	return h
}

func watch(t *testing.T, h *deliverylog.Hub) *deliverylog.Viewer {
	t.Helper()
	v, err := h.Watch(t.Context(), scope)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Leave)
	return v
}

func TestAViewerThatDoesNotReadIsDroppedAndDelaysNoOther(t *testing.T) {
	t.Parallel()
	l := &log{}
	h := start(t, l)
	asleep, awake := watch(t, h), watch(t, h)
	for step := range 10 { // each of fewer than a viewer may be behind
		for i := range 500 {
			l.add(time.Duration(step*500+i+1)*time.Microsecond, fmt.Sprint("dlv_", step, "_", i))
		}
		h.Wake(scope)
		for range 500 {
			if _, open := <-awake.C; !open {
				t.Fatal("viewer that reads: got it dropped, want it kept")
			}
		}
	}
	n := 0
	for range asleep.C {
		n++
	}
	if n == 0 || n >= 5000 {
		t.Errorf("changes that wait for a viewer that does not read: got %d, want some of 5000, and then it "+
			"dropped", n)
	}
}

func TestAChangeThatWasCommittedLateIsStillToldAndNoneTwice(t *testing.T) {
	t.Parallel()
	l := &log{}
	l.add(-time.Hour, "dlv_before")
	h := start(t, l)
	v := watch(t, h)
	next := func(want string) {
		t.Helper()
		if c := <-v.C; c.Delivery.ID != want {
			t.Errorf("got a change of %s, want one of %s", c.Delivery.ID, want)
		}
	}
	l.add(3*time.Second, "dlv_new")
	h.Wake(scope)
	next("dlv_new")
	l.add(-500*time.Millisecond, "dlv_late")
	h.Wake(scope)
	next("dlv_late")
	l.add(4*time.Second, "dlv_noticed")
	h.Wake(scope, "dlv_noticed", "dlv_new")
	next("dlv_noticed")
	l.add(5*time.Second, "dlv_last")
	h.Wake(scope)
	next("dlv_last")
}

func TestADeliveryThatIsOverIsToldThoughManyAreNewer(t *testing.T) {
	t.Parallel()
	l := &log{}
	l.set(delivery.Retrying, -time.Hour, "dlv_slow")
	h := start(t, l)
	v := watch(t, h)
	newer := make([]string, 2000) // more than are looked at
	for i := range newer {
		newer[i] = fmt.Sprint("dlv_", i)
	}
	l.set(delivery.Succeeded, time.Second, "dlv_slow")
	l.add(-time.Hour, newer...)
	h.Wake(scope)
	if c := <-v.C; c.Delivery.ID != "dlv_slow" || c.Delivery.Status != delivery.Succeeded {
		t.Errorf("got a change of %s to %s, want dlv_slow, which succeeded", c.Delivery.ID, c.Delivery.Status)
	}
}

func TestTheDatabaseIsReadOncePerTenantAndNotAtAllWhenNobodyWatches(t *testing.T) {
	t.Parallel()
	l := &log{}
	h := start(t, l)
	for range 1000 {
		h.Wake(scope)
	}
	if n := l.reads.Load(); n != 0 {
		t.Errorf("reads without viewers: got %d, want 0", n)
	}
	var viewers []*deliverylog.Viewer
	for range 200 {
		viewers = append(viewers, watch(t, h))
	}
	if n := h.Viewers(); n != 200 {
		t.Errorf("viewers: got %d, want 200", n)
	}
	before := l.reads.Load()
	l.add(time.Second, "dlv_1")
	h.Wake(scope)
	for _, v := range viewers {
		if c := <-v.C; c.Delivery.ID != "dlv_1" {
			t.Errorf("change: got %s, want dlv_1", c.Delivery.ID)
		}
	}
	if n := l.reads.Load() - before; n >= 200 {
		t.Errorf("reads for one change: got %d, want fewer than its 200 viewers", n)
	}
	for _, v := range viewers {
		v.Leave()
	}
	if n := h.Viewers(); n != 0 {
		t.Errorf("viewers: got %d, want 0", n)
	}
}

// insertOldest stores a delivery as one that is older than all others.
func (l *log) insertOldest(m deliverylog.Mark) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.marks = append([]deliverylog.Mark{m}, l.marks...)
}
