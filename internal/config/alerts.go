package config

import (
	"net/mail"
	"net/url"
	"strconv"
	"time"
)

// Mail is the mail server that sends alerts.
type Mail struct {
	Host, User, Password, From string
	Port                       int
	ImplicitTLS                bool
	Plain                      bool
}

// checkAlerts refuses an unusable mail server, and limits that would disable endpoints in an outage of hours.
func (c Config) checkAlerts() error {
	if _, err := c.Mail(); err != nil {
		return err
	}
	if err := c.checkOperatorAlerts(); err != nil {
		return err
	}
	if c.DisableAfter != 0 && (c.DisableAfter < 24*time.Hour || c.DisableAfter > 2160*time.Hour ||
		c.DisableAfter%time.Hour != 0) {
		return bad("HOOKLINE_DISABLE_AFTER is %s; it must be 0, which is never, or whole hours between 24h and 2160h.",
			c.DisableAfter)
	}
	if c.DisableFailures < 0 {
		return bad("HOOKLINE_DISABLE_FAILURES is %d; it must be 0, which is never, or more.", c.DisableFailures)
	}
	return nil
}

// checkOperatorAlerts refuses unusable channels for operators. The errors don't show the URL, which is a secret.
func (c Config) checkOperatorAlerts() error {
	if c.AlertEmail != "" {
		if a, err := mail.ParseAddress(c.AlertEmail); err != nil || a.Address != c.AlertEmail {
			return bad("HOOKLINE_ALERT_EMAIL is %q; it must be one address such as oncall@example.com.", c.AlertEmail)
		}
		if c.SMTPURL == "" {
			return bad("HOOKLINE_ALERT_EMAIL needs a mail server: set HOOKLINE_SMTP_URL and HOOKLINE_SMTP_FROM, or " +
				"leave it out.")
		}
	}
	if c.AlertWebhookURL == "" {
		return nil
	}
	u, err := url.Parse(c.AlertWebhookURL)
	if err != nil || u.Hostname() == "" || (u.Scheme != "https" && u.Scheme != "http") || u.User != nil ||
		u.Fragment != "" {
		return bad("HOOKLINE_ALERT_WEBHOOK_URL is not usable. Set it to the address of a Slack-compatible webhook, " +
			"such as https://hooks.slack.com/services/…, without user name or fragment.")
	}
	return nil
}

// Mail parses the settings of the mail server; nil when there is none. The errors don't show the URL, which may contain
// a password.
func (c Config) Mail() (*Mail, error) {
	if c.SMTPURL == "" && c.SMTPFrom == "" {
		return nil, nil
	}
	if c.SMTPURL == "" || c.SMTPFrom == "" {
		return nil, bad("Mail needs both HOOKLINE_SMTP_URL and HOOKLINE_SMTP_FROM. Set both, or neither.")
	}
	if a, err := mail.ParseAddress(c.SMTPFrom); err != nil || a.Address == "" {
		return nil,
			bad("HOOKLINE_SMTP_FROM is %q; it must be an address such as hookline@example.com or Hookline "+
				"<hookline@example.com>.", c.SMTPFrom)
	}
	u, err := url.Parse(c.SMTPURL)
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		return nil,
			bad("HOOKLINE_SMTP_URL is not usable. Set it to smtp://user:password@host:587 (STARTTLS) or " +
				"smtps://user:password@host:465 (TLS).")
	}
	m := &Mail{Host: u.Hostname(), User: u.User.Username(), From: c.SMTPFrom, ImplicitTLS: u.Scheme == "smtps",
		Port: 587}
	m.Password, _ = u.User.Password()
	if m.ImplicitTLS {
		m.Port = 465
	}
	if p := u.Port(); p != "" {
		if m.Port, err = strconv.Atoi(p); err != nil || m.Port < 1 || m.Port > 65535 {
			return nil, bad("The port in HOOKLINE_SMTP_URL is not between 1 and 65535.")
		}
	}
	switch u.Query().Get("tls") {
	case "":
	case "none":
		m.Plain = true
	default:
		return nil, bad("HOOKLINE_SMTP_URL has a tls that is not none. Leave it out for TLS.")
	}
	if m.Plain && (m.ImplicitTLS || (m.User != "" && !loopback(m.Host))) {
		return nil,
			bad("HOOKLINE_SMTP_URL asks for tls=none, which is only possible with smtp:// and without a password, " +
				"or on this machine. Leave tls=none out.")
	}
	return m, nil
}
