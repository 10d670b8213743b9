package queue

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// logEvery is how often a message about Redis is repeated. While Redis is away each server, delivery and batch fails
// by itself, many times a second.
const logEvery = time.Second

// maxKinds limits the memory for messages, should their kinds be many after all.
const maxKinds = 100

// repeats logs each kind of message at most once in logEvery, with the number of those that it left out since.
type repeats struct {
	now func() time.Time

	mu   sync.Mutex
	last map[string]*repeated
}

type repeated struct {
	at   time.Time
	left int
}

var aboutRedis = &repeats{now: time.Now, last: map[string]*repeated{}}

// Warn logs a failure of the queue, at most once a second for each message. The message must be constant.
func Warn(message string, args ...any) { aboutRedis.log(slog.LevelWarn, message, message, args...) }

func (r *repeats) log(level slog.Level, kind, message string, args ...any) {
	now := r.now()
	r.mu.Lock()
	known := r.last[kind]
	if known == nil {
		if len(r.last) >= maxKinds {
			clear(r.last)
		}
		known = &repeated{}
		r.last[kind] = known
	}
	if !known.at.IsZero() && now.Sub(known.at) < logEvery {
		known.left++
		r.mu.Unlock()
		return
	}
	left := known.left
	*known = repeated{at: now}
	r.mu.Unlock()
	if left > 0 {
		args = append(args, "not_logged", left)
	}
	slog.Log(context.Background(), level, message, args...)
}

// logger writes Asynq's messages to the program's log.
type logger struct{}

func (logger) Debug(args ...any) { slog.Debug("asynq", "message", fmt.Sprint(args...)) }
func (logger) Info(args ...any)  { slog.Info("asynq", "message", fmt.Sprint(args...)) }
func (logger) Warn(args ...any)  { aboutRedis.asynq(slog.LevelWarn, fmt.Sprint(args...)) }
func (logger) Error(args ...any) { aboutRedis.asynq(slog.LevelError, fmt.Sprint(args...)) }
func (logger) Fatal(args ...any) { aboutRedis.asynq(slog.LevelError, fmt.Sprint(args...)) }

// asynq logs a message of Asynq. Its kind is its first words: the ids and addresses that follow are unlimited.
func (r *repeats) asynq(level slog.Level, message string) {
	if strings.HasPrefix(message, "recovering from panic") { // a fault of a task, not of Redis
		slog.Log(context.Background(), level, "asynq", "message", message)
		return
	}
	words := strings.Fields(message)
	r.log(level, "asynq "+strings.Join(words[:min(len(words), 3)], " "), "asynq", "message", message)
}
