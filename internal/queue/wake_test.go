package queue_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2/server"

	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/queue"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// promptly is less than a server that was not woken takes.
const promptly = queue.LookEvery / 2

// peer is a Queue of another process: on servers it has connections of its own. The Redis in a process serves that one
// alone.
func (s schedule) peer(t *testing.T, e engine.Engine, url string) *queue.Queue {
	t.Helper()
	r := s.redis
	if e == engine.Servers {
		var err error
		r, err = queue.Open(url)
		must(t, err)
		t.Cleanup(func() { _ = r.Close() })
	}
	return queue.New(r, time.Minute)
}

// pair is a queue and its peer.
func pair(t *testing.T, e engine.Engine) (s schedule, peer *queue.Queue) {
	t.Helper()
	url := queue.EmbeddedURL
	if e == engine.Servers {
		url = engine.New(t, e).RedisURL
	}
	s = openURL(t, url)
	return s, s.peer(t, e, url)
}

// start starts servers and stops them when the test ends.
func (s schedule) start(t *testing.T, c queue.ServerConfig, handle queue.Handler) *queue.Servers {
	t.Helper()
	c.Concurrency, c.Shutdown = 4, 5*time.Second
	servers := queue.NewServers(s.redis, c, handle)
	must(t, servers.Start(t.Context()))
	t.Cleanup(func() { _ = servers.Stop(context.Background()) })
	return servers
}

// handled waits for the next task, and fails when none comes.
func handled(t *testing.T, tasks <-chan queue.Task) queue.Task {
	t.Helper()
	select {
	case task := <-tasks:
		return task
	case <-time.After(engine.Patience):
		t.Fatal("tasks handled: got none, want one")
		return queue.Task{}
	}
}

// median is how long a task usually waits between its enqueueing and its handler. Each round begins when servers have
// nothing to do, so a server that nobody wakes takes almost the whole time between two looks.
func median(t *testing.T, tasks <-chan queue.Task, enqueue func() error) time.Duration {
	t.Helper()
	var waits []time.Duration
	for range 9 {
		begun := time.Now()
		must(t, enqueue())
		handled(t, tasks)
		waits = append(waits, time.Since(begun))
	}
	slices.Sort(waits)
	return waits[len(waits)/2]
}

func TestATaskIsTakenAtOnceFromAnyProducer(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		s, peer := pair(t, e)
		tasks := make(chan queue.Task, 100)
		s.start(t, queue.ServerConfig{Servers: 2, Bulk: 1, Slow: 4},
			func(_ context.Context, task queue.Task) error { tasks <- task; return nil })
		fresh := func() []id.UUID { return []id.UUID{id.NewUUID()} }
		for name, enqueue := range map[string]func() error{
			"events":         func() error { return s.EnqueueEvents(t.Context(), queue.Fast, time.Now(), fresh()) },
			"a row":          func() error { return s.EnqueueRows(t.Context(), queue.Slow, fresh()) },
			"Run":            func() error { return s.Run(t.Context(), queue.Bulk, id.NewUUID()) },
			"a peer's":       func() error { return peer.EnqueueEvents(t.Context(), queue.Fast, time.Now(), fresh()) },
			"a peer's row":   func() error { return peer.EnqueueRows(t.Context(), queue.Bulk, fresh()) },
			"a peer's retry": func() error { return peer.Run(t.Context(), queue.Slow, id.NewUUID()) },
		} {
			wait := median(t, tasks, enqueue)
			t.Logf("%s: %s", name, wait)
			if wait >= promptly {
				t.Errorf("median wait of %s: got %s, want less than %s", name, wait, promptly)
			}
		}
	})
}

func TestATaskWithoutAWakeUpIsFoundByTheNextPoll(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s schedule) {
		d := newDelivery()
		must(t, s.Schedule(t.Context(), queue.Fast, d.id, time.Hour))
		tasks := make(chan queue.Task, 1)
		s.start(t, queue.ServerConfig{Servers: 1},
			func(_ context.Context, task queue.Task) error { tasks <- task; return nil })
		must(t, s.inspector.RunTask(queue.Fast, d.task)) // as an operator does
		if got := handled(t, tasks); got.ID != d.task {
			t.Errorf("task: got %s, want %s", got.ID, d.task)
		}
	})
}

func TestAnIdleServerDequeuesOncePerPoll(t *testing.T) {
	t.Parallel()
	s := open(t, engine.Embedded)
	var mu sync.Mutex
	var asked []time.Time
	s.redis.Embedded().Server().SetPreHook(func(_ *server.Peer, name string, args ...string) bool {
		if strings.EqualFold(name, "evalsha") && len(args) > 3 && strings.HasSuffix(args[2], ":pending") &&
			strings.HasSuffix(args[3], ":paused") {
			mu.Lock()
			asked = append(asked, time.Now())
			mu.Unlock()
		}
		return false
	})
	s.start(t, queue.ServerConfig{Servers: 1}, func(context.Context, queue.Task) error { return nil })
	times := func() []time.Time {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(asked)
	}
	const first, looks = 3, 2 // the first ones fill the cache of scripts and find the queue empty
	engine.Await(t, "some looks of an idle server", func() bool { return len(times()) > first+looks })
	all := times()
	if took, least := all[first+looks].Sub(all[first]), looks*queue.LookEvery*9/10; took < least {
		t.Errorf("time of %d looks: got %s, want at least %s", looks, took, least)
	}
}

func TestAProcessWithoutRoomLeavesTasksPending(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, s schedule) {
		var room atomic.Bool
		var asked, others atomic.Int64
		tasks := make(chan queue.Task, 10)
		s.start(t, queue.ServerConfig{Servers: 1, Room: func(name string) bool {
			if asked.Add(1); name != queue.Fast {
				others.Add(1)
			}
			return room.Load()
		}}, func(_ context.Context, task queue.Task) error { tasks <- task; return nil })
		d := newDelivery()
		must(t, s.enqueue(t, d))
		before := asked.Load()
		engine.Await(t, "more questions for room", func() bool { return asked.Load() > before+10 })
		s.want(t, d.task, "pending")
		room.Store(true)
		begun := time.Now()
		if got := handled(t, tasks); got.ID != d.task || others.Load() != 0 {
			t.Errorf("got %s, %d questions for other queues, want %s and none", got.ID, others.Load(), d.task)
		}
		t.Logf("taken %s after there was room", time.Since(begun))
		room.Store(false)
		before = asked.Load() // what asked before may still take a task
		engine.Await(t, "the next question for room", func() bool { return asked.Load() > before })
		next := newDelivery()
		must(t, s.enqueue(t, next))
		before = asked.Load()
		engine.Await(t, "more questions for room", func() bool { return asked.Load() > before+10 })
		s.want(t, next.task, "pending")
	})
}

func TestStopDoesNotWaitForServersThatWait(t *testing.T) {
	t.Parallel()
	for name, room := range map[string]bool{"for tasks": true, "for room": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, s schedule) {
				fastest := time.Hour
				for range 3 {
					tasks := make(chan queue.Task, 10)
					var asked atomic.Int64
					servers := s.start(t, queue.ServerConfig{Servers: 2, Room: func(string) bool {
						asked.Add(1)
						return room
					}}, func(_ context.Context, task queue.Task) error { tasks <- task; return nil })
					if room { // after a task all servers begin to wait anew
						must(t, s.enqueue(t, newDelivery()))
						handled(t, tasks)
					} else {
						engine.Await(t, "questions for room", func() bool { return asked.Load() > 4 })
					}
					begun := time.Now()
					must(t, servers.Stop(t.Context()))
					fastest = min(fastest, time.Since(begun))
				}
				t.Logf("fastest stop: %s", fastest)
				if fastest >= promptly {
					t.Errorf("fastest of three stops: got %s, want less than %s", fastest, promptly)
				}
			})
		})
	}
}

func TestReleasersOfAllProcessesAreWoken(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		s, peer := pair(t, e)
		woken := make(chan struct{}, 1000)
		ctx, cancel := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() { s.OnReleasers(ctx, func() { woken <- struct{}{} }) })
		for name, q := range map[string]*queue.Queue{"own": s.Queue, "peer": peer} {
			engine.Await(t, "a wake-up by "+name, func() bool { // until the subscription is there, words are lost
				q.WakeReleasers()
				select {
				case <-woken:
					return true
				case <-time.After(20 * time.Millisecond):
					return false
				}
			})
		}
		cancel()
		done.Wait()
	})
}
