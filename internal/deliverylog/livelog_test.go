package deliverylog_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/deliverylog"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// change makes a delivery succeed at a moment.
func (f *fixture) change(t *testing.T, deliveryID string, at time.Time) {
	t.Helper()
	f.tx(t, func(tx *gorm.DB) error {
		return db.WhereID(tx.Model(&delivery.Delivery{}), "id", deliveryID).Updates(map[string]any{
			"status": delivery.Succeeded, "reason": "", "changed_at": db.At(at)}).Error
	})
}

func TestChangesAreFoundWithoutNoticesAndToldOnce(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		f := newFixture(t, e)
		other := f.tenant(t)
		hook, strange := f.endpoint(t, f.scope), f.endpoint(t, other)
		add := func(status delivery.Status) delivery.Delivery {
			d := of(t, f.event(t, f.scope, f.now, "order-"+id.New(id.Event), hook), hook, status, "", 0)
			f.insert(t, d)
			return d
		}
		slow := add(delivery.Retrying)
		h := deliverylog.NewHub(f.store, func() time.Time { return f.now }, nil)
		t.Cleanup(func() { _ = h.Stop(context.Background()) })
		v, err := h.Watch(t.Context(), f.scope)
		if err != nil {
			t.Fatal(err)
		}
		defer v.Leave()
		f.insert(t, of(t, f.event(t, other, f.now, "", strange), strange, delivery.Succeeded, "", 200))
		quick := add(delivery.Succeeded)
		if c := <-v.C; c.Delivery.ID != quick.ID || c.Attempt != nil {
			t.Errorf("got a change of %s, want the new delivery %s", c.Delivery.ID, quick.ID)
		}
		attempt := delivery.Attempt{DeliveryID: slow.ID, Number: 2, Status: delivery.AttemptSucceeded,
			ResponseBody: []byte{}, StartedAt: db.At(f.now)}
		if err := db.InsertAll(f.d.Read(t.Context()), []delivery.Attempt{attempt}); err != nil {
			t.Fatal(err)
		}
		f.change(t, slow.ID, f.now.Add(time.Second))
		c := <-v.C
		if c.Delivery.ID != slow.ID || c.Delivery.Status != delivery.Succeeded || c.Attempt == nil ||
			c.ToWire().Attempt.ID != attempt.ID() {
			t.Errorf("got the change %+v, want %s with its attempt", c, slow.ID)
		}
	})
}

func TestANoticeNamesWhatIsRead(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		redis, err := queue.Open(engine.New(t, e).RedisURL)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = redis.Close() })
		l := &log{}
		h := deliverylog.NewHub(l, atNoon, redis.UniversalClient)
		n := deliverylog.NewNotices(redis.UniversalClient)
		if err := h.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = h.Stop(context.Background()) })
		if err := n.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = n.Stop(context.Background()) })
		newer := make([]string, 1000) // so many that a look does not find what is older
		for i := range newer {
			newer[i] = fmt.Sprint("dlv_", i)
		}
		l.add(-time.Hour, newer...)
		v := watch(t, h)
		l.insertOldest(deliverylog.Mark{ID: "dlv_old", Status: delivery.Succeeded, ChangedAt: db.At(noon)})
		engine.Await(t, "the change of which a notice tells", func() bool {
			n.Changed(scope, "dlv_old") // the subscription may not have begun
			select {
			case c := <-v.C:
				return c.Delivery.ID == "dlv_old"
			default:
				return false
			}
		})
	})
}

func TestNoticesOfVeryManyDeliveriesAreBounded(t *testing.T) {
	t.Parallel()
	n := deliverylog.NewNotices(nil)
	few := principal.Scope{TenantID: "tnt_few", Environment: principal.Live}
	n.Changed(few, "dlv_1", "dlv_2", "dlv_1")
	for i := range 5000 {
		n.Changed(scope, fmt.Sprint("dlv_", i))
	}
	got := strings.Fields(n.Message())
	want := []string{"tnt_few/live/dlv_1/dlv_2", "tnt_few/live/dlv_2/dlv_1", "tnt_1/live"}
	if len(got) != 2 || !strings.Contains(strings.Join(want, " "), got[0]) ||
		!strings.Contains(strings.Join(want, " "), got[1]) {
		t.Errorf("got the message %.300v, want the ids of the first tenant and only the name of the second", got)
	}
	if again := n.Message(); again != "" {
		t.Errorf("the next message: got %q, want none", again)
	}
}

// events are the events of a stream that resumed, by name.
func (f *fixture) resume(t *testing.T, last page.Cursor) string {
	t.Helper()
	h := deliverylog.NewHub(f.store, func() time.Time { return f.now }, nil)
	ctx, stop := context.WithCancel(principal.With(t.Context(), principal.Principal{Scope: f.scope}))
	defer stop()
	lastID := last.String()
	s, err := deliverylog.NewAPI(f.store, h).StreamDeliveries(ctx, api.StreamDeliveriesRequestObject{
		Params: api.StreamDeliveriesParams{LastEventID: &lastID}})
	if err != nil {
		t.Fatal(err)
	}
	c := &connection{header: http.Header{}, moved: make(chan struct{})}
	var ended sync.WaitGroup
	ended.Go(func() { _ = s.VisitStreamDeliveriesResponse(c) })
	engine.Await(t, "the stream to be ready", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return strings.Contains(c.sent.String(), "event: ready")
	})
	stop()
	ended.Wait()
	if err := h.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	return c.sent.String()
}

func TestAStreamResumesAfterItsLastEvent(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		f := newFixture(t, e)
		hook := f.endpoint(t, f.scope)
		insert := func(n int, ago time.Duration) []delivery.Delivery {
			rows := make([]delivery.Delivery, n)
			for i := range rows {
				at := f.now.Add(-ago)
				ev := event.Event{ID: uuidAt(at).TypeID(id.Event), TenantID: f.scope.TenantID,
					Environment: f.scope.Environment, Type: "lead.created", CreatedAt: db.At(at)}
				rows[i] = of(t, ev, hook, delivery.Succeeded, "", 200)
			}
			f.insert(t, rows...)
			return rows
		}
		before, slow, missed := insert(1, time.Hour)[0], insert(1, 2*time.Hour)[0], insert(600, time.Minute)
		f.change(t, slow.ID, f.now.Add(-time.Minute)) // old, and over since
		got := f.resume(t, page.Cursor{At: f.now.Add(-30 * time.Minute), ID: before.ID})
		if n := strings.Count(got, "event: delivery"); n != 601 || !strings.Contains(got, slow.ID) ||
			!strings.Contains(got, missed[599].ID) || strings.Contains(got, before.ID) ||
			strings.Contains(got, "event: gap") {
			t.Errorf("got %d deliveries in %.500s, want the 601 that changed since", n, got)
		}
		got = f.resume(t, page.Cursor{At: f.now.Add(-25 * time.Hour), ID: before.ID})
		if !strings.Contains(got, "event: gap") {
			t.Errorf("after 25 hours: got %.500s, want a gap", got)
		}
		insert(600, time.Second)
		got = f.resume(t, page.Cursor{At: f.now.Add(-30 * time.Minute), ID: before.ID})
		if !strings.Contains(got, "event: gap") || strings.Contains(got, "event: delivery") {
			t.Errorf("after 1,201 changes: got %.500s, want a gap", got)
		}
	})
}
