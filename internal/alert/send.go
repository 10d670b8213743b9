package alert

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/id"
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
	ours  bool // the message was not sent, for a reason of ours, so no attempt is counted
	cause error
}

func (e *sendError) Error() string { return e.text }

func (e *sendError) Unwrap() error { return e.cause }

func final(err error) bool {
	e := (*sendError)(nil)
	return errors.As(err, &e) && e.final
}

func ours(err error) bool {
	e := (*sendError)(nil)
	return errors.As(err, &e) && e.ours
}

// message is the text that people read, and what a webhook channel gets. id is the same on every attempt.
type message struct {
	subject, body string
	id            string
	webhook       api.AlertWebhook
}

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

// notification is the message of a notification.
func (s *Sender) notification(a Alert, n Notification) message {
	m := s.message(a, n.About)
	m.id, m.webhook = n.ID, webhookOf(a, n)
	return m
}

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
	m := message{subject: "[Hookline] Test alert", id: id.New(id.AlertNotification),
		body: "This is a test: alerts of Hookline arrive here. There is nothing to do."}
	m.webhook = testOf(c, m.body, s.store.now())
	return s.Send(ctx, c, s.linked(m, "/app"))
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
	body, header := []byte(nil), http.Header{}
	if c.Type == Webhook {
		body, header, err = s.signed(c, m)
	} else {
		body, err = slackBody(m)
	}
	if err != nil {
		return err
	}
	if c.forOperators() {
		return post(ctx, s.inside, target, header, body)
	}
	return post(ctx, s.egress, target, header, body)
}
