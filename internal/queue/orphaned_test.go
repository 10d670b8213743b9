package queue_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/queue"
)

// A delivery whose first task is orphaned can be archived or retried under its second task; Run must find that one too.
func TestRunAlsoRunsTheTaskThatReplacedAnOrphanedOne(t *testing.T) {
	t.Parallel()
	for state, answer := range map[string]error{"archived": queue.Dead("exhausted"),
		"retry": &queue.Later{After: time.Hour}} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, s schedule) {
				d := newDelivery()
				must(t, s.enqueue(t, d))
				s.orphan(t, d.task)
				must(t, s.Run(t.Context(), queue.Fast, d.id))
				s.serve(t, d.task+"-2", state, func(context.Context, queue.Task) error { return answer })
				must(t, s.Run(t.Context(), queue.Fast, d.id))
				s.want(t, d.task+"-2", "pending")
			})
		})
	}
}

func TestAPasswordInAURLThatCantBeReadStaysOutOfTheError(t *testing.T) {
	t.Parallel()
	for _, u := range []string{"redis://:hunter2@h:port", "redis://:hunter2@%zz", "redis-sentinel://:hunter2@h:port",
		"redis-cluster://:hunter2@h:port", "redis://:hunter2@h/db", "redis-://:hunter2@h"} {
		r, err := queue.Open(u)
		if err == nil {
			_ = r.Close()
			t.Errorf("%s: no error, want one", u)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error is %v, want it without the password", u, err)
		}
	}
}
