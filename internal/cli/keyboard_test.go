package cli_test

import (
	"reflect"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/term"

	"github.com/hookline/hookline/internal/cli"
)

// A panic in a goroutine ends the program without the deferred calls of the others.
func TestAPanicInAnyGoroutineRestoresTheTerminal(t *testing.T) {
	t.Parallel()
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = master.Close(), tty.Close() })
	state := func() *term.State {
		s, err := term.GetState(int(tty.Fd()))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	before := state()
	keys, err := cli.OpenKeyboard(tty)
	if err != nil {
		t.Fatal(err)
	}
	keys.Guard(func() {})
	if reflect.DeepEqual(state(), before) {
		t.Error("terminal while its keys are read: got its modes unchanged, want it raw")
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("Guard: got no panic, want that of what it runs")
			}
		}()
		keys.Guard(func() { panic("broken") })
	}()
	if !reflect.DeepEqual(state(), before) {
		t.Error("terminal after a panic: got it raw, want its modes as before")
	}
}
