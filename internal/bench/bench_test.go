// Package bench measures the program as its users meet it. It prints numbers and asserts nothing: run it with
// `make bench`, on an otherwise quiet machine, and compare numbers of one run with each other only.
package bench

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/engine"
)

func TestMain(m *testing.M) { testkit.Main(m) }

const rounds = 10

// asDeployed gives a program the connections that it has by default, not those of a test.
func asDeployed(c *config.Config, _ *app.Options) {
	c.DatabaseURL = engine.Connections(c.DatabaseURL, db.Connections)
}

// BenchmarkFirstRun starts the built binary on an empty directory and sends the first event, as a newcomer does.
func BenchmarkFirstRun(b *testing.B) {
	testkit.Binary(b)
	for b.Loop() {
		var ready, delivered []time.Duration
		for range rounds {
			r, d := firstRun(b)
			ready, delivered = append(ready, r), append(delivered, d)
		}
		report(b, "ready", ready)
		report(b, "first_delivery", delivered)
	}
}

func firstRun(b *testing.B) (ready, delivered time.Duration) {
	b.Helper()
	start := time.Now()
	p := testkit.Run(b, nil, "dev", "--json", "--addr", "127.0.0.1:0", "--data-dir", filepath.Join(b.TempDir(), "data"))
	defer p.Kill()
	var d struct {
		APIURL string `json:"api_url"`
		APIKey string `json:"api_key"`
	}
	if err := json.Unmarshal([]byte(p.AwaitOutput(b, p.Stdout, "\n")), &d); err != nil {
		b.Fatal(err)
	}
	ready = time.Since(start)
	receiver := testkit.NewReceiver(b, nil)
	client := testkit.NewClient(strings.TrimSuffix(d.APIURL, "/api/v1"), d.APIKey)
	client.NewEndpoint(b, receiver.URL, nil)
	sent := time.Now()
	if _, ok := client.TryLead("ada@example.com"); !ok {
		b.Fatal("the lead was not accepted")
	}
	receiver.Next(b)
	return ready, time.Since(sent)
}

// BenchmarkDelivery measures, on both engines, one event at a time from the call to its arrival, and a burst of
// events from its first call to its last arrival.
func BenchmarkDelivery(b *testing.B) {
	for _, e := range []testkit.Engine{testkit.Embedded, testkit.Servers} {
		b.Run(string(e), func(b *testing.B) {
			p := testkit.Start(b, e, asDeployed)
			tenant := p.NewTenant(b, "business")
			receiver := testkit.NewReceiver(b, nil)
			tenant.NewEndpoint(b, receiver.URL, nil)
			for b.Loop() {
				var single []time.Duration
				for range 100 {
					start := time.Now()
					tenant.TryLead("ada@example.com")
					receiver.Next(b)
					single = append(single, time.Since(start))
				}
				report(b, "call_to_arrival", single)
				b.ReportMetric(burst(b, tenant, receiver, 2000), "delivered/s")
			}
		})
	}
}

func burst(b *testing.B, tenant *testkit.Client, receiver *testkit.Receiver, n int) float64 {
	b.Helper()
	start := time.Now()
	work := make(chan int, n)
	for i := range n {
		work <- i
	}
	close(work)
	for range 32 {
		go func() {
			for i := range work {
				tenant.TryLead(fmt.Sprintf("%d@example.com", i))
			}
		}()
	}
	for range n {
		receiver.Next(b)
	}
	return float64(n) / time.Since(start).Seconds()
}

// BenchmarkSignedPost is the limit that delivery is compared with: the same requests, without anything around them.
func BenchmarkSignedPost(b *testing.B) {
	receiver := testkit.NewReceiver(b, nil)
	for b.Loop() {
		const n = 2000
		start := time.Now()
		for range n {
			r, err := http.Post(receiver.URL, "application/json", strings.NewReader(`{"type":"lead.created"}`))
			if err != nil {
				b.Fatal(err)
			}
			_ = r.Body.Close()
		}
		b.ReportMetric(n/time.Since(start).Seconds(), "posts/s")
	}
}

// report prints the median, the 95th and the 99th percentile in milliseconds.
func report(b *testing.B, name string, all []time.Duration) {
	b.Helper()
	slices.Sort(all)
	for _, q := range []float64{0.5, 0.95, 0.99} {
		b.ReportMetric(quantile(all, q), fmt.Sprintf("%s_p%.0f_ms", name, 100*q))
	}
}

// quantile is in milliseconds, of what is sorted.
func quantile(sorted []time.Duration, q float64) float64 {
	return float64(sorted[int(q*float64(len(sorted)-1))]) / float64(time.Millisecond)
}
