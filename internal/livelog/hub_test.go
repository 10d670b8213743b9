package livelog_test

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
	"github.com/hookline/hookline/internal/livelog"
	"github.com/hookline/hookline/internal/principal"
)

// log is a source in memory that counts how often it is read.
type log struct {
	mu    sync.Mutex
	marks []delivery.Mark
	reads atomic.Int64
}

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func (l *log) Clock(context.Context) (time.Time, error) { return noon, nil }

func (l *log) add(at time.Duration, ids ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, deliveryID := range ids {
		l.marks = append(l.marks, delivery.Mark{ID: deliveryID, ChangedAt: db.At(noon.Add(at))})
	}
	slices.SortStableFunc(l.marks, func(a, b delivery.Mark) int { return a.ChangedAt.Compare(b.ChangedAt.Time) })
}

func (l *log) Changed(_ context.Context, _ principal.Scope, after time.Time, _ int) ([]delivery.Mark, error) {
	l.reads.Add(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []delivery.Mark
	for _, m := range l.marks {
		if m.ChangedAt.After(after) {
			out = append(out, m)
		}
	}
	return out, nil
}

func (l *log) Changes(_ context.Context, _ principal.Scope, ids []string) ([]delivery.Change, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []delivery.Change
	for _, m := range l.marks {
		if slices.Contains(ids, m.ID) {
			out = append(out, delivery.Change{Delivery: delivery.Delivery{ID: m.ID, ChangedAt: m.ChangedAt}})
		}
	}
	return out, nil
}

var scope = principal.Scope{TenantID: "tnt_1", Environment: principal.Live}

func start(t *testing.T, l *log) *livelog.Hub {
	t.Helper()
	h := livelog.NewHub(l, nil)
	t.Cleanup(func() { _ = h.Stop(context.Background()) })
	return h
}

func watch(t *testing.T, h *livelog.Hub) *livelog.Viewer {
	t.Helper()
	v, err := h.Watch(t.Context(), scope)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Leave)
	return v
}

func TestAViewerWhoDoesNotReadIsDroppedAndHoldsUpNobody(t *testing.T) {
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
				t.Fatal("who reads was dropped")
			}
		}
	}
	n := 0
	for range asleep.C {
		n++
	}
	if n == 0 || n >= 5000 {
		t.Errorf("who slept found %d waiting", n)
	}
}

func TestAChangeThatWasCommittedLateIsStillToldAndNoneTwice(t *testing.T) {
	t.Parallel()
	l := &log{}
	l.add(-time.Second, "dlv_before")
	h := start(t, l)
	v := watch(t, h)
	l.add(3*time.Second, "dlv_new")
	h.Wake(scope)
	if c := <-v.C; c.Delivery.ID != "dlv_new" {
		t.Errorf("%s", c.Delivery.ID)
	}
	l.add(-500*time.Millisecond, "dlv_late")
	h.Wake(scope)
	if c := <-v.C; c.Delivery.ID != "dlv_late" {
		t.Errorf("%s", c.Delivery.ID)
	}
	l.add(4*time.Second, "dlv_last")
	h.Wake(scope)
	if c := <-v.C; c.Delivery.ID != "dlv_last" {
		t.Errorf("%s", c.Delivery.ID)
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
		t.Errorf("%d reads for nobody", n)
	}
	var viewers []*livelog.Viewer
	for range 200 {
		viewers = append(viewers, watch(t, h))
	}
	if n := h.Viewers(); n != 200 {
		t.Errorf("%d viewers", n)
	}
	before := l.reads.Load()
	l.add(time.Second, "dlv_1")
	h.Wake(scope)
	for _, v := range viewers {
		if c := <-v.C; c.Delivery.ID != "dlv_1" {
			t.Errorf("%s", c.Delivery.ID)
		}
	}
	if n := l.reads.Load() - before; n >= 200 {
		t.Errorf("%d reads for one change", n)
	}
	for _, v := range viewers {
		v.Leave()
	}
	if n := h.Viewers(); n != 0 {
		t.Errorf("%d viewers are left", n)
	}
}
