package alert

import (
	"fmt"
	"time"

	"github.com/hookline/hookline/internal/db"
)

// The conditions of the installation itself, which only operators are notified of.
const (
	RedisAway = "system.redis_away"
	Stuck     = "system.deliveries_stuck"
)

// serious are the conditions of tenants that operators are notified of too. Warnings are for the tenant alone.
var serious = []string{Disabled, Dead, Leaked}

// The ids of operators' channels, which are not rows but configuration.
const (
	operatorEmail = "operators/email"
	operatorSlack = "operators/slack"
)

// OperatorTargets are the targets of operators' alerts; an empty one is no channel.
type OperatorTargets struct{ Email, SlackURL string }

func (s *Store) operatorChannels(t OperatorTargets) []Channel {
	var out []Channel
	for _, c := range []struct{ id, kind, target string }{{operatorEmail, Email, t.Email}, {operatorSlack, Slack,
		t.SlackURL}} {
		if c.target == "" {
			continue
		}
		channel := Channel{ID: c.id, Type: c.kind, Enabled: true,
			Conditions: db.JSON[[]string]{V: append([]string{RedisAway, Stuck}, serious...)}}
		channel.Target = s.seal(channel, c.target)
		out = append(out, channel)
	}
	return out
}

// forOperators says whether the alert is an operators' alert: those belong to no tenant, so that no tenant sees them.
func (a Alert) forOperators() bool { return a.TenantID == "" }

func (c Channel) forOperators() bool { return c.TenantID == "" }

// notifyEvery is the shortest time between two notifications of operators about dead letters, or about one condition of
// the installation.
const notifyEvery = time.Hour

// operatorAlert is the operators' alert for a tenant's alert. Dead letters of all tenants share one alert: many of them
// at a time rarely have a cause in one tenant.
func operatorAlert(a Alert) Alert {
	out := Alert{Condition: a.Condition, Key: a.Key, Subject: a.Subject, Title: a.Title, Message: a.Message,
		Since: a.Since}
	if a.Condition == Dead {
		at := a.CreatedAt.Truncate(notifyEvery)
		out.Key, out.Subject = fmt.Sprintf("%s/%d", Dead, at.UnixMicro()), Dead
		out.Title = "Deliveries became dead letters"
		out.Message += " Other tenants may be affected, too: operators are notified once an hour."
	}
	out.Message += fmt.Sprintf(" Tenant: %s (%s).", a.TenantID, a.Environment)
	return out
}

// systemAlert is an alert about the installation.
func systemAlert(condition string, since, now time.Time) Alert {
	a := Alert{Condition: condition, Subject: condition, Since: db.At(since)}
	a.Key = fmt.Sprintf("%s/%d", condition, now.Truncate(notifyEvery).UnixMicro())
	switch condition {
	case RedisAway:
		a.Title = "Redis does not respond"
		a.Message = fmt.Sprintf("A worker has not reached Redis since %s. Events are accepted and kept in the "+
			"database; they are delivered when Redis is back, and nothing has to be restarted. Check that Redis "+
			"runs, and the network between it and the workers.", when(since))
	case Stuck:
		a.Title = "Deliveries are late"
		a.Message = fmt.Sprintf("A delivery was due at %s and has not been processed. Nothing is lost. Check "+
			"that workers run and reach both the database and Redis, and look for errors in their logs; if they are "+
			"busy, start more. hookline_oldest_overdue_delivery_seconds in /metrics shows how far they are behind.",
			when(since))
	}
	return a
}

// operatorMessage is the text of a notification to operators.
func (s *Sender) operatorMessage(a Alert, about About) message {
	m := message{subject: "[Hookline operators] " + a.Title, body: a.Message}
	if about == Resolved {
		m = message{subject: "[Hookline operators] Over: " + a.Title,
			body: "The condition has ended; there is nothing to do.\n\nIt was: " + a.Message}
	}
	m.body += fmt.Sprintf("\n\nSince: %s", when(a.Since.Time))
	if a.Subject != a.Condition {
		m.body += "\nAbout: " + a.Subject
	}
	return s.linked(m, "/admin")
}
