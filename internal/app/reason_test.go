package app

import (
	"errors"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/queue"
)

func TestAReasonOfRedisFitsIntoASentence(t *testing.T) {
	t.Parallel()
	_, err := queue.Open("redis-sentinel://127.0.0.1:26379/0")
	if err == nil {
		t.Fatal("a Sentinel without a master: got it opened, want an error")
	}
	if got, want := redisReason(err), "a redis-sentinel:// URL needs ?master_name=NAME"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	got := redisReason(errors.New("WRONGPASS invalid username-password pair or user is disabled."))
	if strings.HasSuffix(got, ".") {
		t.Errorf("got %q, want no full stop, since the sentence has its own", got)
	}
}
