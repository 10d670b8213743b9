package alert

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/wire"
	"github.com/hookline/hookline/pkg/webhook"
)

// webhookOf is what a webhook channel gets for a notification. It is the same on every attempt.
func webhookOf(a Alert, n Notification) api.AlertWebhook {
	w := api.AlertWebhook{Type: api.AlertWebhookTypeAlertRaised, Timestamp: a.CreatedAt.UTC(),
		Data: api.AlertWebhookData{Title: a.Title, Message: a.Message, Environment: api.Environment(a.Environment)}}
	if n.About == Resolved {
		w.Type, w.Timestamp = api.AlertWebhookTypeAlertResolved, a.ResolvedAt.UTC()
	}
	w.Data.AlertID.Set(a.ID)
	w.Data.Condition.Set(a.Condition)
	w.Data.Subject.Set(a.Subject)
	w.Data.Since.Set(a.Since.UTC())
	return w
}

// testOf is what a webhook channel gets as a test.
func testOf(c Channel, text string, now time.Time) api.AlertWebhook {
	return api.AlertWebhook{Type: api.AlertWebhookTypeAlertTest, Timestamp: now.UTC(), Data: api.AlertWebhookData{
		Title: "Test alert", Message: text, Environment: api.Environment(c.Environment),
		AlertID: wire.Null[string](nil), Condition: wire.Null[string](nil),
		Subject: wire.Null[string](nil), Since: wire.Null[time.Time](nil),
	}}
}

// signed is the body of a request to a webhook channel, and the headers that sign it.
func (s *Sender) signed(c Channel, m message) ([]byte, http.Header, error) {
	secrets, err := s.store.OpenSecrets(c)
	if err != nil {
		return nil, nil, &sendError{text: "Internal error: the channel's secret can't be decrypted.", cause: err}
	}
	body, err := json.Marshal(m.webhook)
	if err != nil {
		return nil, nil, err
	}
	now, signatures := s.store.now(), []string{}
	for _, text := range secrets.SigningAt(now) {
		key, err := webhook.ParseSecret(text)
		if err != nil {
			return nil, nil, &sendError{text: "Internal error: the channel's secret is unusable.", cause: err}
		}
		signatures = append(signatures, webhook.Sign(key, m.id, now, body))
	}
	header := http.Header{}
	header.Set(webhook.HeaderID, m.id)
	header.Set(webhook.HeaderTimestamp, strconv.FormatInt(now.Unix(), 10))
	header.Set(webhook.HeaderSignature, strings.Join(signatures, " "))
	return body, header, nil
}

// slackText escapes Slack's markup.
var slackText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func slackBody(m message) ([]byte, error) {
	return json.Marshal(map[string]string{"text": "*" + slackText.Replace(m.subject) + "*\n" +
		slackText.Replace(m.body)})
}

func post(ctx context.Context, out poster, target string, header http.Header, body []byte) error {
	header.Set("Content-Type", "application/json")
	header.Set("User-Agent", "Hookline")
	r, err := out.Do(ctx, egress.Request{Method: http.MethodPost, URL: target, Header: header, Body: body})
	if r == nil {
		failed := (*egress.Error)(nil)
		internal := errors.As(err, &failed) && failed.Code == egress.CodeInternal
		return &sendError{text: err.Error(), cause: errors.Unwrap(err), ours: internal}
	}
	if r.Status < 200 || r.Status > 299 {
		return &sendError{text: fmt.Sprintf("The address answered %d.", r.Status)}
	}
	return nil // the message was accepted, even if the body of the answer is incomplete
}
