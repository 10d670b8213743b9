// Package alert monitors endpoints and notifies people. Changes emit operational events (endpoint.failing,
// endpoint.disabled, endpoint.recovered, delivery.dead) in their transaction. An operational event raises an alert in
// the same transaction: one for each condition, however many events there are, with a notification for each channel
// that subscribes to it. The notifier sends notifications and retries them a few times.
//
//	attempts, settings ──► events ──► alerts ──► notifications ──► mail, Slack, webhook
//	                      balances ─────┘
package alert

import (
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/quota"
)

// The conditions that raise alerts, which are the types of the events that raise them; those in credits.go have no
// event. Recovered resolves alerts of the endpoint.
const (
	Failing   = "endpoint.failing"
	Disabled  = "endpoint.disabled"
	Recovered = "endpoint.recovered"
	Dead      = "delivery.dead"
	Leaked    = "key.leaked"
)

var conditions = []string{Failing, Disabled, Recovered, Dead, Leaked, CreditsLow, CreditsExhausted}

// Alert is a row of alerts. Key identifies the condition, its subject and its time; it is unique.
type Alert struct {
	ID          string
	TenantID    string `tenant:"optional"` // empty for operators' alerts
	Environment principal.Environment
	Condition   string
	Key         string
	Subject     string // id of the endpoint or key
	Title       string
	Message     string
	UserNumber  int64 // of the member whom it concerns; 0 for the tenant
	Since       db.Time
	CreatedAt   db.Time
	ResolvedAt  db.Time
}

// scope is the tenant and environment that the alert is in.
func (a Alert) scope() principal.Scope {
	return principal.Scope{TenantID: a.TenantID, Environment: a.Environment}
}

// cursor is the position of the alert in the log.
func (a Alert) cursor() page.Cursor { return page.Cursor{At: a.CreatedAt.Time, ID: a.ID} }

// The types of channels.
const (
	Email   = "email"
	Slack   = "slack"
	Webhook = "webhook"
)

// Channel is a row of alert_channels: where alerts go. Target and the secrets, which only webhook channels have, are
// encrypted.
type Channel struct {
	ID              string
	TenantID        string
	Environment     principal.Environment
	Name            string
	Type            string
	Target          []byte
	Secret          []byte
	PreviousSecrets []byte // nil when there is none
	Conditions      db.JSON[[]string]
	UserNumber      int64 // of the member whom it belongs to; 0 for the tenant
	Enabled         bool
	CreatedAt       db.Time
	UpdatedAt       db.Time
}

// TableName implements GORM's Tabler.
func (Channel) TableName() string { return "alert_channels" }

// Quota is the quota on a tenant's channels, which limits the notifications of one alert, too.
var Quota = quota.Counted{Name: plan.AlertChannels, Noun: "alert channel", Remedy: "Delete or change one",
	Rows: func(q *gorm.DB, tenantID string, _ time.Time) *gorm.DB {
		return db.Tenant(q.Model(&Channel{}), tenantID)
	}}

// wants says whether the channel subscribes to a condition of an alert that it may be told of: a member's channel gets
// the alerts that concern the member or no member.
func (c Channel) wants(a Alert, condition string) bool {
	mine := a.forOperators() || a.UserNumber == 0 || a.UserNumber == c.UserNumber
	return mine && c.Enabled && slices.Contains(c.Conditions.V, condition)
}

// About is the change of its alert that a notification reports.
type About string

// A notification is of an alert that was raised, or of one that was resolved.
const (
	Raised   About = "raised"
	Resolved About = "resolved"
)

// Status is the state of a notification.
type Status string

// The states of a notification; the last two are final.
const (
	Pending Status = "pending"
	Sent    Status = "sent"
	Failed  Status = "failed"
)

// Notification is a row of alert_notifications: an alert for one channel.
type Notification struct {
	ID            string
	TenantID      string `tenant:"optional"` // the alert's
	AlertID       string
	ChannelID     string
	About         About
	Status        Status
	Attempts      int
	Error         string
	NextAttemptAt db.Time // zero once final
	CreatedAt     db.Time
	SentAt        db.Time
}

// TableName implements GORM's Tabler.
func (Notification) TableName() string { return "alert_notifications" }

const mask = "********"

// masked is a target as it is shown: of a URL only the host, since its path is the secret.
func masked(channelType, target string) string {
	if channelType == Email {
		return target
	}
	u, err := url.Parse(target)
	if err != nil {
		return mask
	}
	return u.Scheme + "://" + u.Host + "/" + mask
}

// normalize returns a target in the form that is stored.
func normalize(channelType, target string) string {
	if channelType != Email {
		return egress.NormalizeURL(target)
	}
	return strings.TrimSpace(target)
}

// checkTarget fails with a problem when a target is invalid.
func checkTarget(channelType, target string, checkURL func(string) error) error {
	message := ""
	switch channelType {
	case Slack, Webhook:
		if err := checkURL(target); err != nil {
			message = err.Error()
		} else if strings.HasSuffix(target, "/"+mask) { // the stored one, masked, would not get here
			message = "is masked, and not as the stored one is shown, so nothing is stored for it; send the whole URL"
		}
	case Email:
		a, err := mail.ParseAddress(target)
		if err != nil || a.Address != target || strings.ContainsFunc(target, unusual) || len(target) > 254 {
			message = "must be one email address such as oncall@example.com"
		}
	}
	if message == "" {
		return nil
	}
	return problem.Invalid(problem.Detail{Field: "target", Message: message})
}

// unusual characters are refused in an address, since it becomes a header.
func unusual(r rune) bool {
	return r > unicode.MaxASCII || !unicode.IsPrint(r) || strings.ContainsRune(" \"<>(),;:\\", r)
}

// checkConditions fails with a problem when a condition is listed twice.
func checkConditions(all []string) error {
	for i, c := range all {
		if slices.Contains(all[:i], c) {
			return problem.Invalid(problem.Detail{Field: fmt.Sprintf("conditions[%d]", i), Message: "is listed twice"})
		}
	}
	return nil
}
