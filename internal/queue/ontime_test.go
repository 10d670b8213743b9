package queue_test

import (
	"context"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// No server runs while these tasks become pending, so that Asynq's forwarder doesn't do it.
func TestAShortDelayEndsWithoutAsynqsForwarder(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s schedule) {
		scheduled, retried, later := newDelivery(), newDelivery(), newDelivery()
		must(t, s.Schedule(t.Context(), queue.Fast, scheduled.id, 100*time.Millisecond))
		must(t, s.Schedule(t.Context(), queue.Fast, later.id, time.Minute))
		engine.Await(t, "the end of a delay before the first run", func() bool {
			return s.state(t, scheduled.task) == "pending"
		})
		must(t, s.enqueue(t, retried))
		s.serve(t, retried.task, "retry", func(context.Context, queue.Task) error {
			return &queue.Later{After: 1500 * time.Millisecond, Reason: "the endpoint answered 500"}
		})
		engine.Await(t, "the end of a delay before a retry", func() bool {
			return s.state(t, retried.task) == "pending"
		})
		s.want(t, later.task, "scheduled")
	})
}
