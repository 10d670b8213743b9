package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"sync"

	"golang.org/x/term"
)

// Keyboard is a terminal in raw mode: it hands over each key when it is pressed, echoes none, makes no signals of
// Ctrl-C and Ctrl-\, and leaves the ends of lines as they are written (see LineEnds).
type Keyboard struct {
	in      *os.File
	restore func()
}

// OpenKeyboard switches a terminal to raw mode, until Restore.
func OpenKeyboard(in *os.File) (*Keyboard, error) {
	fd := int(in.Fd())
	before, err := term.MakeRaw(fd)
	if err != nil {
		return nil, err
	}
	return &Keyboard{in: in, restore: sync.OnceFunc(func() { _ = term.Restore(fd, before) })}, nil
}

// Restore switches the terminal back. It may be called more than once, from any goroutine, and of a nil Keyboard.
func (k *Keyboard) Restore() {
	if k != nil {
		k.restore()
	}
}

// Guard runs do, and restores the terminal if it panics: the program ends then without the deferred calls of other
// goroutines.
func (k *Keyboard) Guard(do func()) {
	returned := false
	defer func() {
		if !returned {
			k.Restore()
		}
	}()
	do()
	returned = true
}

// What a terminal in raw mode sends for the keys that are signals otherwise.
const (
	ctrlC         = 0x03
	ctrlBackslash = 0x1c
)

// Read calls pressed with each key, until the terminal ends, or ctx. Ctrl-C and Ctrl-\ call interrupt.
func (k *Keyboard) Read(ctx context.Context, pressed func(key byte), interrupt func()) {
	keys := make([]byte, 64)
	for ctx.Err() == nil {
		n, err := k.in.Read(keys)
		for _, key := range keys[:n] {
			if key == ctrlC || key == ctrlBackslash {
				interrupt()
				return
			}
			pressed(key)
		}
		if err != nil {
			return
		}
	}
}

// LineEnds writes to a terminal in raw mode: each line begins in the first column.
type LineEnds struct{ To io.Writer }

// Write writes p with a carriage return before each line feed.
func (l LineEnds) Write(p []byte) (int, error) {
	if _, err := l.To.Write(bytes.ReplaceAll(p, []byte("\n"), []byte("\r\n"))); err != nil {
		return 0, err
	}
	return len(p), nil
}
