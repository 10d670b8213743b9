package testkit

import (
	"log/slog"
	"testing"
)

// recorder is a test that may fail.
type recorder struct {
	testing.TB
	failed int
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.failed++ }
func (r *recorder) Error(...any)          { r.failed++ }

// TestASecretInTheLogFailsTheTestWhicheverComesFirst is not parallel: the watch is one for all.
func TestASecretInTheLogFailsTheTestWhicheverComesFirst(t *testing.T) {
	for name, say := range map[string]func(){
		"before it is known": func() {
			slog.Debug("x", "key", "hk_live_before0000000")
			rememberAnswer([]byte(`{"data":[{"key":"hk_live_before0000000"}]}`))
		},
		"after it is known": func() {
			rememberAnswer([]byte(`{"secret":"whsec_after0000000000000"}`))
			slog.With("a", 1).WithGroup("g").Debug("x", "text", "so after0000000000000 is out")
		},
	} {
		r := &recorder{}
		say()
		watch.report(r)
		if r.failed != 1 {
			t.Errorf("%s: %d lines were found", name, r.failed)
		}
		watch.report(r)
		if r.failed != 1 {
			t.Errorf("%s: a line is reported twice", name)
		}
	}
}
