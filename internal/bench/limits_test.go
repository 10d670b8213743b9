package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/pkg/webhook"
)

// signedPosts makes the same requests without anything around them.
func signedPosts(b *testing.B) {
	b.Helper()
	const n = 20_000
	c := newConsumer(b)
	signingSecret := webhook.NewSecret()
	c.trust("/", signingSecret)
	key, err := webhook.ParseSecret(signingSecret)
	if err != nil {
		b.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: producers}}
	body := []byte(leadData)
	start := time.Now()
	var next atomic.Int64
	var all sync.WaitGroup
	for range producers {
		all.Go(func() {
			for i := next.Add(1); i <= n; i = next.Add(1) {
				id, at := fmt.Sprintf("evt_%d", i), time.Now()
				r, _ := http.NewRequestWithContext(context.Background(), http.MethodPost, c.URL+"/",
					bytes.NewReader(body))
				r.Header = http.Header{
					"Content-Type": {"application/json"}, "Webhook-Id": {id},
					"Webhook-Timestamp": {fmt.Sprint(at.Unix())},
					"Webhook-Signature": {webhook.Sign(key, id, at, body)},
				}
				response, err := client.Do(r)
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
			}
		})
	}
	all.Wait()
	b.ReportMetric(n/time.Since(start).Seconds(), "signed_posts/s")
}

// noopTasks enqueues and runs tasks that do nothing.
func noopTasks(b *testing.B) {
	b.Helper()
	const n = 20_000
	o, err := redis.ParseURL(testkit.NewServices(b, testkit.Servers).RedisURL)
	if err != nil {
		b.Fatal(err)
	}
	shared := redis.NewClient(o)
	b.Cleanup(func() { _ = shared.Close() })
	var ran atomic.Int64
	done := make(chan struct{})
	handler := asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
		if ran.Add(1) == n {
			close(done)
		}
		return nil
	})
	client, start := asynq.NewClientFromRedisClient(shared), time.Now()
	for range 8 {
		server := asynq.NewServerFromRedisClient(shared, asynq.Config{Concurrency: 32, LogLevel: asynq.FatalLevel,
			TaskCheckInterval: 10 * time.Millisecond})
		if err := server.Start(handler); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(server.Shutdown)
	}
	var next atomic.Int64
	for range 8 {
		go func() {
			for i := next.Add(1); i <= n; i = next.Add(1) {
				if _, err := client.Enqueue(asynq.NewTask("noop", nil)); err != nil {
					b.Error(err)
				}
			}
		}()
	}
	<-done
	b.ReportMetric(n/time.Since(start).Seconds(), "noop_tasks/s")
}
