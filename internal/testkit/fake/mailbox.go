package fake

import (
	"io"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit"
)

// Mail is a message that reached a Mailbox.
type Mail struct {
	To      string // of the envelope
	Header  mail.Header
	Raw     string
	Subject string // as it was sent, maybe encoded
}

// Mailbox is a mail server that keeps what it gets.
type Mailbox struct {
	addr string
	mu   sync.Mutex
	down bool
	all  []Mail
}

// NewMailbox starts a mail server.
func NewMailbox(t testing.TB) *Mailbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &Mailbox{addr: l.Addr().String()}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &mailSession{box: m}, nil
	}))
	server.Domain = "localhost"
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return m
}

// WithMailbox starts a program that sends its mail there.
func WithMailbox(m *Mailbox) testkit.Option {
	return func(c *config.Config, _ *app.Options) {
		c.SMTPURL, c.SMTPFrom = "smtp://"+m.addr+"?tls=none", "Hookline <hookline@example.com>"
	}
}

// Fail makes the server refuse everything, or take it again.
func (m *Mailbox) Fail(down bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down = down
}

// All returns what arrived so far.
func (m *Mailbox) All() []Mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Mail(nil), m.all...)
}

type mailSession struct {
	box *Mailbox
	to  []string
}

func (s *mailSession) Mail(string, *smtp.MailOptions) error {
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	if s.box.down {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try again later"}
	}
	return nil
}

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "nobody@") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	message, err := mail.ReadMessage(strings.NewReader(string(raw)))
	if err != nil {
		return err
	}
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	for _, to := range s.to {
		s.box.all = append(s.box.all, Mail{To: to, Header: message.Header, Raw: string(raw),
			Subject: message.Header.Get("Subject")})
	}
	return nil
}

func (s *mailSession) Reset() { s.to = nil }

func (s *mailSession) Logout() error { return nil }
