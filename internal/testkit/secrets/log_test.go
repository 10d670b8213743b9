package secrets

import (
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

// TestASecretInTheLogFailsTheTestWhicheverComesFirst is not parallel: there is one log for all tests.
func TestASecretInTheLogFailsTheTestWhicheverComesFirst(t *testing.T) {
	for name, say := range map[string]func(){
		"before it is known": func() {
			Logged("x key=hk_live_before0000000")
			RememberAnswer([]byte(`{"data":[{"key":"hk_live_before0000000"}]}`))
		},
		"after it is known": func() {
			RememberAnswer([]byte(`{"secret":"whsec_after0000000000000"}`))
			Logged("a=1 g.text=\"so after0000000000000 is out\"")
		},
	} {
		r := &recorder{}
		say()
		log.check(r)
		if r.failed != 1 {
			t.Errorf("%s: got %d lines found, want 1", name, r.failed)
		}
		log.check(r)
		if r.failed != 1 {
			t.Errorf("%s: got %d reports of a line, want 1", name, r.failed)
		}
	}
}
