package delivery_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestAnAttemptShowsItsTimingsAllHeadersAnd16KiBOfTheAnswer(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		tenant := p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, _ testkit.Received, n int) {
			w.Header()["X-Twice"] = []string{"one, and a half", "two"}
			if n == 1 {
				w.WriteHeader(500)
			}
			_, _ = w.Write([]byte(strings.Repeat("x", 17<<10)))
		})
		tenant.NewEndpoint(t, receiver.URL, map[string]any{"retry_policy": atOnce(2)})
		tenant.NewLead(t, "ada@example.com")
		d := p.AwaitDelivery(t, tenant, api.DeliveryStatusSucceeded)
		first, second := d.Attempts[0], d.Attempts[1]
		if first.ResponseHeaders["X-Twice"] != "one, and a half\ntwo" || len(first.ResponseBody) != 16<<10 ||
			!first.ResponseTruncated {
			t.Errorf("answer: got %q, %d bytes, truncated %t, want both headers and 16 KiB",
				first.ResponseHeaders["X-Twice"], len(first.ResponseBody), first.ResponseTruncated)
		}
		if w := first.Timings; w.ConnectMs.IsNull() || w.WaitMs.IsNull() || w.TotalMs.MustGet() <= 0 || w.Reused ||
			!w.TLSMs.IsNull() || w.HTTPVersion.MustGet() != "HTTP/1.1" {
			t.Errorf("timings of the first: got %+v, want a new connection", w)
		}
		if w := second.Timings; w.ConnectMs.IsNull() != w.Reused || w.WaitMs.IsNull() {
			t.Errorf("timings of the second: got %+v, want a connection or its reuse", w)
		}
	})
}

func TestAnAttemptThatReachedNobodyTellsHowLongItTried(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	tenant := p.NewTenant(t, "business")
	tenant.NewEndpoint(t, "http://127.0.0.1:1", map[string]any{"retry_policy": map[string]any{"initial": "1s",
		"max_attempts": 1}})
	tenant.NewLead(t, "ada@example.com")
	w := p.AwaitDelivery(t, tenant, api.DeliveryStatusDead).Attempts[0].Timings
	if !w.ConnectMs.IsNull() || !w.WaitMs.IsNull() || w.TotalMs.IsNull() || !w.HTTPVersion.IsNull() {
		t.Errorf("timings: got %+v, want only the total", w)
	}
}
