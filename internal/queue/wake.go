package queue

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// Asynq polls: each server asks for a task again and again. Here it waits instead until somebody enqueued one. The
// client of each server has a hook that holds its dequeue command back until then; who enqueues says so on a channel of
// Redis, which every process with servers listens to. A word that is lost, or a task that Asynq's own tools or its
// forwarder made pending, is found by a look every second.

const (
	wakeChannel = "hookline:wake"
	// lookEvery is how late a task is taken of which nobody said that it was enqueued; only Asynq's tools enqueue in
	// silence, and nobody has them for the embedded Redis.
	lookEvery    = time.Second
	lookEmbedded = 5 * time.Second
	// roomEvery is how often a server asks for room while there is none.
	roomEvery = 5 * time.Millisecond
	// wakePause is at least between two words to other processes, whatever is enqueued in between.
	wakePause = time.Millisecond
)

// wakeUps tells who waits for the tasks of a queue that there are some, in this process and in others.
type wakeUps struct {
	redis redis.UniversalClient // nil when all servers are in this process

	mu      sync.Mutex
	waiting map[string][]chan struct{} // by queue
	unsaid  map[string]bool            // queues of which other processes are yet to be told
	say     chan struct{}
	stop    chan struct{}
	once    sync.Once
	listen  sync.Once
	done    sync.WaitGroup
}

func newWakeUps(client redis.UniversalClient) *wakeUps {
	w := &wakeUps{redis: client, waiting: map[string][]chan struct{}{}, unsaid: map[string]bool{},
		say: make(chan struct{}, 1), stop: make(chan struct{})}
	if client != nil {
		w.done.Go(w.tell)
	}
	return w
}

// on returns a channel that gets a value when a queue may have a task.
func (w *wakeUps) on(name string) <-chan struct{} {
	c := make(chan struct{}, 1)
	w.mu.Lock()
	w.waiting[name] = append(w.waiting[name], c)
	w.mu.Unlock()
	if w.redis != nil {
		w.listen.Do(func() { w.done.Go(w.hear) })
	}
	return c
}

// send wakes who waits for a queue. It never blocks.
func (w *wakeUps) send(name string) {
	w.mu.Lock()
	w.wake(name)
	if w.redis != nil {
		w.unsaid[name] = true
	}
	w.mu.Unlock()
	if w.redis != nil {
		select {
		case w.say <- struct{}{}:
		default:
		}
	}
}

// wake is called under the lock.
func (w *wakeUps) wake(name string) {
	for _, c := range w.waiting[name] {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

func (w *wakeUps) tell() {
	for {
		select {
		case <-w.stop:
			return
		case <-w.say:
		}
		w.mu.Lock()
		names := make([]string, 0, len(w.unsaid))
		for name := range w.unsaid {
			names = append(names, name)
		}
		clear(w.unsaid)
		w.mu.Unlock()
		ctx, cancel := context.WithTimeout(context.Background(), lookEvery)
		if err := w.redis.Publish(ctx, wakeChannel, strings.Join(names, " ")).Err(); err != nil {
			slog.Debug("waking other processes failed; they poll every second", "error", err)
		}
		cancel()
		time.Sleep(wakePause)
	}
}

func (w *wakeUps) hear() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	messages := w.redis.Subscribe(ctx, wakeChannel)
	defer func() { _ = messages.Close() }()
	in := messages.Channel()
	for {
		select {
		case <-w.stop:
			return
		case m, open := <-in:
			if !open {
				return
			}
			w.mu.Lock()
			for _, name := range strings.Fields(m.Payload) {
				w.wake(name)
			}
			w.mu.Unlock()
		}
	}
}

func (w *wakeUps) close() {
	w.once.Do(func() { close(w.stop) })
	w.done.Wait()
}

// releasers is the name under which releasers wait.
const releasers = "releasers"

// WakeReleasers has the releasers of all processes look at once. It never blocks.
func (q *Queue) WakeReleasers() { q.wakeUps.send(releasers) }

// OnReleasers calls wake whenever somebody called WakeReleasers, until ctx ends.
func (q *Queue) OnReleasers(ctx context.Context, wake func()) {
	c := q.wakeUps.on(releasers)
	for {
		select {
		case <-ctx.Done():
			return
		case <-c:
			wake()
		}
	}
}

// waiting returns a client of the same Redis for a server of one queue, whose dequeue commands wait until there may be
// a task, and until room says that this process should take one.
func (r *Redis) waiting(name string, room func(queue string) bool, stop <-chan struct{}) redis.UniversalClient {
	client := r.another()
	look := lookEvery
	if r.embedded != nil {
		look = lookEmbedded
	}
	client.AddHook(&dequeueHook{queue: name, look: look, wakeUps: r.wakeUps, wake: r.wakeUps.on(name), room: room,
		stop: stop})
	return client
}

// dequeueHook holds back a server's dequeue commands.
type dequeueHook struct {
	queue   string
	look    time.Duration
	wakeUps *wakeUps
	wake    <-chan struct{}
	room    func(queue string) bool
	stop    <-chan struct{}
	// empty says that the last dequeue found nothing. A server has one dequeue at a time.
	empty bool
}

// DialHook implements redis.Hook.
func (h *dequeueHook) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessPipelineHook implements redis.Hook.
func (h *dequeueHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// ProcessHook implements redis.Hook.
func (h *dequeueHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		script := scriptOf(cmd)
		if script != dequeue {
			err := next(ctx, cmd)
			if script == forward && hasForwarded(cmd) {
				h.wakeUps.send(h.queue)
			}
			return err
		}
		if h.empty {
			h.wait()
		}
		if !h.waitForRoom() {
			cmd.SetErr(redis.Nil)
			return redis.Nil // Asynq takes it for an empty queue
		}
		err := next(ctx, cmd)
		h.empty = errors.Is(err, redis.Nil)
		return err
	}
}

func (h *dequeueHook) wait() {
	t := time.NewTimer(h.look)
	defer t.Stop()
	select {
	case <-h.wake:
	case <-t.C:
	case <-h.stop:
	}
}

func (h *dequeueHook) waitForRoom() bool {
	if h.room == nil || h.room(h.queue) {
		return true
	}
	t := time.NewTicker(roomEvery)
	defer t.Stop()
	for {
		select {
		case <-h.stop:
			return false
		case <-t.C:
			if h.room(h.queue) {
				return true
			}
		}
	}
}

// script is one of Asynq's scripts that the hook knows.
type script int

const (
	other   script = iota
	dequeue        // takes a task from a queue
	forward        // makes scheduled tasks and retries pending whose time has come
)

// scriptOf tells which script a command runs by the script's first two keys.
func scriptOf(cmd redis.Cmder) script {
	args := cmd.Args() // evalsha, the script, how many keys, the keys
	if len(args) < 7 || cmd.Name() != "evalsha" {
		return other
	}
	first, _ := args[3].(string)
	second, _ := args[4].(string)
	switch {
	case strings.HasSuffix(first, ":pending") && strings.HasSuffix(second, ":paused"):
		return dequeue
	case strings.HasSuffix(second, ":pending") && (strings.HasSuffix(first, ":scheduled") ||
		strings.HasSuffix(first, ":retry")):
		return forward
	}
	return other
}

// hasForwarded says whether a command that ran the forward script made tasks pending.
func hasForwarded(cmd redis.Cmder) bool {
	result, ok := cmd.(*redis.Cmd)
	if !ok {
		return false
	}
	n, err := result.Int()
	return err == nil && n > 0
}
