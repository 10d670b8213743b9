package alert

import (
	"context"
	"errors"
	"time"

	"github.com/wneessen/go-mail"
)

// MailConfig is the mail server. The operator configures it, so, like the database, it is not called through egress.
type MailConfig struct {
	Host, User, Password, From string
	Port                       int
	ImplicitTLS                bool // TLS from the first byte; otherwise STARTTLS
	Plain                      bool // no TLS at all
}

// Mailer sends plain text.
type Mailer struct {
	config  MailConfig
	options []mail.Option
}

const mailTimeout = 10 * time.Second

// NewMailer makes a Mailer. It connects for each message: alerts are rare.
func NewMailer(c MailConfig) *Mailer {
	options := []mail.Option{mail.WithPort(c.Port), mail.WithTimeout(mailTimeout),
		mail.WithTLSPolicy(mail.TLSMandatory)}
	if c.ImplicitTLS {
		options = append(options, mail.WithSSL())
	}
	if c.Plain {
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	}
	if c.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(c.User),
			mail.WithPassword(c.Password))
	}
	return &Mailer{config: c, options: options}
}

// Send sends one message to one address.
func (m *Mailer) Send(ctx context.Context, to, subject, body string) error {
	msg := mail.NewMsg()
	if err := msg.From(m.config.From); err != nil {
		return &sendError{text: "Mail is not configured on this installation.", cause: err}
	}
	if err := msg.To(to); err != nil {
		return &sendError{text: "The address can't receive mail.", final: true, cause: err}
	}
	msg.Subject(oneLine(subject))
	msg.SetDate()
	msg.SetMessageID()
	msg.SetGenHeader(mail.Header("Auto-Submitted"), "auto-generated") // prevents absence replies
	msg.SetBodyString(mail.TypeTextPlain, body)
	client, err := mail.NewClient(m.config.Host, m.options...)
	if err != nil {
		return &sendError{text: "Mail is not configured on this installation.", cause: err}
	}
	return mailError(client.DialAndSendWithContext(ctx, msg))
}

// mailError separates errors that the tenant can correct from those that only operators can, who find the cause in the
// log.
func mailError(err error) error {
	if err == nil {
		return nil
	}
	refused := (*mail.SendError)(nil)
	if errors.As(err, &refused) && refused.Reason == mail.ErrSMTPRcptTo {
		return &sendError{text: "The mail server rejected the address.", final: !refused.IsTemp(), cause: err}
	}
	return &sendError{text: "The mail server could not be reached, or rejected the message.", cause: err}
}
