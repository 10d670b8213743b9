package webhook_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/testkit"
)

// TestTheDocumentsFunctionsVerifyFirstSendsRetriesAndReplays of each event of the products whose documents have one.
func TestTheDocumentsFunctionsVerifyFirstSendsRetriesAndReplays(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		for _, name := range []string{"leadhooks", "leadie"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				verifiesEachSend(t, p, name)
			})
		}
	})
}

func verifiesEachSend(t *testing.T, p *testkit.Program, name string) {
	t.Helper()
	tenant := p.NewOwner(t, name)
	var once sync.Map
	receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, r testkit.Received, _ int) {
		if _, again := once.LoadOrStore(r.Header.Get("webhook-id"), true); !again {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	hook := tenant.NewEndpoint(t, receiver.URL, object{"events": []string{"*"},
		"retry_policy": object{"schedule": []string{"1s", "1s"}}})
	sent := 0
	for _, et := range testkit.Get[api.EventTypeList](t, tenant, "/api/v1/event-types").Data {
		if event.Operational(et.Type) {
			continue
		}
		testkit.Post[api.Event](t, tenant, "/api/v1/events", object{"type": et.Type, "data": et.Sample},
			http.StatusAccepted)
		sent++
	}
	p.AwaitCount(t, tenant, api.DeliveryStatusSucceeded, sent)
	for _, d := range tenant.Deliveries(t, "&status=succeeded") {
		tenant.Call(t, http.MethodPost, "/api/v1/deliveries/"+d.ID+"/replay", nil).Want(t, http.StatusAccepted)
	}
	p.Await(t, "a retry and a replay of each event", func() bool { return receiver.Count() >= 3*sent })
	header := consumers[name].signature
	var all []signed
	bodies := map[string]string{}
	for _, got := range receiver.All() {
		all = append(all, signed{hook.Secret, got.Header.Get(header), got.Body})
		id := got.Header.Get("webhook-id")
		if first, known := bodies[id]; known && first != string(got.Body) {
			t.Errorf("%s sent again: got %s, want %s", id, got.Body, first)
		}
		bodies[id] = string(got.Body)
	}
	forged := signed{hook.Secret + "x", all[0].Signature, all[0].Body}
	want := strings.Repeat("valid ", len(all)) + "invalid"
	for _, s := range []script{{"python3", "python3", "verify.py"}, {"node", "nodejs", "verify.js"}} {
		if got := s.run(t, append(all, forged)); got != want || sent < 2 || len(bodies) != sent {
			t.Errorf("%s on %d events of %s: got %q, want %q", s.file, sent, name, got, want)
		}
	}
}
