package testkit

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"sync/atomic"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit/secrets"
)

// unsearched is true in benchmarks: formatting debug lines would be part of what they measure.
var unsearched atomic.Bool

// tee hands everything that is logged, debug lines included, to the search for secrets, and errors to stderr.
type tee struct{ log, all slog.Handler }

// Enabled implements slog.Handler.
func (t tee) Enabled(ctx context.Context, l slog.Level) bool {
	return !unsearched.Load() || t.log.Enabled(ctx, l)
}

// Handle implements slog.Handler.
func (t tee) Handle(ctx context.Context, r slog.Record) error {
	_ = t.all.Handle(ctx, r)
	if !t.log.Enabled(ctx, r.Level) {
		return nil
	}
	return t.log.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (t tee) WithAttrs(a []slog.Attr) slog.Handler {
	return tee{t.log.WithAttrs(a), t.all.WithAttrs(a)}
}

// WithGroup implements slog.Handler.
func (t tee) WithGroup(name string) slog.Handler {
	return tee{t.log.WithGroup(name), t.all.WithGroup(name)}
}

type secretsWriter struct{}

// Write implements io.Writer; the handler writes a line at a time.
func (secretsWriter) Write(line []byte) (int, error) {
	secrets.Logged(string(bytes.TrimSpace(line)))
	return len(line), nil
}

// A test prints its own messages and the program's errors, not a line for each attempt.
func init() {
	app.SetUpLog(os.Stderr, config.Config{LogLevel: "error", LogFormat: "text"})
	all := slog.NewTextHandler(secretsWriter{}, &slog.HandlerOptions{Level: slog.LevelDebug})
	slog.SetDefault(slog.New(tee{log: slog.Default().Handler(), all: all}))
}
