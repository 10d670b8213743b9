package loglimit

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestAKindOfMessageIsLoggedOnceASecondWithTheNumberLeftOut sets the default log, so it does not run in parallel.
func TestAKindOfMessageIsLoggedOnceASecondWithTheNumberLeftOut(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	l := New(func() time.Time { return now })
	for _, step := range []struct {
		after time.Duration
		left  string // of the line that is logged then; none when it is empty
	}{{0, "first"}, {0, ""}, {every - 1, ""}, {1, "not_logged=2"}} {
		now = now.Add(step.after)
		log.Reset()
		l.Log(t.Context(), slog.LevelWarn, "a", "a happened", "which", "first")
		if got := log.String(); (got == "") != (step.left == "") || !strings.Contains(got, step.left) {
			t.Errorf("at %s: got the line %q, want %q", now, got, step.left)
		}
	}
	log.Reset()
	for kind := range 2 * maxKinds {
		l.Log(t.Context(), slog.LevelWarn, strings.Repeat("b", kind+1), "b happened")
	}
	if got := strings.Count(log.String(), "\n"); got != 2*maxKinds || len(l.last) > maxKinds {
		t.Errorf("messages of %d kinds: got %d lines and %d kinds remembered, want all and at most %d", 2*maxKinds, got,
			len(l.last), maxKinds)
	}
}
