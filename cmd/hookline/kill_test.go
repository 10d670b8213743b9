package main_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"github.com/hookline/hookline/internal/testkit"
)

// accepted collects the ids of leads that were answered with 201.
type accepted struct {
	mu  sync.Mutex
	ids map[string]bool
}

// burst creates leads from several clients until stop closes or the server goes away; enough closes once n leads are
// accepted.
func (a *accepted) burst(client *testkit.Client, stop <-chan struct{}, n int, enough chan<- struct{}) *sync.WaitGroup {
	var done sync.WaitGroup
	var once sync.Once
	for range 8 {
		done.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				id, ok := client.TryLead(fmt.Sprintf("%d@example.com", i))
				if !ok {
					continue
				}
				a.mu.Lock()
				a.ids[id] = true
				if len(a.ids) >= n {
					once.Do(func() { close(enough) })
				}
				a.mu.Unlock()
			}
		})
	}
	return &done
}

// arrived returns the accepted leads without a webhook at the receiver.
func (a *accepted) missing(r *testkit.Receiver) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	seen := map[string]bool{}
	for _, got := range r.All() {
		var body struct{ Data struct{ ID string } }
		if json.Unmarshal(got.Body, &body) == nil {
			seen[body.Data.ID] = true
		}
	}
	n := 0
	for id := range a.ids {
		if !seen[id] {
			n++
		}
	}
	return n
}

// awaitAll waits until every accepted lead has arrived and every delivery is final.
func awaitAll(t *testing.T, a *accepted, r *testkit.Receiver, tenant *testkit.Client) {
	t.Helper()
	testkit.Await(t, "every accepted lead to arrive", func() bool { return a.missing(r) == 0 })
	testkit.Await(t, "every delivery to end", func() bool {
		for _, status := range []string{"pending", "delivering", "retrying"} {
			if len(tenant.Deliveries(t, "&status="+status)) > 0 {
				return false
			}
		}
		return true
	})
	if dead := tenant.Deliveries(t, "&status=dead"); len(dead) > 0 {
		t.Errorf("dead letters: got %d, want 0", len(dead))
	}
	t.Logf("%d accepted, %d requests arrived", len(a.ids), len(r.All()))
}

func TestKillingDevelopmentInMidBurstLosesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	first := runDev(t, dir)
	receiver := testkit.NewReceiver(t, nil)
	tenant := first.client(*first.APIKey)
	tenant.NewEndpoint(t, receiver.URL, nil)

	a := &accepted{ids: map[string]bool{}}
	stop, enough := make(chan struct{}), make(chan struct{})
	done := a.burst(tenant, stop, 150, enough)
	<-enough
	first.Kill()
	close(stop)
	done.Wait()

	second := runDev(t, dir)
	awaitAll(t, a, receiver, second.client(*first.APIKey))
}
