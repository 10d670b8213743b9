package delivery_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m, roomy) }

// roomy gives the shared programs so many workers that no test takes those of another, and so large a queue for
// throttled endpoints that a concurrency limit is never capped because that queue is full.
func roomy(c *config.Config, _ *app.Options) { c.WorkerConcurrency, c.WorkerSlow = 128, 256 }

func withoutAPI(_ *config.Config, o *app.Options) { o.API = false }

type object = map[string]any

// flood makes n leads, each of which fires lead.created, by as few calls as possible.
func flood(t *testing.T, tenant *testkit.Client, n int) {
	t.Helper()
	const most = 500 // in a call
	for made := 0; made < n; {
		leads := make([]object, min(most, n-made))
		for i := range leads {
			leads[i] = object{"name": "Ada Lovelace", "email": fmt.Sprintf("%d@example.com", made+i)}
		}
		tenant.Call(t, http.MethodPost, "/api/v1/leads/bulk", object{"leads": leads}).Want(t, http.StatusOK)
		made += len(leads)
	}
}

// answerLater makes a consumer that answers nothing until answer is called, at the latest when the test ends.
func answerLater(t *testing.T) (receiver *testkit.Receiver, answer func()) {
	t.Helper()
	open := make(chan struct{})
	receiver = testkit.NewReceiver(t, func(http.ResponseWriter, testkit.Received, int) { <-open })
	answer = sync.OnceFunc(func() { close(open) })
	t.Cleanup(answer) // before the receiver is closed, which waits for its requests
	return receiver, answer
}

// succeeded counts the recorded attempts of an endpoint that succeeded.
func succeeded(t *testing.T, p *testkit.Program, tenant *testkit.Client, endpointID string) int {
	t.Helper()
	n := 0
	for _, o := range p.Attempts(t, tenant) {
		if o.Endpoint.ID == endpointID && o.Attempt.Status == delivery.AttemptSucceeded {
			n++
		}
	}
	return n
}

func circuit(t *testing.T, tenant *testkit.Client, endpointID string) api.Circuit {
	t.Helper()
	return testkit.Get[api.Webhook](t, tenant, "/api/v1/webhooks/"+endpointID).Circuit
}

// throttled says whether an endpoint has a concurrency limit.
func throttled(t *testing.T, tenant *testkit.Client, endpointID string) bool {
	t.Helper()
	limit := circuit(t, tenant, endpointID).ConcurrencyLimit
	return limit.IsSpecified() && !limit.IsNull()
}

// idle says whether a program has no attempt under way.
func idle(p *testkit.Program) bool {
	s := p.App.Delivered
	return s.Load(queue.Fast)+s.Load(queue.Bulk)+s.Load(queue.Slow) == 0
}
