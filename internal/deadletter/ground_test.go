package deadletter_test

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/deadletter"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// ground is a store on an engine, and rows for it.
type ground struct {
	*deadletter.Store
	db        *db.DB
	endpoints *endpoint.Store
	events    *event.Store
	now       time.Time

	mu        sync.Mutex
	suspended map[string]string
	changed   []delivery.Delivery
	woken     int
}

func newGround(t *testing.T, e engine.Engine) *ground {
	t.Helper()
	d := engine.Database(t, e)
	ring, err := secret.ParseRing(secret.GenerateKey())
	if err != nil {
		t.Fatal(err)
	}
	g := &ground{db: d, events: event.NewStore(d), now: time.Now().UTC().Truncate(time.Millisecond),
		suspended: map[string]string{}}
	now := func() time.Time { return g.now }
	g.endpoints = endpoint.NewStore(d, ring, now)
	g.Store = deadletter.NewStore(d, g.events, g.endpoints, now, deadletter.Config{
		Suspended: func(_ *gorm.DB, tenantIDs []string) (map[string]string, error) {
			out := map[string]string{}
			for _, tenantID := range tenantIDs {
				if reason := g.suspended[tenantID]; reason != "" {
					out[tenantID] = reason
				}
			}
			return out, nil
		},
		Changed: func(rows []delivery.Delivery) {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.changed = append(g.changed, rows...)
		},
		WakeReleasers: func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.woken++
		},
	})
	return g
}

// scope makes a tenant and returns its scope.
func (g *ground) scope(t *testing.T) principal.Scope {
	t.Helper()
	row, err := engine.Tenants(g.db, time.Now).Create(t.Context(), t.Name(), "business", "hookline")
	if err != nil {
		t.Fatal(err)
	}
	return principal.Scope{TenantID: row.ID, Environment: principal.Live}
}

func (g *ground) endpoint(t *testing.T, scope principal.Scope, change func(*endpoint.Settings)) endpoint.Endpoint {
	t.Helper()
	s := endpoint.Settings{URL: "https://example.com/hook", Events: []string{"*"}, Method: http.MethodPost,
		Profile: profile.Default, Envelope: profile.Standard, Enabled: true, Policy: profile.Policy{MaxAttempts: 7}}
	if change != nil {
		change(&s)
	}
	e, _, err := g.endpoints.Create(t.Context(), scope, s)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// set changes columns of an endpoint.
func (g *ground) set(t *testing.T, e endpoint.Endpoint, columns map[string]any) {
	t.Helper()
	err := g.db.Tx(t.Context(), func(tx *gorm.DB) error {
		return tx.Model(&endpoint.Endpoint{}).Where("id = ?", e.ID).Updates(columns).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

// row is an event and, unless the status is empty, its delivery to an endpoint.
type row struct {
	at       time.Time // when the event was accepted; the zero time is a minute ago
	kind     string    // of the event; lead.created when empty
	data     string
	unlisted bool // the event is not for the endpoint
	pending  bool // the event is not fanned out

	status    delivery.Status
	reason    string
	response  int    // HTTP status; 0 for none
	errorCode string // of the last attempt; there is none when empty
	died      time.Time
}

// add stores a row and returns the event and the delivery.
func (g *ground) add(t *testing.T, e endpoint.Endpoint, r row) (event.Event, delivery.Delivery) {
	t.Helper()
	all, rows := g.addAll(t, e, []row{r})
	return all[0], rows[0]
}

func (g *ground) addAll(t *testing.T, e endpoint.Endpoint, all []row) (events []event.Event,
	rows []delivery.Delivery) {
	t.Helper()
	endpointID, err := id.Parse(e.ID)
	if err != nil {
		t.Fatal(err)
	}
	var stored []delivery.Delivery
	var attempts []delivery.Attempt
	for _, r := range all {
		if r.at.IsZero() {
			r.at = g.now.Add(-time.Minute)
		}
		u, from := id.NewUUID(), id.From(r.at)
		copy(u[:6], from[:6])
		at := db.At(r.at)
		v := event.Event{ID: u.TypeID(id.Event), TenantID: e.TenantID, Environment: e.Environment,
			Type: cmp.Or(r.kind, "lead.created"), Data: cmp.Or(r.data, `{"id":"x"}`), OccurredAt: at, CreatedAt: at}
		if !r.unlisted {
			v.Endpoints = event.Endpoints{endpointID}
		}
		if !r.pending {
			v.DispatchedAt = at
		}
		events = append(events, v)
		d := delivery.Delivery{ID: delivery.ID(u, endpointID).TypeID(id.Delivery), TenantID: e.TenantID,
			Environment: e.Environment, EventID: v.ID, EventType: v.Type, EndpointID: e.ID, Status: r.status,
			Reason: r.reason, AttemptCount: 2, FailureCount: 2, MaxAttempts: 2, CreatedAt: at, ChangedAt: at}
		if r.response != 0 {
			d.ResponseStatus = &r.response
		}
		if r.status.Final() {
			d.FinishedAt = at
			if !r.died.IsZero() {
				d.FinishedAt = db.At(r.died)
			}
		} else {
			d.DeadlineAt = db.At(r.at.Add(time.Hour))
		}
		rows = append(rows, d)
		if r.status == "" {
			continue
		}
		if stored = append(stored, d); r.errorCode == "" {
			continue
		}
		for i, code := range []string{"timeout", r.errorCode} {
			attempts = append(attempts, delivery.Attempt{DeliveryID: d.ID, Number: i + 1,
				Status: delivery.AttemptFailed, Method: http.MethodPost, ResponseBody: []byte{}, ErrorCode: code,
				StartedAt: at, FinishedAt: at})
		}
	}
	err = g.db.Tx(t.Context(), func(tx *gorm.DB) error {
		return errors.Join(db.InsertAll(tx, events), db.InsertAll(tx, stored), db.InsertAll(tx, attempts))
	})
	if err != nil {
		t.Fatal(err)
	}
	return events, rows
}

// get returns a delivery by its id, whoever it belongs to.
func (g *ground) get(t *testing.T, deliveryID string) delivery.Delivery {
	t.Helper()
	found, err := g.Find(t.Context(), deadletter.Everywhere(principal.Scope{}), deliveryID)
	if err != nil {
		t.Fatalf("delivery %s: %v", deliveryID, err)
	}
	return found.Delivery
}

// ids are the ids of deliveries, those made last first.
func ids(rows ...delivery.Delivery) []string {
	out := make([]string, len(rows))
	for i, d := range rows {
		out[i] = d.ID
	}
	slices.Sort(out)
	slices.Reverse(out)
	return out
}

func wantProblem(t *testing.T, what string, err error, code problem.Code) {
	t.Helper()
	var p *problem.Error
	if !errors.As(err, &p) || p.Code != code {
		t.Errorf("%s: got error %v, want a problem %s", what, err, code)
	}
}
