package queue_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// schedule is an open queue with Asynq's own inspector.
type schedule struct {
	*queue.Queue
	redis     *queue.Redis
	inspector *asynq.Inspector
}

func open(t *testing.T, e engine.Engine) schedule {
	t.Helper()
	url := queue.EmbeddedURL
	if e == engine.Servers {
		url = engine.New(t, e).RedisURL
	}
	return openURL(t, url)
}

func openURL(t *testing.T, url string) schedule {
	t.Helper()
	r, err := queue.Open(url)
	must(t, err)
	t.Cleanup(func() { _ = r.Close() })
	return schedule{queue.New(r, time.Minute), r, asynq.NewInspectorFromRedisClient(r.UniversalClient)}
}

// one is a delivery and the id of its task.
type one struct {
	id   id.UUID
	task string
}

func newDelivery() one {
	u := id.NewUUID()
	return one{u, u.TypeID(id.Delivery)}
}

// enqueue adds the task of a delivery to the fast queue.
func (s schedule) enqueue(t *testing.T, d one) error {
	t.Helper()
	return s.EnqueueRows(t.Context(), queue.Fast, []id.UUID{d.id})
}

// onBoth runs a test with an empty queue on both engines.
func onBoth(t *testing.T, test func(t *testing.T, s schedule)) {
	t.Helper()
	engine.Each(t, func(t *testing.T, e engine.Engine) { test(t, open(t, e)) })
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// state is the state of a task in Redis; empty when there is no such task.
func (s schedule) state(t *testing.T, taskID string) string {
	t.Helper()
	info, err := s.inspector.GetTaskInfo(queue.Fast, taskID)
	if errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound) {
		return ""
	}
	must(t, err)
	return info.State.String()
}

func (s schedule) want(t *testing.T, taskID, state string) {
	t.Helper()
	if got := s.state(t, taskID); got != state {
		t.Errorf("%s is %q, want %q", taskID, got, state)
	}
}

// serve runs servers until the task is in the state; handle gets every task.
func (s schedule) serve(t *testing.T, taskID, state string, handle queue.Handler) {
	t.Helper()
	servers := queue.NewServers(s.redis, queue.ServerConfig{Servers: 1, Concurrency: 4, Shutdown: 5 * time.Second},
		handle)
	must(t, servers.Start(t.Context()))
	defer func() { _ = servers.Stop(context.Background()) }()
	engine.Await(t, taskID+" in the state "+state, func() bool { return s.state(t, taskID) == state })
}

// orphan makes a pending task active without a lease, as it is after a worker died and Redis lost the lease.
func (s schedule) orphan(t *testing.T, taskID string) {
	t.Helper()
	const prefix = "asynq:{" + queue.Fast + "}:"
	n, err := s.redis.LRem(t.Context(), prefix+"pending", 1, taskID).Result()
	if err != nil || n != 1 {
		t.Fatalf("%d pending tasks removed, want 1 (%v)", n, err)
	}
	must(t, s.redis.HSet(t.Context(), prefix+"t:"+taskID, "state", "active").Err())
	s.want(t, taskID, "active")
}

func TestEnqueueingTwiceKeepsOneTaskThatCarriesOnlyTheID(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s schedule) {
		d := newDelivery()
		for range 2 {
			must(t, s.enqueue(t, d))
		}
		must(t, s.Run(t.Context(), queue.Fast, d.id))
		tasks, err := s.inspector.ListPendingTasks(queue.Fast)
		if err != nil || len(tasks) != 1 {
			t.Fatalf("%d pending tasks, want 1 (%v)", len(tasks), err)
		}
		if got := tasks[0]; got.ID != d.task || got.Type != queue.TaskType ||
			string(got.Payload) != `{"deliveries":["`+d.task+`"]}` || got.Timeout != time.Minute ||
			got.MaxRetry < 1000 {
			t.Errorf("the task is %+v, want only the delivery's id, one minute and at least 1000 retries", got)
		}
	})
}

func TestATaskRunsOnceAndIsThenForgotten(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s schedule) {
		d := newDelivery()
		must(t, s.Run(t.Context(), queue.Fast, d.id)) // there is no task: Run enqueues it
		seen := make(chan queue.Task, 10)
		s.serve(t, d.task, "", func(_ context.Context, task queue.Task) error { seen <- task; return nil })
		if got := <-seen; got.ID != d.task || !slices.Equal(got.Deliveries, []id.UUID{d.id}) || len(got.Events) != 0 ||
			got.Queue != queue.Fast || got.Retried != 0 || len(seen) != 0 {
			t.Errorf("the handler got %+v and %d more, want %s once", got, len(seen), d.task)
		}
	})
}

func TestRunRunsAScheduledRetriedOrArchivedTaskNow(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s schedule) {
		all := map[string]one{"scheduled": newDelivery(), "retry": newDelivery(), "archived": newDelivery()}
		must(t, s.Schedule(t.Context(), queue.Fast, all["scheduled"].id, time.Hour))
		for state, answer := range map[string]error{"retry": &queue.Later{After: time.Hour, Reason: "not yet"},
			"archived": queue.Dead("exhausted")} {
			must(t, s.enqueue(t, all[state]))
			s.serve(t, all[state].task, state, func(context.Context, queue.Task) error { return answer })
		}
		for state, d := range all {
			s.want(t, d.task, state)
			must(t, s.enqueue(t, d))
			must(t, s.Schedule(t.Context(), queue.Fast, d.id, time.Minute))
			s.want(t, d.task, state) // they leave it as it is
			must(t, s.Run(t.Context(), queue.Fast, d.id))
			s.want(t, d.task, "pending")
			must(t, s.Run(t.Context(), queue.Fast, d.id))
			s.want(t, d.task, "pending")
		}
		info, err := s.inspector.GetQueueInfo(queue.Fast)
		if err != nil || info.Size != 3 || info.Failed != 1 { // only the dead letter counts as a failure
			t.Errorf("the queue is %+v, want 3 tasks and 1 failure (%v)", info, err)
		}
	})
}

func TestRunReplacesAnOrphanedTask(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s schedule) {
		d := newDelivery()
		must(t, s.enqueue(t, d))
		s.orphan(t, d.task)
		for range 2 {
			must(t, s.Run(t.Context(), queue.Fast, d.id))
		}
		info, err := s.inspector.GetQueueInfo(queue.Fast)
		if err != nil || info.Pending != 1 {
			t.Fatalf("the queue is %+v, want 1 pending task (%v)", info, err)
		}
		seen := make(chan queue.Task, 10)
		s.serve(t, d.task+"-2", "", func(_ context.Context, task queue.Task) error { seen <- task; return nil })
		if got := <-seen; !slices.Equal(got.Deliveries, []id.UUID{d.id}) || got.ID == d.task || len(seen) != 0 {
			t.Errorf("the handler got %+v and %d more, want a second task of %s once", got, len(seen), d.task)
		}
	})
}

func TestADeadLetterIsDistinguishedFromOtherArchivedTasks(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s schedule) {
		dead, broken, byHand, waiting := newDelivery(), newDelivery(), newDelivery(), newDelivery()
		for d, answer := range map[one]error{dead: queue.Dead("The endpoint answered 500."),
			broken: fmt.Errorf("broken: %w", asynq.SkipRetry)} {
			must(t, s.enqueue(t, d))
			s.serve(t, d.task, "archived", func(context.Context, queue.Task) error { return answer })
		}
		must(t, s.enqueue(t, byHand))
		must(t, s.inspector.ArchiveTask(queue.Fast, byHand.task))
		must(t, s.enqueue(t, waiting))
		check := func(name string, d one, want bool) {
			t.Helper()
			if got, err := s.WasArchived(d.task); err != nil || got != want {
				t.Errorf("%s: archived as a dead letter: got %t, %v, want %t", name, got, err, want)
			}
		}
		check("dead", dead, true)
		for name, d := range map[string]one{"broken": broken, "by hand": byHand, "waiting": waiting,
			"unknown": newDelivery()} {
			check(name, d, false)
		}
		must(t, s.inspector.RunTask(queue.Fast, dead.task))
		seen := make(chan bool, 1)
		s.serve(t, dead.task, "", func(_ context.Context, task queue.Task) error { // as the worker sees it: while it runs
			if task.ID == dead.task {
				archived, err := s.WasArchived(dead.task)
				seen <- archived && err == nil
			}
			return nil
		})
		if !<-seen {
			t.Error("WasArchived is false while an operator's run of a dead letter runs, want true")
		}
		must(t, s.redis.FlushDB(t.Context()).Err())
		check("dead", dead, false)
	})
}

func TestAnEmptyRedisIsDetectedAndTheQueuesAreRegisteredAgain(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s schedule) {
		d := newDelivery()
		memory := func(want bool) {
			t.Helper()
			if got, err := s.HasMemory(t.Context()); err != nil || got != want {
				t.Errorf("HasMemory is %t, want %t (%v)", got, want, err)
			}
		}
		memory(false)
		must(t, s.MarkMemory(t.Context()))
		memory(true)
		must(t, s.enqueue(t, d))
		memory(true)

		must(t, s.redis.FlushDB(t.Context()).Err())
		memory(false)
		must(t, s.enqueue(t, d)) // the client does not register the queue again
		if names, err := s.inspector.Queues(); err != nil || len(names) != 0 {
			t.Fatalf("the queues are %v, want none (%v): Asynq registers queues again by itself, so Register is not "+
				"needed any more", names, err)
		}
		must(t, s.Run(t.Context(), queue.Fast, d.id))
		for range 2 {
			must(t, s.Register(t.Context()))
			must(t, s.MarkMemory(t.Context()))
		}
		memory(true)
		names, err := s.inspector.Queues()
		slices.Sort(names)
		if err != nil || !slices.Equal(names, []string{queue.Agents, queue.Fast, queue.Bulk, queue.Slow}) {
			t.Errorf("the queues are %v, want all four (%v)", names, err)
		}
		s.want(t, d.task, "pending")
	})
}

func TestEveryCallFailsWhileRedisIsUnreachable(t *testing.T) {
	t.Parallel()
	d := newDelivery()
	r, err := queue.Open("redis://127.0.0.1:1/0?max_retries=-1&dial_timeout=1s")
	must(t, err)
	t.Cleanup(func() { _ = r.Close() })
	q := queue.New(r, time.Minute)
	_, hasMemory := q.HasMemory(t.Context())
	_, wasArchived := q.WasArchived(d.task)
	for i, err := range []error{
		q.EnqueueRows(t.Context(), queue.Fast, []id.UUID{d.id}), q.Run(t.Context(), queue.Fast, d.id),
		q.EnqueueEvents(t.Context(), queue.Fast, time.Now(), []id.UUID{id.NewUUID()}),
		q.Schedule(t.Context(), queue.Fast, d.id, time.Minute), q.Register(t.Context()),
		q.MarkMemory(t.Context()),
		hasMemory, wasArchived, r.Alive(t.Context()), r.CheckServer(t.Context()),
	} {
		if err == nil {
			t.Errorf("call %d: got no error, want one", i)
		}
	}
}

func TestCheckServerAcceptsTheServersOfTests(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s schedule) {
		must(t, s.redis.Alive(t.Context()))
		must(t, s.redis.CheckServer(t.Context()))
	})
}

func TestTheEmbeddedRedisLetsKeysExpire(t *testing.T) {
	t.Parallel()
	s := open(t, engine.Embedded)
	must(t, s.redis.Set(t.Context(), "key", "value", time.Second).Err())
	engine.Await(t, "the end of a key", func() bool { return s.redis.Exists(t.Context(), "key").Val() == 0 })
}

func TestTheLatencyIsTheWaitOfTheOldestPendingTask(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s schedule) {
		d := newDelivery()
		latency := func() time.Duration {
			t.Helper()
			d, err := s.Latency()
			must(t, err)
			return d
		}
		if d := latency(); d != 0 {
			t.Errorf("the latency is %s before anything is enqueued, want 0", d)
		}
		must(t, s.enqueue(t, d))
		engine.Await(t, "the task to have waited", func() bool { return latency() > 0 })
		_, err := s.Pause(queue.Fast, true)
		must(t, err)
		if d := latency(); d != 0 {
			t.Errorf("the latency is %s while the queue is paused, want 0", d)
		}
		_, err = s.Pause(queue.Fast, false)
		must(t, err)
		s.serve(t, d.task, "", func(context.Context, queue.Task) error { return nil })
		if d := latency(); d != 0 {
			t.Errorf("the latency is %s when no task is pending, want 0", d)
		}
	})
}

func TestAStopCancelsATaskThatHangsAndPutsItBack(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s schedule) {
		d := newDelivery()
		must(t, s.enqueue(t, d))
		started := make(chan struct{})
		servers := queue.NewServers(s.redis, queue.ServerConfig{Servers: 1, Concurrency: 4, Shutdown: time.Hour},
			func(ctx context.Context, _ queue.Task) error {
				close(started)
				<-ctx.Done()
				return ctx.Err()
			})
		must(t, servers.Start(t.Context()))
		<-started
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if err := servers.Stop(ctx); err != nil {
			t.Errorf("Stop: %v, want nil before its context ends", err)
		}
		if got := s.state(t, d.task); got != "retry" && got != "pending" {
			t.Errorf("the task is %q, want it to be back on the queue: retry or pending", got)
		}
		info, err := s.inspector.GetQueueInfo(queue.Fast)
		if err != nil || info.Failed != 0 {
			t.Errorf("%d tasks failed, want 0 (%v)", info.Failed, err)
		}
	})
}

func TestTheEmbeddedRedisAsksForAPassword(t *testing.T) {
	t.Parallel()
	s := openURL(t, queue.EmbeddedURL)
	for _, password := range []string{"", "guess"} {
		stranger := redis.NewClient(&redis.Options{Addr: s.redis.Embedded().Addr(), Password: password, MaxRetries: -1})
		defer func() { _ = stranger.Close() }()
		if err := stranger.Set(t.Context(), "x", "y", 0).Err(); err == nil {
			t.Errorf("a client with the password %q could write, want an error", password)
		}
	}
	impatient, err := s.redis.Impatient()
	must(t, err)
	defer func() { _ = impatient.Close() }()
	must(t, impatient.Ping(t.Context()).Err())
}
