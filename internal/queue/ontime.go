package queue

import (
	"time"

	"github.com/hibiken/asynq"
)

const (
	// soon is the longest delay that this process times itself. A second more or less is a lot of a shorter one, and
	// little of a longer one.
	soon = 10 * time.Second
	// timersAtMost limits how many delays are timed at once. Of a thousand tasks Asynq's forwarder makes fewer calls.
	timersAtMost = 200
)

// onTime runs tasks with a short delay when it ends. Asynq keeps delays in whole seconds and looks for tasks whose time
// has come once a second, so that a delay of one second takes up to two. A task that is not run here, since its process
// ended or has timers enough, is run by Asynq's forwarder.
type onTime struct {
	inspector *asynq.Inspector
	wakeUps   *wakeUps
	timers    chan struct{} // has a value for each timer
}

func newOnTime(r *Redis) *onTime {
	return &onTime{inspector: asynq.NewInspectorFromRedisClient(r.UniversalClient), wakeUps: r.wakeUps,
		timers: make(chan struct{}, timersAtMost)}
}

// run has a task, which is scheduled or waits for its retry, run after a delay. A task that no longer waits by then is
// left as it is.
func (o *onTime) run(name, taskID string, after time.Duration) {
	if after <= 0 || after > soon {
		return
	}
	select {
	case o.timers <- struct{}{}:
	default:
		return
	}
	time.AfterFunc(after, func() {
		defer func() { <-o.timers }()
		if o.inspector.RunTask(name, taskID) == nil {
			o.wakeUps.send(name)
		}
	})
}
