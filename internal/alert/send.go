package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/hookline/hookline/internal/egress"
)

// poster sends requests to addresses outside the installation; *egress.Client is one.
type poster interface {
	Do(ctx context.Context, r egress.Request) (*egress.Response, error)
}

type mailer interface {
	Send(ctx context.Context, to, subject, body string) error
}

// sendError says why a message was not sent. Its text is for the tenant and reveals nothing of the installation.
type sendError struct {
	text  string
	final bool // a retry would not help
	cause error
}

func (e *sendError) Error() string { return e.text }

func (e *sendError) Unwrap() error { return e.cause }

func final(err error) bool {
	e := (*sendError)(nil)
	return errors.As(err, &e) && e.final
}

// message is the text that people read.
type message struct{ subject, body string }

// Sender sends messages to channels.
type Sender struct {
	store  *Store
	egress poster
	inside poster // for operators' channels, which may be in their own network
	mail   mailer // nil without a mail server
	base   string // the public URL of Hookline; empty when it is not configured
}

// NewSender makes a Sender; m is nil when the installation has no mail server. inside posts to operators' channels.
func NewSender(store *Store, p, inside poster, m *Mailer, publicURL string) *Sender {
	s := &Sender{store: store, egress: p, inside: inside, base: publicURL}
	if m != nil {
		s.mail = m
	}
	return s
}

// Mails says whether a mail server is configured.
func (s *Sender) Mails() bool { return s.mail != nil }

// message is the text of a notification.
func (s *Sender) message(a Alert, about About) message {
	environment := ""
	if a.Environment == "test" {
		environment = " (test)"
	}
	m := message{subject: "[Hookline" + environment + "] " + a.Title, body: a.Message}
	if a.forOperators() {
		return s.operatorMessage(a, about)
	}
	if about == Resolved {
		m = message{
			subject: "[Hookline" + environment + "] Resolved: " + a.Title,
			body: "It succeeds again; there is nothing to do. Deliveries that died meanwhile wait among the dead " +
				"letters until you replay them.\n\nIt was: " + a.Message,
		}
	}
	m.body += fmt.Sprintf("\n\nSince: %s\nAbout: %s\nAlert: %s", when(a.Since.Time), a.Subject, a.ID)
	return s.linked(m, "/app")
}

func (s *Sender) linked(m message, page string) message {
	if s.base != "" {
		m.body += "\n\n" + s.base + page
	}
	return m
}

// Test sends a message that says that it is a test.
func (s *Sender) Test(ctx context.Context, c Channel) error {
	return s.Send(ctx, c, s.linked(message{"[Hookline] Test alert",
		"This is a test: alerts of Hookline arrive here. There is nothing to do."}, "/app"))
}

// Send sends a message to a channel. The error, if any, can be shown to the tenant.
func (s *Sender) Send(ctx context.Context, c Channel, m message) error {
	target, err := s.store.Open(c)
	if err != nil {
		return &sendError{text: "Internal error: the channel's address can't be decrypted.", cause: err}
	}
	if c.Type == Email {
		if s.mail == nil {
			return &sendError{text: "Mail is not configured on this installation."}
		}
		return s.mail.Send(ctx, target, m.subject, m.body+"\n")
	}
	if c.forOperators() {
		return post(ctx, s.inside, target, m)
	}
	return post(ctx, s.egress, target, m)
}

// slackText escapes Slack's markup.
var slackText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func post(ctx context.Context, out poster, target string, m message) error {
	body, err := json.Marshal(map[string]string{"text": "*" + slackText.Replace(m.subject) + "*\n" +
		slackText.Replace(m.body)})
	if err != nil {
		return err
	}
	r, err := out.Do(ctx, egress.Request{
		Method: http.MethodPost, URL: target, Header: http.Header{"Content-Type": {"application/json"},
			"User-Agent": {"Hookline"}}, Body: body,
	})
	if r == nil {
		return &sendError{text: err.Error(), cause: errors.Unwrap(err)}
	}
	if r.Status < 200 || r.Status > 299 {
		return &sendError{text: fmt.Sprintf("The address answered %d.", r.Status)}
	}
	return nil // the message was accepted, even if the body of the answer is incomplete
}
