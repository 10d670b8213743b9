package listener_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/listener"
	"github.com/hookline/hookline/internal/queue"
)

// relay is a Relay over a Redis of its own.
func relay(t *testing.T) (*listener.Relay, *queue.Redis) {
	t.Helper()
	r, err := queue.Open(queue.EmbeddedURL)
	if err != nil {
		t.Fatal(err)
	}
	client, err := r.Impatient()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = client.Close(), r.Close() })
	return listener.NewRelay(client), r
}

func target() endpoint.Endpoint { return endpoint.Endpoint{TenantID: "tnt_1", ID: "whe_1"} }

func within(d time.Duration) listener.Request { return listener.Request{Deadline: time.Now().Add(d)} }

// TestARedisThatIsAwayIsOurError and no attempt: the error is none of egress's.
func TestARedisThatIsAwayIsOurError(t *testing.T) {
	t.Parallel()
	r, server := relay(t)
	server.Embedded().SetError("LOADING Redis is away")
	_, err := r.Forward(t.Context(), target(), within(time.Minute))
	if refused := (*egress.Error)(nil); err == nil || errors.As(err, &refused) {
		t.Errorf("error: got %#v, want one that is not the endpoint's", err)
	}
}

func TestAListenerHasAtMostTwentyOpenRequests(t *testing.T) {
	t.Parallel()
	r, server := relay(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	for range 20 {
		go func() {
			_, err := r.Forward(ctx, target(), within(time.Minute))
			ended <- err
		}()
	}
	for {
		keys := server.Embedded().Keys()
		if len(keys) == 1 {
			if fields, err := server.Embedded().HKeys(keys[0]); err == nil && len(fields) == 20 {
				break
			}
		}
		if t.Context().Err() != nil {
			t.Fatal("requests: got fewer than 20, want 20")
		}
	}
	_, err := r.Forward(ctx, target(), within(time.Minute))
	full := (*egress.Error)(nil)
	if !errors.As(err, &full) || full.Code != egress.CodeTimeout || !strings.Contains(full.Message, "20 requests") {
		t.Errorf("one more: got %v, want the limit", err)
	}
	stop()
	for range 20 {
		stopped := (*egress.Error)(nil)
		if err := <-ended; !errors.As(err, &stopped) || stopped.Code != egress.CodeCanceled {
			t.Errorf("a stopped request: got %v, want it cancelled", err)
		}
	}
	if keys := server.Embedded().Keys(); len(keys) != 0 {
		t.Errorf("keys after the stop: got %v, want none", keys)
	}
}

func TestAnUnansweredRequestExpires(t *testing.T) {
	t.Parallel()
	r, _ := relay(t)
	_, err := r.Forward(t.Context(), target(), within(time.Second))
	expired := (*egress.Error)(nil)
	if !errors.As(err, &expired) || expired.Code != listener.CodeNoListener || expired.Timings.Total == 0 {
		t.Errorf("error: got %+v, want %s after some time", err, listener.CodeNoListener)
	}
}
