package queue

import (
	"log/slog"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/loglimit"
)

// TestMessagesAboutRedisAreRepeatedOnceASecond sets the default log, so it does not run in parallel.
func TestMessagesAboutRedisAreRepeatedOnceASecond(t *testing.T) {
	lines := make(lineLog, 100)
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(lines, nil)))
	defer slog.SetDefault(before)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	l := loglimit.New(func() time.Time { return now })
	storm := func(want int) {
		t.Helper()
		for i := range 50 {
			ofAsynq(l, slog.LevelError, "Dequeue error: connection refused "+string(rune('a'+i%26)))
			ofAsynq(l, slog.LevelError, "Failed to write server state data: EOF")
		}
		if got := len(lines); got != want {
			t.Errorf("100 messages of two kinds made %d lines, want %d", got, want)
		}
	}
	storm(2)
	now = now.Add(time.Second - 1)
	storm(2)
	now = now.Add(1)
	storm(4)
}

// lineLog counts the lines of a log.
type lineLog chan []byte

func (l lineLog) Write(p []byte) (int, error) {
	l <- p
	return len(p), nil
}
