package queue_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// schedule is an open queue and what looks at it from outside.
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
	r, err := queue.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return schedule{queue.New(r, time.Minute), r, asynq.NewInspectorFromRedisClient(r.UniversalClient)}
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

// state is what Redis says of a task; empty when it knows none.
func (s schedule) state(t *testing.T, taskID string) string {
	t.Helper()
	info, err := s.inspector.GetTaskInfo(queue.Lane, taskID)
	if errors.Is(err, asynq.ErrTaskNotFound) || errors.Is(err, asynq.ErrQueueNotFound) {
		return ""
	}
	must(t, err)
	return info.State.String()
}

func (s schedule) want(t *testing.T, taskID, state string) {
	t.Helper()
	if got := s.state(t, taskID); got != state {
		t.Errorf("%s is %q instead of %q", taskID, got, state)
	}
}

// serve runs servers until the task is in the state; handle gets every task.
func (s schedule) serve(t *testing.T, taskID, state string, handle queue.Handler) {
	t.Helper()
	servers := queue.NewServers(s.redis, queue.ServerConfig{Servers: 1, Concurrency: 4, Shutdown: 5 * time.Second}, handle)
	must(t, servers.Start(t.Context()))
	defer func() { _ = servers.Stop(context.Background()) }()
	engine.Await(t, taskID+" in the state "+state, func() bool { return s.state(t, taskID) == state })
}

// orphan makes Redis believe that a pending task runs, as it does when a worker died and its lease was lost too.
func (s schedule) orphan(t *testing.T, taskID string) {
	t.Helper()
	const prefix = "asynq:{" + queue.Lane + "}:"
	n, err := s.redis.LRem(t.Context(), prefix+"pending", 1, taskID).Result()
	if err != nil || n != 1 {
		t.Fatalf("%d, %v", n, err)
	}
	must(t, s.redis.HSet(t.Context(), prefix+"t:"+taskID, "state", "active").Err())
	s.want(t, taskID, "active")
}

func TestEnqueueingTwiceKeepsOneTaskThatCarriesOnlyTheID(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s schedule) {
		for range 2 {
			must(t, s.Enqueue(t.Context(), queue.Lane, "dlv_1"))
		}
		must(t, s.Run(t.Context(), queue.Lane, "dlv_1"))
		tasks, err := s.inspector.ListPendingTasks(queue.Lane)
		if err != nil || len(tasks) != 1 {
			t.Fatalf("%d tasks, %v", len(tasks), err)
		}
		if got := tasks[0]; got.ID != "dlv_1" || got.Type != queue.TaskType || string(got.Payload) != `{"delivery_id":"dlv_1"}` || got.Timeout != time.Minute || got.MaxRetry < 1000 {
			t.Errorf("%+v", got)
		}
	})
}

func TestATaskRunsOnceAndIsThenForgotten(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s schedule) {
		must(t, s.Run(t.Context(), queue.Lane, "dlv_1")) // there is none: Run enqueues it
		seen := make(chan queue.Task, 10)
		s.serve(t, "dlv_1", "", func(_ context.Context, task queue.Task) error { seen <- task; return nil })
		if got := <-seen; got != (queue.Task{ID: "dlv_1", DeliveryID: "dlv_1", Lane: queue.Lane}) || len(seen) != 0 {
			t.Errorf("%+v and %d more", got, len(seen))
		}
	})
}

func TestRunHurriesATaskThatWaitsOrIsArchived(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s schedule) {
		client := asynq.NewClientFromRedisClient(s.redis.UniversalClient)
		_, err := client.Enqueue(asynq.NewTask(queue.TaskType, []byte(`{"delivery_id":"scheduled"}`)), asynq.TaskID("scheduled"), asynq.Queue(queue.Lane), asynq.ProcessIn(time.Hour))
		must(t, err)
		for id, answer := range map[string]error{"retry": &queue.Later{After: time.Hour, Reason: "not yet"}, "archived": queue.Dead("exhausted")} {
			must(t, s.Enqueue(t.Context(), queue.Lane, id))
			s.serve(t, id, id, func(context.Context, queue.Task) error { return answer })
		}
		for _, id := range []string{"scheduled", "retry", "archived"} {
			s.want(t, id, id)
			must(t, s.Enqueue(t.Context(), queue.Lane, id))
			s.want(t, id, id) // Enqueue leaves it as it is
			must(t, s.Run(t.Context(), queue.Lane, id))
			s.want(t, id, "pending")
			must(t, s.Run(t.Context(), queue.Lane, id))
			s.want(t, id, "pending")
		}
		info, err := s.inspector.GetQueueInfo(queue.Lane)
		if err != nil || info.Size != 3 || info.Failed != 1 { // only the dead letter counts as a failure
			t.Errorf("%+v, %v", info, err)
		}
	})
}

func TestRunGoesAroundATaskThatRedisWronglyBelievesToRun(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s schedule) {
		must(t, s.Enqueue(t.Context(), queue.Lane, "dlv_1"))
		s.orphan(t, "dlv_1")
		for range 2 {
			must(t, s.Run(t.Context(), queue.Lane, "dlv_1"))
		}
		info, err := s.inspector.GetQueueInfo(queue.Lane)
		if err != nil || info.Pending != 1 {
			t.Fatalf("%+v, %v", info, err)
		}
		seen := make(chan queue.Task, 10)
		s.serve(t, "dlv_1-2", "", func(_ context.Context, task queue.Task) error { seen <- task; return nil })
		if got := <-seen; got.DeliveryID != "dlv_1" || got.ID == "dlv_1" || len(seen) != 0 {
			t.Errorf("%+v and %d more", got, len(seen))
		}
	})
}

func TestADeadLetterIsToldFromWhatIsArchivedForAnotherReason(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s schedule) {
		broken := fmt.Errorf("broken: %w", asynq.SkipRetry)
		for id, answer := range map[string]error{"dead": queue.Dead("The endpoint answered 500."), "broken": broken} {
			must(t, s.Enqueue(t.Context(), queue.Lane, id))
			s.serve(t, id, "archived", func(context.Context, queue.Task) error { return answer })
		}
		must(t, s.Enqueue(t.Context(), queue.Lane, "by hand"))
		must(t, s.inspector.ArchiveTask(queue.Lane, "by hand"))
		must(t, s.Enqueue(t.Context(), queue.Lane, "waiting"))
		check := func(id string, want bool) {
			t.Helper()
			if got, err := s.WasArchived(id); err != nil || got != want {
				t.Errorf("%s: %t, %v", id, got, err)
			}
		}
		check("dead", true)
		for _, id := range []string{"broken", "by hand", "waiting", "unknown"} {
			check(id, false)
		}
		must(t, s.inspector.RunTask(queue.Lane, "dead"))
		seen := make(chan bool, 1)
		s.serve(t, "dead", "", func(_ context.Context, task queue.Task) error { // as the worker sees it: while it runs
			if task.ID == "dead" {
				archived, err := s.WasArchived("dead")
				seen <- archived && err == nil
			}
			return nil
		})
		if !<-seen {
			t.Error("a dead letter that an operator runs is not told from one that Redis repeats")
		}
		must(t, s.redis.FlushDB(t.Context()).Err())
		check("dead", false)
	})
}

func TestLostMemoryIsNoticedAndTheQueueIsFoundAgain(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s schedule) {
		memory := func(want bool) {
			t.Helper()
			if got, err := s.HasMemory(t.Context()); err != nil || got != want {
				t.Errorf("memory %t, %v", got, err)
			}
		}
		memory(false)
		must(t, s.MarkMemory(t.Context()))
		memory(true)
		must(t, s.Enqueue(t.Context(), queue.Lane, "dlv_1"))
		memory(true)

		must(t, s.redis.FlushDB(t.Context()).Err())
		memory(false)
		must(t, s.Enqueue(t.Context(), queue.Lane, "dlv_1")) // the client believes that Redis knows the queue still
		if names, err := s.inspector.Queues(); err != nil || len(names) != 0 {
			t.Fatalf("%v, %v: Asynq registers queues again by itself, so Register is not needed any more", names, err)
		}
		must(t, s.Run(t.Context(), queue.Lane, "dlv_1"))
		for range 2 {
			must(t, s.Register(t.Context()))
			must(t, s.MarkMemory(t.Context()))
		}
		memory(true)
		names, err := s.inspector.Queues()
		slices.Sort(names)
		if err != nil || !slices.Equal(names, []string{queue.Agents, queue.Lane, queue.Bulk, queue.Slow}) {
			t.Errorf("%v, %v", names, err)
		}
		s.want(t, "dlv_1", "pending")
	})
}

func TestEveryCallSaysSoWhenRedisIsAway(t *testing.T) {
	t.Parallel()
	r, err := queue.Open("redis://127.0.0.1:1/0?max_retries=-1&dial_timeout=1s")
	must(t, err)
	t.Cleanup(func() { _ = r.Close() })
	q := queue.New(r, time.Minute)
	_, hasMemory := q.HasMemory(t.Context())
	_, wasArchived := q.WasArchived("dlv_1")
	for i, err := range []error{
		q.Enqueue(t.Context(), queue.Lane, "dlv_1"), q.Run(t.Context(), queue.Lane, "dlv_1"), q.Register(t.Context()), q.MarkMemory(t.Context()),
		hasMemory, wasArchived, r.Alive(t.Context()), r.CheckServer(t.Context()),
	} {
		if err == nil {
			t.Errorf("call %d: no error", i)
		}
	}
}

func TestTheServersOfTestsAreFitForUse(t *testing.T) {
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

func TestTheLineIsAsLongAsItsNextTaskHasWaited(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s schedule) {
		waited := func() time.Duration {
			t.Helper()
			d, err := s.Waited()
			must(t, err)
			return d
		}
		if d := waited(); d != 0 {
			t.Errorf("%s before there is a line", d)
		}
		must(t, s.Enqueue(t.Context(), queue.Lane, "dlv_1"))
		engine.Await(t, "the task to have waited", func() bool { return waited() > 0 })
		_, err := s.Pause(queue.Lane, true)
		must(t, err)
		if d := waited(); d != 0 {
			t.Errorf("%s while paused", d)
		}
		_, err = s.Pause(queue.Lane, false)
		must(t, err)
		s.serve(t, "dlv_1", "", func(context.Context, queue.Task) error { return nil })
		if d := waited(); d != 0 {
			t.Errorf("%s when nothing waits", d)
		}
	})
}

func TestAStopCancelsATaskThatHangsAndPutsItBack(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s schedule) {
		must(t, s.Enqueue(t.Context(), queue.Lane, "dlv_1"))
		started := make(chan struct{})
		servers := queue.NewServers(s.redis, queue.ServerConfig{Servers: 1, Concurrency: 4, Shutdown: time.Hour}, func(ctx context.Context, _ queue.Task) error {
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
		if got := s.state(t, "dlv_1"); got != "retry" && got != "pending" {
			t.Errorf("the task is %q, want it to be back on the queue: retry or pending", got)
		}
		info, err := s.inspector.GetQueueInfo(queue.Lane)
		if err != nil || info.Failed != 0 {
			t.Errorf("%d tasks failed, want 0 (%v)", info.Failed, err)
		}
	})
}
