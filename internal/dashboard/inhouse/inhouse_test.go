package inhouse_test

import (
	"net/http"
	"testing"

	"github.com/hookline/hookline/internal/dashboard/inhouse"
)

func TestViolationsAreInAStableOrder(t *testing.T) {
	t.Parallel()
	r := &inhouse.Refusal{Status: http.StatusBadRequest, Fields: map[string]string{"url": "is no URL",
		"events[1]": "is unknown", "name": "is too long", "events[0]": "is empty"}}
	for range 50 {
		if got := r.Details(); got != " events[0] is empty. events[1] is unknown. name is too long. url is no URL." {
			t.Fatal("Details: got " + got + ", want a sentence for each violation")
		}
	}
}

func TestViolationsInsideAFieldAreShownAtTheField(t *testing.T) {
	t.Parallel()
	f := inhouse.Form{Fields: map[string]string{
		"name": "must not be empty", "names": "are too many", "policy.wait": "is too long",
		"policy.max": "is too small", "events[1]": "is unknown", "events[0]": "is empty",
		"limit": "is wrong", "limit.per": "is unknown", "networks[0]": "“x” is no network",
	}}
	for name, want := range map[string]string{
		"name": "must not be empty", "names": "are too many", "policy": "max is too small; wait is too long",
		"events": "events[0] is empty; events[1] is unknown", "limit": "is wrong; per is unknown",
		"networks": "“x” is no network", "pol": "", "other": "",
	} {
		for range 20 {
			if got := f.Wrong(name); got != want {
				t.Fatalf("Wrong(%q): got %q, want %q", name, got, want)
			}
		}
	}
}

func TestOnlyAJobThatEndedIsWholeInPercent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status      string
		gone, total int
		waits       bool
		percent     int
	}{
		{"queued", 0, 0, true, 0}, {"running", 1, 3, true, 33}, {"running", 3, 3, true, 99}, {"done", 3, 3, false, 100},
		{"failed", 1, 3, false, 100}, {"cancelled", 0, 3, false, 100},
	} {
		if waits, percent := inhouse.Progress(c.status, c.gone, c.total); waits != c.waits || percent != c.percent {
			t.Errorf("Progress of %+v: got %v and %d, want %v and %d", c, waits, percent, c.waits, c.percent)
		}
	}
}
