//go:build unix

package pattern

import (
	"syscall"
	"testing"
	"time"
)

func FuzzCompile(f *testing.F) {
	for _, text := range []string{"(?i)[a-z]+", `\pL{3}`, "(a|b)*", "[[:alpha:]-\U0001E942]", "(?i)[B-\U0001E942]"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		start := used()
		if compiled, err := Compile(text); (err == nil) != (compiled != nil) {
			t.Errorf("%q: got %v, %v, want a pattern or an error", text, compiled, err)
		}
		if took := used() - start; took > time.Second {
			t.Errorf("%q: got it for %s of CPU, want at most 1 s", text, took)
		}
	})
}

// used is the CPU time of this process. A fuzzing process tries one input at a time.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // the arguments are right
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
