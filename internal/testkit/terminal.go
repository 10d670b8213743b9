package testkit

import (
	"io"
	"os"
	"reflect"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/term"
)

// Terminal is the real program in a pseudo terminal, which is its stdin, stdout and stderr: Stdout has all of it.
type Terminal struct {
	*Process
	keys   io.Writer
	before *term.State
	after  *term.State
}

// RunInTerminal is Run in a pseudo terminal.
func RunInTerminal(t testing.TB, env []string, args ...string) *Terminal {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	x := &Terminal{Process: prepare(t, Binary(t), env, args), keys: master}
	if x.before, err = term.GetState(int(tty.Fd())); err != nil {
		t.Fatal(err)
	}
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = tty, tty, tty
	x.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := x.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = x.cmd.Wait()
		x.after, _ = term.GetState(int(tty.Fd()))
		_ = tty.Close() // ends what the next line reads
	}()
	go func() {
		x.collect(master, &x.stdout)
		_ = master.Close()
		close(x.exited)
	}()
	x.tidy(t, args)
	return x
}

// Press types keys.
func (x *Terminal) Press(t testing.TB, keys string) {
	t.Helper()
	if _, err := io.WriteString(x.keys, keys); err != nil {
		t.Fatal(err)
	}
}

// Signal sends the program a signal.
func (x *Terminal) Signal(t testing.TB, s os.Signal) {
	t.Helper()
	if err := x.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// Restored says whether the program has left the modes of its terminal as they were. Call it after Exit.
func (x *Terminal) Restored() bool { return x.after != nil && reflect.DeepEqual(x.before, x.after) }
