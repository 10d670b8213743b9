package config

import (
	"strings"
	"testing"
	"time"
)

func TestTheMailServerIsReadFromItsURL(t *testing.T) {
	t.Parallel()
	const from = "Hookline <hookline@example.com>"
	for url, want := range map[string]Mail{
		"smtp://user:p%40ss@mail.example.com": {Host: "mail.example.com", User: "user", Password: "p@ss",
			From: from, Port: 587},
		"smtps://user:pass@mail.example.com": {Host: "mail.example.com", User: "user", Password: "pass",
			From: from, Port: 465, ImplicitTLS: true},
		"smtp://mail.example.com:25?tls=none": {Host: "mail.example.com", From: from, Port: 25, Plain: true},
		"smtp://user:pass@localhost:1025?tls=none": {Host: "localhost", User: "user", Password: "pass", From: from,
			Port: 1025, Plain: true},
	} {
		got, err := Config{SMTPURL: url, SMTPFrom: from}.Mail()
		if err != nil || *got != want {
			t.Errorf("%s: got %+v, %v, want %+v", url, got, err, want)
		}
	}
	if got, err := (Config{}).Mail(); got != nil || err != nil {
		t.Errorf("Mail without a setting: got %+v, %v, want nil", got, err)
	}
}

func TestInvalidAlertSettingsAreRefusedWithoutThePassword(t *testing.T) {
	t.Parallel()
	const from = "hookline@example.com"
	for name, c := range map[string]Config{
		"HOOKLINE_SMTP_FROM":        {SMTPURL: "smtp://mail.example.com"},
		"both HOOKLINE_SMTP_URL":    {SMTPFrom: from},
		"HOOKLINE_SMTP_FROM is":     {SMTPURL: "smtp://mail.example.com", SMTPFrom: "nobody"},
		"not usable":                {SMTPURL: "http://user:s3cret@mail.example.com", SMTPFrom: from},
		"The port":                  {SMTPURL: "smtp://user:s3cret@mail.example.com:70000", SMTPFrom: from},
		"tls that is not none":      {SMTPURL: "smtp://user:s3cret@mail.example.com?tls=maybe", SMTPFrom: from},
		"asks for tls=none":         {SMTPURL: "smtp://user:s3cret@mail.example.com?tls=none", SMTPFrom: from},
		"HOOKLINE_DISABLE_AFTER":    {DisableAfter: time.Hour},
		"HOOKLINE_DISABLE_FAILURES": {DisableFailures: -1},
		"HOOKLINE_ALERT_EMAIL is": {AlertEmail: "On call <oncall@example.com>", SMTPURL: "smtp://mail.example.com",
			SMTPFrom: from},
		"needs a mail server": {AlertEmail: "oncall@example.com"},
		"HOOKLINE_ALERT_WEBHOOK_URL is not usable. Set it to the address of": {AlertWebhookURL: "ftp://example.com/s3cret"},
		"HOOKLINE_ALERT_WEBHOOK_URL is not usable": {
			AlertWebhookURL: "https://user:s3cret@example.com"},
	} {
		err := c.checkAlerts()
		if err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: got %v, want it named, without the secret", name, err)
		}
	}
}
