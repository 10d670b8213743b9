package delivery

import (
	"testing"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
)

func TestOnlyEventsWithDeliveriesThatAreDueGetATask(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name               string
		endpoints, settled int
		want               bool
	}{
		{"no endpoint", 0, 0, false},
		{"one to attempt", 1, 0, true},
		{"all filtered or throttled", 2, 2, false},
		{"one of two to attempt", 2, 1, true},
	} {
		d := NewDispatcher(&Store{now: time.Now}, nil)
		e := event.Event{ID: id.New(id.Event), TenantID: id.New(id.Tenant), DispatchedAt: db.At(noon),
			Endpoints: make(event.Endpoints, c.endpoints), Settled: c.settled}
		d.Committed([]event.Event{e})
		if got := len(d.batches) == 1; got != c.want {
			t.Errorf("a task for an event with %s: got %v, want %v", c.name, got, c.want)
		}
	}
}
