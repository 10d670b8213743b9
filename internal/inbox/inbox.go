// Package inbox is Hookline's own webhook consumer, for development: it verifies every request to
// /dev/inbox, keeps it in memory and shows it. It gets nothing from the rest of the program but the secrets and the
// profiles' signatures, so it sees what any consumer sees.
package inbox

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/pkg/webhook"
)

// The newest messages are kept: at most this many, and fewer when their bodies are large.
const (
	keep      = 200
	keepBytes = 32 << 20
)

// Secrets returns the signing secrets (whsec_…) that a message may have been signed with. It is called for each
// message, so a rotated secret is valid at once.
type Secrets func(ctx context.Context) ([]string, error)

// Inbox keeps the newest messages. It is safe for concurrent use.
type Inbox struct {
	secrets Secrets
	now     func() time.Time
	run     string // differs after each restart

	mu       sync.Mutex
	messages []message // oldest first
	bytes    int
	total    int            // ever
	counts   map[string]int // by webhook-id, of those that are kept
}

// message is one received request.
type message struct {
	number   int // from 1, in the order of arrival
	id       string
	nth      int // the how-manyth with this id
	received time.Time
	method   string
	headers  map[string]string
	body     []byte
	fault    string // why it could not be verified; empty when it was
	kind     string // the event type; may be empty
}

// New makes an Inbox. now must be a clock that agrees with the sender's: signatures carry the time.
func New(secrets Secrets, now func() time.Time) *Inbox {
	return &Inbox{secrets: secrets, now: now, run: rand.Text()[:8], counts: map[string]int{}}
}

// receive verifies and keeps a request, and says whether it was verified.
func (i *Inbox) receive(r *http.Request, body []byte) bool {
	m := message{
		id: r.Header.Get(webhook.HeaderID), received: i.now(), method: r.Method, headers: flat(r.Header), body: body,
		fault: i.verify(r, body), kind: eventType(body),
	}
	i.add(m)
	return m.fault == ""
}

func (i *Inbox) add(m message) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.total++
	m.number, m.nth = i.total, 1
	if m.id != "" {
		i.counts[m.id]++
		m.nth = i.counts[m.id]
	}
	i.messages = append(i.messages, m)
	i.bytes += len(m.body)
	for len(i.messages) > keep || (i.bytes > keepBytes && len(i.messages) > 1) {
		i.dropOldest()
	}
}

// dropOldest removes a message. Its id is counted as long as a message with that id is kept.
func (i *Inbox) dropOldest() {
	oldest := i.messages[0]
	i.messages[0] = message{}
	i.messages = i.messages[1:]
	i.bytes -= len(oldest.body)
	if oldest.nth == i.counts[oldest.id] {
		delete(i.counts, oldest.id)
	}
}

// kept is a message and how often its id has been received.
type kept struct {
	message
	count int
}

// list returns the messages newest first, how many there are, and a version that changes with the list.
func (i *Inbox) list() (list []kept, total int, version string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	list = make([]kept, 0, len(i.messages))
	for n := len(i.messages) - 1; n >= 0; n-- {
		m := i.messages[n]
		list = append(list, kept{m, max(1, i.counts[m.id])})
	}
	return list, i.total, fmt.Sprintf(`"%s-%d"`, i.run, i.total)
}

// verify says in plain words why the signature of a message is invalid; empty when it is valid.
func (i *Inbox) verify(r *http.Request, body []byte) string {
	secrets, err := i.secrets(r.Context())
	if err != nil {
		slog.Warn("the inbox could not read the signing secrets", "error", err)
		return "The signing secrets could not be read, so nothing can be verified. The server's log says why."
	}
	if header, signatures := profile.HexSignatures(r.Header); header != "" {
		return verifyHex(header, signatures, secrets, body)
	}
	usable := secrets[:0:0]
	for _, s := range secrets {
		_, isSecret := webhook.ParseSecret(s)
		_, isKey := webhook.ParsePublicKey(s)
		if isSecret == nil || isKey == nil {
			usable = append(usable, s) // one that is malformed must not spoil the others
		}
	}
	if len(usable) == 0 {
		return noSecret
	}
	if err := webhook.Verify(r.Header, body, i.now(), usable...); err != nil {
		return explain(err)
	}
	return ""
}

// verifyHex is for the profiles whose signature is of the body alone and keyed with the whole text of the secret.
func verifyHex(header string, signatures, secrets []string, body []byte) string {
	if len(secrets) == 0 {
		return noSecret
	}
	for _, s := range secrets {
		if slices.ContainsFunc(signatures, func(signature string) bool {
			return profile.VerifyHex(s, signature, body)
		}) {
			return ""
		}
	}
	return "The signature in " + header + " matches no secret: the body was changed, or signed with another secret."
}

const noSecret = "No signing secret: no endpoint of this tenant has the URL of this inbox."

func explain(err error) string {
	text := strings.TrimPrefix(err.Error(), "webhook: ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

func flat(h http.Header) map[string]string {
	out := make(map[string]string, len(h))
	for name, values := range h {
		out[name] = strings.Join(values, ", ")
	}
	return out
}

// eventType finds the type where the profiles put it: "type", or "event".
func eventType(body []byte) string {
	var envelope struct {
		Type  any `json:"type"`
		Event any `json:"event"`
	}
	if json.Unmarshal(body, &envelope) != nil {
		return ""
	}
	for _, v := range []any{envelope.Type, envelope.Event} {
		if text, ok := v.(string); ok && text != "" {
			return text
		}
	}
	return ""
}
