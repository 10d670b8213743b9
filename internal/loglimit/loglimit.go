// Package loglimit limits messages in the log that many requests or tasks would repeat.
package loglimit

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// every is how often a kind of message is logged.
const every = time.Second

// maxKinds limits the memory for messages, should their kinds be many after all.
const maxKinds = 100

// Log logs each kind of message at most once a second, with the number of those that it left out since as
// not_logged. It is safe for concurrent use.
type Log struct {
	now func() time.Time

	mu   sync.Mutex
	last map[string]*repeated
}

type repeated struct {
	at   time.Time
	left int
}

// New makes a Log with the clock of the program, or of a test.
func New(now func() time.Time) *Log { return &Log{now: now, last: map[string]*repeated{}} }

// Log writes a message to the program's log, unless one of its kind was written within the last second.
func (l *Log) Log(ctx context.Context, level slog.Level, kind, message string, args ...any) {
	now := l.now()
	l.mu.Lock()
	known := l.last[kind]
	if known == nil {
		if len(l.last) >= maxKinds {
			clear(l.last)
		}
		known = &repeated{}
		l.last[kind] = known
	}
	if !known.at.IsZero() && now.Sub(known.at) < every {
		known.left++
		l.mu.Unlock()
		return
	}
	left := known.left
	*known = repeated{at: now}
	l.mu.Unlock()
	if left > 0 {
		args = append(args, "not_logged", left)
	}
	slog.Log(ctx, level, message, args...)
}
