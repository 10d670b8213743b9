package delivery

import (
	"fmt"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/queue"
)

func TestAQueueKeepsRoomForOthers(t *testing.T) {
	t.Parallel()
	now := noon
	f := newInFlight(func() time.Time { return now })
	f.limit(queue.Fast, 32)
	f.limit(queue.Bulk, 32)
	enter := func(tenant, endpointID string, from, n int) (entered int) {
		for i := range n {
			d := Delivery{ID: fmt.Sprint(endpointID, "-", from+i), EndpointID: endpointID, TenantID: tenant}
			if f.enter(d, queue.Fast) == free {
				entered++
			}
		}
		return entered
	}
	leave := func(endpointID string, from, n int, succeeded bool) {
		for i := range n {
			f.leave(fmt.Sprint(endpointID, "-", from+i), succeeded)
		}
	}
	if n := enter("a", "a1", 0, 20); n != 8 {
		t.Errorf("requests of an endpoint that answers nothing: got %d, want 8", n)
	}
	if n := enter("a", "a2", 0, 20) + enter("a", "a3", 0, 20); n != 8 {
		t.Errorf("requests of its tenant's other endpoints: got %d, want 8", n)
	}
	for i, another := range []Delivery{{ID: "a1-in-bulk", EndpointID: "a1", TenantID: "a"}, {ID: "a4-in-bulk",
		EndpointID: "a4", TenantID: "a"}} {
		if r := f.enter(another, queue.Bulk); r == free {
			t.Errorf("request %d in another queue: got room %d, want less than its share there", i, r)
		}
	}
	if n := enter("b", "b1", 0, 8); n != 8 {
		t.Errorf("requests of another tenant: got %d, want 8", n)
	}
	leave("b1", 0, 8, true)
	if n := enter("b", "b1", 8, 20); n != 9 { // one more than the eight that it did, and then no more
		t.Errorf("requests of one that answered 8 in a second: got %d, want 9", n)
	}
	for wait, want := range map[time.Duration]room{0: soon, answerIn: full} { // it may yet answer
		now = now.Add(wait)
		if r := f.enter(Delivery{ID: "b1-30", EndpointID: "b1", TenantID: "b"}, queue.Fast); r != want {
			t.Errorf("room after %s: got %d, want %d", wait, r, want)
		}
		now = now.Add(-wait)
	}
	leave("b1", 8, 9, true)
	if n := enter("b", "b1", 40, 20); n != 18 {
		t.Errorf("requests of one that answered 17 in a second: got %d, want 18", n)
	}
	leave("b1", 40, 18, true)
	if n := enter("b", "b1", 60, 40); n != 28 {
		t.Errorf("requests of one that answered 35 in a second: got %d, want 28", n)
	}
	if r := f.enter(Delivery{ID: "b1-99", EndpointID: "b1", TenantID: "b"}, queue.Fast); r != soon {
		t.Errorf("its room then: got %d, want %d", r, soon)
	}
	leave("a1", 0, 20, false)
	leave("a1", 0, 20, false)
	if n := enter("a", "a1", 20, 20); n != 8 {
		t.Errorf("room that was given back twice: got %d, want 8", n)
	}
}

func TestRequestsOfWorkersThatVanishedGiveTheirRoomBack(t *testing.T) {
	t.Parallel()
	now := noon
	f := newInFlight(func() time.Time { return now })
	f.limit(queue.Fast, 4)
	for i := range 4 {
		f.enter(Delivery{ID: fmt.Sprint("old-", i), EndpointID: fmt.Sprint("e", i), TenantID: fmt.Sprint("t", i)},
			queue.Fast)
	}
	now = now.Add(requestMost + time.Minute)
	if r := f.enter(Delivery{ID: "new", EndpointID: "e0", TenantID: "t0"}, queue.Fast); r != free ||
		f.count(queue.Fast) != 1 {
		t.Errorf("after longer than any request takes: got room %d and %d requests, want %d and 1", r, f.count(queue.Fast), free)
	}
}

func TestARequestThatEntersTwiceTakesRoomOnce(t *testing.T) {
	t.Parallel()
	f := newInFlight(func() time.Time { return noon })
	f.limit(queue.Fast, 4)
	d := Delivery{ID: "d", EndpointID: "e", TenantID: "t"}
	for range 3 {
		if r := f.enter(d, queue.Fast); r != free {
			t.Errorf("room of a request that has it: got %d, want %d", r, free)
		}
	}
	if n := f.count(queue.Fast); n != 1 {
		t.Errorf("requests: got %d, want 1", n)
	}
	f.leave("d", false)
	if n, r := f.count(queue.Fast), f.enter(Delivery{ID: "d2", EndpointID: "e", TenantID: "t"}, queue.Fast); n != 0 ||
		r != free {
		t.Errorf("after it left: got %d requests, room %d, want 0, %d", n, r, free)
	}
}

func TestWithoutALimitThereIsRoomAndLoadsAreCountedByQueue(t *testing.T) {
	t.Parallel()
	f := newInFlight(func() time.Time { return noon })
	for i := range 100 {
		if r := f.enter(Delivery{ID: fmt.Sprint(i), EndpointID: "e", TenantID: "t"}, queue.Fast); r != free {
			t.Fatalf("request %d: got room %d, want %d", i, r, free)
		}
	}
	f.take(queue.Fast, 100)
	f.take(queue.Bulk, 7)
	f.take(queue.Fast, -40)
	if fast, bulk := f.load(queue.Fast), f.load(queue.Bulk); fast != 60 || bulk != 7 {
		t.Errorf("loads: got %d and %d, want 60 and 7", fast, bulk)
	}
}
