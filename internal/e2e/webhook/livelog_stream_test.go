package webhook_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/fake"
)

const path = "/api/v1/webhooks/deliveries/stream"

// change reads an event's data; it is nil for other events.
func changeOf(t *testing.T, e testkit.StreamEvent) *api.DeliveryChange {
	t.Helper()
	if e.Name != "delivery" {
		return nil
	}
	var c api.DeliveryChange
	if err := json.Unmarshal([]byte(e.Data), &c); err != nil || e.ID == "" {
		t.Fatalf("change: got %+v (%v), want JSON with an id", e, err)
	}
	return &c
}

// in says whether an event reports a delivery in a status; webhookID may be empty.
func in(t *testing.T, status api.DeliveryStatus, webhookID string) func(testkit.StreamEvent) bool {
	return func(e testkit.StreamEvent) bool {
		c := changeOf(t, e)
		return c != nil && c.Delivery.Status == status && (webhookID == "" || c.Delivery.WebhookID == webhookID)
	}
}

func ready(e testkit.StreamEvent) bool { return e.Name == "ready" }

// open opens a stream and waits until it is.
func open(t *testing.T, c *testkit.Client, query string) *testkit.Stream {
	t.Helper()
	s := c.Stream(t, query, "")
	s.Until(t, ready)
	return s
}

func TestAStreamSendsEveryDeliveryOfItsTenantAndFilterWithItsLatestAttempt(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, r testkit.Received, _ int) {
			if r.Path == "/bad" {
				w.WriteHeader(http.StatusTeapot)
			}
		})
		slow := map[string]any{"retry_policy": map[string]any{"schedule": []string{"1h"}}}
		good, bad := tenant.NewEndpoint(t, receiver.URL, slow), tenant.NewEndpoint(t, receiver.URL+"/bad", slow)
		other.NewEndpoint(t, receiver.URL, nil)
		all, some, foreign := open(t, tenant, ""), open(t, tenant, "?http_class=4xx&webhook_id="+bad.ID),
			open(t, other, "")
		tenant.NewLead(t, "ada@example.com")

		got := changeOf(t, some.Until(t, in(t, api.DeliveryStatusRetrying, bad.ID)))
		if got.Attempt == nil || got.Attempt.Number != 1 || got.Attempt.ResponseStatus.MustGet() != http.StatusTeapot ||
			got.Attempt.DurationMs.IsNull() || got.Delivery.Reason.MustGet() != "http_status" {
			t.Errorf("change: got %+v, want the attempt and its outcome", got)
		}
		done := map[string]bool{}
		for len(done) < 2 {
			if c := changeOf(t, mustNext(t, all)); c != nil && (c.Delivery.Status == api.DeliveryStatusSucceeded ||
				c.Delivery.Status == api.DeliveryStatusRetrying) {
				done[c.Delivery.WebhookID] = true
			}
		}
		if !done[good.ID] || !done[bad.ID] {
			t.Errorf("completed deliveries: got %v, want both", done)
		}
		other.NewLead(t, "bob@example.com")
		first := changeOf(t, mustNext(t, foreign))
		if mine := testkit.Get[api.DeliveryList](t, other, "/api/v1/webhooks/deliveries").Data; first == nil ||
			first.Delivery.ID != mine[0].ID {
			t.Errorf("another tenant's stream: got %+v, want its own delivery", first)
		}
	})
}

func mustNext(t *testing.T, s *testkit.Stream) testkit.StreamEvent {
	t.Helper()
	e, err := s.Next(t)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestAResumedStreamSendsWhatWasMissed(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, nil)
		tenant.NewEndpoint(t, receiver.URL, nil)
		s := open(t, tenant, "")
		tenant.NewLead(t, "first@example.com")
		last := s.Until(t, in(t, api.DeliveryStatusSucceeded, "")).ID
		s.Close()
		for i := range 3 {
			tenant.NewLead(t, fmt.Sprintf("missed%d@example.com", i))
		}
		p.Await(t, "all to succeed", func() bool { return len(tenant.Deliveries(t, "&status=succeeded")) == 4 })
		missed := map[string]bool{}
		again := tenant.Stream(t, "", last)
		for len(missed) < 3 {
			if c := changeOf(t, mustNext(t, again)); c != nil && c.Delivery.Status == api.DeliveryStatusSucceeded {
				missed[c.Delivery.ID] = true
			}
		}
		tenant.NewLead(t, "live@example.com")
		again.Until(t, func(e testkit.StreamEvent) bool {
			c := changeOf(t, e)
			return c != nil && !missed[c.Delivery.ID] && c.Delivery.Status == api.DeliveryStatusSucceeded
		})

		old := page.Cursor{At: time.Now().Add(-25 * time.Hour), ID: "dlv_x"}.String()
		tenant.Stream(t, "", old).Until(t, func(e testkit.StreamEvent) bool { return e.Name == "gap" })
		a := tenant.Call(t, http.MethodGet, path, nil, "Last-Event-ID", "7").Want(t, http.StatusBadRequest)
		if d := a.Problem(t).Error.Details; len(d) != 1 || d[0].Field != "Last-Event-ID" {
			t.Errorf("got %s, want the field Last-Event-ID", a.Body)
		}
	})
}

func TestStreamsWorkAcrossProcessesAndWithoutRedis(t *testing.T) {
	t.Parallel()
	services := testkit.NewServices(t, testkit.Servers)
	worker := testkit.StartOn(t, services, func(_ *config.Config, o *app.Options) { o.API = false })
	proxy, through := fake.NewProxy(t, services.RedisURL)
	services.RedisURL = through
	var apis []*testkit.Program
	for range 2 {
		apis = append(apis, testkit.StartOn(t, services, testkit.WithKeys(worker.Config.EncryptionKeys),
			testkit.WithoutWorker()))
	}
	tenant := apis[0].NewTenant(t, "business")
	tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, nil)
	streams := []*testkit.Stream{open(t, tenant, ""), open(t, testkit.NewClient(apis[1].URL, tenant.Key()), "")}
	tenant.NewLead(t, "ada@example.com")
	for _, s := range streams {
		s.Until(t, in(t, api.DeliveryStatusSucceeded, ""))
	}
	proxy.Cut()
	tenant.NewLead(t, "bob@example.com")
	for _, s := range streams {
		s.Until(t, in(t, api.DeliveryStatusSucceeded, ""))
	}
}

func TestARevokedKeyEndsItsStreamsAndNoOther(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, nil)
		me := testkit.Get[api.Me](t, tenant, "/api/v1/me")
		reader := p.NewKey(t, me.Tenant.ID, "live", "read:deliveries")
		its, others := open(t, reader, ""), open(t, tenant, "")
		keys := testkit.Get[api.KeyList](t, tenant, "/api/v1/keys").Data
		for _, k := range keys {
			if k.ID != me.Key.ID {
				tenant.Call(t, http.MethodDelete, "/api/v1/keys/"+k.ID, nil).Want(t, http.StatusNoContent)
			}
		}
		revoked := time.Now()
		end := its.Until(t, func(e testkit.StreamEvent) bool { return e.Name == "end" })
		t.Logf("the stream ended %s after the key", time.Since(revoked))
		if !strings.Contains(end.Data, `"not_allowed"`) {
			t.Errorf("end of the stream: got %+v, want not_allowed", end)
		}
		if _, err := its.Next(t); err == nil {
			t.Error("stream after its end: got another event, want none")
		}
		tenant.NewLead(t, "ada@example.com")
		others.Until(t, in(t, api.DeliveryStatusSucceeded, ""))
	})
}

func TestAKeyHasNoMoreThan20StreamsUntilOneIsClosed(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	var streams []*testkit.Stream
	for range 20 {
		streams = append(streams, open(t, tenant, ""))
	}
	a := tenant.Call(t, http.MethodGet, path, nil).Want(t, http.StatusTooManyRequests)
	if a.Header.Get("Retry-After") == "" {
		t.Error("Retry-After: got none, want one")
	}
	streams[0].Close()
	p.Await(t, "room for another", func() bool {
		return tenant.Call(t, http.MethodGet, path, nil).Status == http.StatusOK
	})
}

func TestTwoHundredViewersAllSeeADeliveryAndAStopEndsThemAll(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		// A stop that waited for viewers would take longer than anything here does.
		p := testkit.Start(t, e, func(c *config.Config, _ *app.Options) { c.ShutdownTimeout = time.Hour })
		var streams []*testkit.Stream
		var tenants []*testkit.Client
		for range 2 {
			tenant := p.NewTenant(t, "business")
			tenant.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, nil)
			tenants = append(tenants, tenant)
			me := testkit.Get[api.Me](t, tenant, "/api/v1/me")
			for range 5 {
				reader := p.NewKey(t, me.Tenant.ID, "live", "read:deliveries")
				for range 20 {
					streams = append(streams, open(t, reader, ""))
				}
			}
		}
		for _, tenant := range tenants {
			tenant.NewLead(t, "ada@example.com")
		}
		for _, s := range streams {
			s.Until(t, in(t, api.DeliveryStatusSucceeded, ""))
		}
		begun := time.Now()
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			p.Stop()
		}()
		for _, s := range streams {
			s.Until(t, func(e testkit.StreamEvent) bool {
				return e.Name == "end" && strings.Contains(e.Data,
					`"shutdown"`)
			})
			if e, err := s.Next(t); err == nil {
				t.Errorf("stream after its end: got %+v, want none", e)
			}
		}
		testkit.Await(t, "the stop", func() bool {
			select {
			case <-stopped:
				return true
			default:
				return false
			}
		})
		t.Logf("%d streams and the program ended in %s", len(streams), time.Since(begun))
	})
}
