package testkit

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
)

// watch is what the programs of this process must not say. They share the one default log, so it is one for all: a
// line is looked through when it is written, for every secret that is known then, whichever program it is from; and
// what was written before a secret was known is looked through when it becomes known.
var watch = &watcher{}

// keptLines is how far back a secret is searched for: those that say it are written in the request that makes it.
const keptLines = 2000

type watcher struct {
	off     atomic.Bool
	mu      sync.Mutex
	secrets []string
	lines   []string
	found   []string
}

// remember adds a secret. What is short would be found by chance.
func (w *watcher) remember(secret string) {
	secret = strings.TrimPrefix(secret, "whsec_")
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(secret) < 16 || slices.Contains(w.secrets, secret) {
		return
	}
	w.secrets = append(w.secrets, secret)
	for _, line := range w.lines {
		if strings.Contains(line, secret) {
			w.found = append(w.found, line)
		}
	}
}

func (w *watcher) wrote(line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lines = append(w.lines, line); len(w.lines) > 2*keptLines {
		w.lines = slices.Clone(w.lines[keptLines:])
	}
	if slices.ContainsFunc(w.secrets, func(s string) bool { return strings.Contains(line, s) }) {
		w.found = append(w.found, line)
	}
}

// report fails a test for each line that holds a secret, and forgets them, so that one test fails for each.
func (w *watcher) report(t testing.TB) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, line := range w.found {
		t.Errorf("a secret is in the log: %s", line)
	}
	w.found = nil
}

// watchLog fails the test when it ends and a secret was logged, by its program or by one that runs beside it. A
// benchmark's program is not watched: formatting lines that nobody reads would be part of what is measured.
func watchLog(t testing.TB) {
	t.Helper()
	if _, measured := t.(*testing.B); measured {
		watch.off.Store(true)
	}
	t.Cleanup(func() { watch.report(t) })
}

// rememberConfig keeps the secrets of a program's settings.
func rememberConfig(c config.Config) {
	for _, secret := range []string{c.EncryptionKey, c.OperatorKey, c.OIDCClientSecret, c.SecretScanningToken, c.OpenAIKey, c.StripeWebhookSecret} {
		watch.remember(secret)
	}
	if u, err := url.Parse(c.SMTPURL); err == nil {
		password, _ := u.User.Password()
		watch.remember(password)
	}
}

// rememberAnswer keeps what an answer shows once: keys and secrets, however deep.
func rememberAnswer(body []byte) {
	var v any
	if json.Unmarshal(body, &v) == nil {
		rememberIn("", v)
	}
}

func rememberIn(name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			rememberIn(name, inner)
		}
	case []any:
		for _, inner := range v {
			rememberIn(name, inner)
		}
	case string:
		switch name {
		case "key", "secret", "password", "client_secret", "private_key":
			watch.remember(v)
		case "url": // a link of a portal session; what is behind the last slash lets whoever has it in
			if i := strings.LastIndexAny(v, "/#?="); strings.Contains(v, "/app/") {
				watch.remember(v[i+1:])
			}
		}
	}
}

// rememberRequest keeps the key that a request carries, and the values of headers that it gives an endpoint.
func rememberRequest(r *http.Request) {
	watch.remember(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	watch.remember(r.Header.Get("X-Api-Key"))
	if r.GetBody == nil || r.ContentLength > 64<<10 {
		return
	}
	body, err := r.GetBody()
	if err != nil {
		return
	}
	var hook struct {
		Headers map[string]string `json:"headers"`
		Secret  string            `json:"secret"`
		Auth    map[string]string `json:"auth"`
	}
	if json.NewDecoder(body).Decode(&hook) == nil {
		watch.remember(hook.Secret)
		for _, name := range []string{"password", "client_secret", "private_key"} {
			watch.remember(hook.Auth[name])
		}
		for _, value := range hook.Headers {
			watch.remember(value)
		}
	}
}

// tee hands all that is logged, debug lines included, to the watch, and to the log what belongs there.
type tee struct{ log, all slog.Handler }

// Enabled implements slog.Handler.
func (t tee) Enabled(ctx context.Context, l slog.Level) bool {
	return !watch.off.Load() || t.log.Enabled(ctx, l)
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

type watchWriter struct{}

// Write implements io.Writer; the handler writes a line at a time.
func (watchWriter) Write(line []byte) (int, error) {
	watch.wrote(string(bytes.TrimSpace(line)))
	return len(line), nil
}

// watchOutput fails the test when what a process of its own wrote holds a secret.
func watchOutput(t testing.TB, output func() string) {
	t.Helper()
	for line := range strings.Lines(output()) {
		watch.wrote(strings.TrimSpace(line))
	}
	watch.report(t)
}

// A test's output is what it says itself and what the program warns of, not a line for each attempt.
func init() {
	app.SetUpLog(os.Stderr, config.Config{LogLevel: "error", LogFormat: "text"})
	all := slog.NewTextHandler(watchWriter{}, &slog.HandlerOptions{Level: slog.LevelDebug})
	slog.SetDefault(slog.New(tee{log: slog.Default().Handler(), all: all}))
}
