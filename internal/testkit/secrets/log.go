// Package secrets collects the secrets that tests see and fails when one of them is in the log, the database or Redis.
package secrets

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/secret"
)

// log holds what the programs of this process must not log. They share slog's default logger, so there is one for all:
// a line is searched when it is written, for every secret known then; earlier lines are searched when a secret
// becomes known.
var log = &watcher{}

// keptLines is how many earlier lines are searched for a new secret: a line that leaks it is written during the request
// that creates it.
const keptLines = 2000

type watcher struct {
	mu      sync.Mutex
	secrets []string
	keys    []secret.KeyID // of encryption
	lines   []string
	found   []string
}

// Remember adds a secret. Short ones are left out: they would match by chance.
func Remember(secret string) { log.remember(secret) }

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

// Logged adds a line of a log and searches it.
func Logged(line string) { log.logged(line) }

func (w *watcher) logged(line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lines = append(w.lines, line); len(w.lines) > 2*keptLines {
		w.lines = slices.Clone(w.lines[keptLines:])
	}
	if slices.ContainsFunc(w.secrets, func(s string) bool { return strings.Contains(line, s) }) {
		w.found = append(w.found, line)
	}
}

// CheckLog fails a test for each line so far that holds a secret, and forgets these lines, so that each fails one test.
func CheckLog(t testing.TB) {
	t.Helper()
	log.check(t)
}

func (w *watcher) check(t testing.TB) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, line := range w.found {
		t.Errorf("log: got a secret in %s, want none", line)
	}
	w.found = nil
}

// RememberConfig adds the secrets of a configuration.
func RememberConfig(c config.Config) {
	RememberKeys(c.EncryptionKeys)
	for _, secret := range []string{
		c.OperatorKey, c.OIDCClientSecret, c.SecretScanningToken, c.OpenAIKey, c.StripeWebhookSecret,
	} {
		Remember(secret)
	}
	for _, raw := range []string{c.SMTPURL, c.EgressProxy} {
		if u, err := url.Parse(raw); err == nil {
			password, _ := u.User.Password()
			Remember(password)
			Remember(base64.StdEncoding.EncodeToString([]byte(u.User.Username() + ":" + password))) // as Basic sends it
		}
	}
}

// RememberKeys adds encryption keys, in the form of HOOKLINE_ENCRYPTION_KEYS.
func RememberKeys(text string) {
	for _, key := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c <= ' ' }) {
		Remember(key)
	}
	ring, err := secret.ParseRing(text)
	if err != nil {
		return // a test of unusable keys
	}
	log.mu.Lock()
	defer log.mu.Unlock()
	log.keys = append(log.keys, ring.IDs()...)
}

// RememberAnswer adds the keys and secrets that an answer of the API shows, at any depth.
func RememberAnswer(body []byte) {
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
			Remember(v)
		case "url": // a portal session's link: the part after the last separator signs the reader in
			if i := strings.LastIndexAny(v, "/#?="); strings.Contains(v, "/app/") {
				Remember(v[i+1:])
			}
		}
	}
}

// RememberRequest adds the key that a request carries, and the secrets and header values that it gives an endpoint.
func RememberRequest(r *http.Request) {
	Remember(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	Remember(r.Header.Get("X-Api-Key"))
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
		Remember(hook.Secret)
		for _, name := range []string{"password", "client_secret", "private_key"} {
			Remember(hook.Auth[name])
		}
		for _, value := range hook.Headers {
			Remember(value)
		}
	}
}
