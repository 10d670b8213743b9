package alert

import (
	"fmt"
	"time"

	"github.com/hookline/hookline/internal/db"
)

// What ails the installation itself, of which only operators are told.
const (
	RedisAway = "system.redis_away"
	Stuck     = "system.deliveries_stuck"
)

// serious is what operators hear of when it happens to a tenant. A warning is the tenant's business, and a circuit that
// opens closes by itself or ends in an endpoint that is disabled.
var serious = []string{Disabled, Dead, Leaked}

// The ids of operators' channels, which are no rows: the configuration is where they are.
const (
	operatorEmail = "operators/email"
	operatorSlack = "operators/slack"
)

// OperatorTargets is where operators get their alerts; what is empty is no channel.
type OperatorTargets struct{ Email, SlackURL string }

func (s *Store) operatorChannels(t OperatorTargets) []Channel {
	var out []Channel
	for _, c := range []struct{ id, kind, target string }{{operatorEmail, Email, t.Email}, {operatorSlack, Slack, t.SlackURL}} {
		if c.target == "" {
			continue
		}
		channel := Channel{ID: c.id, Type: c.kind, Enabled: true, Conditions: db.JSON[[]string]{V: append([]string{RedisAway, Stuck}, serious...)}}
		channel.Target = s.box.Seal([]byte(c.target), sealContext(channel))
		out = append(out, channel)
	}
	return out
}

// forOperators says whether the alert is one of operators: those belong to no tenant, so none can see them.
func (a Alert) forOperators() bool { return a.TenantID == "" }

func (c Channel) forOperators() bool { return c.TenantID == "" }

// toldEvery is how often dead letters, and each condition of the installation, are told to operators at most.
const toldEvery = time.Hour

// operatorAlert is what operators are told of a tenant's alert. Dead letters are told once for all tenants: what makes
// many of them at a time is rarely one tenant's matter.
func operatorAlert(a Alert) Alert {
	out := Alert{Condition: a.Condition, Key: a.Key, Subject: a.Subject, Title: a.Title, Message: a.Message, Since: a.Since}
	if a.Condition == Dead {
		at := a.CreatedAt.Truncate(toldEvery)
		out.Key, out.Subject = fmt.Sprintf("%s/%d", Dead, at.UnixMicro()), Dead
		out.Title = "Deliveries became dead letters"
		out.Message += " Other tenants may be concerned, too: operators are told once an hour."
	}
	out.Message += fmt.Sprintf(" Tenant: %s (%s).", a.TenantID, a.Environment)
	return out
}

// systemAlert is an alert about the installation.
func systemAlert(condition string, since, now time.Time) Alert {
	a := Alert{Condition: condition, Subject: condition, Since: db.At(since)}
	a.Key = fmt.Sprintf("%s/%d", condition, now.Truncate(toldEvery).UnixMicro())
	switch condition {
	case RedisAway:
		a.Title = "Redis does not answer"
		a.Message = fmt.Sprintf("A worker has not reached Redis since %s. Events are accepted and kept in the database; they are delivered when Redis is back, and nothing has to be restarted. Check that Redis runs, and the network between it and the workers.", when(since))
	case Stuck:
		a.Title = "Deliveries are late"
		a.Message = fmt.Sprintf("A delivery should have been moved on at %s and was not. Nothing is lost. Check that workers run and reach both the database and Redis, and look for errors in their logs; if they are busy, start more. hookline_oldest_overdue_delivery_seconds in /metrics shows how far they are behind.", when(since))
	}
	return a
}

// operatorMessage is the text of a notification to operators.
func (s *Sender) operatorMessage(a Alert, about About) message {
	m := message{subject: "[Hookline operators] " + a.Title, body: a.Message}
	if about == Resolved {
		m = message{subject: "[Hookline operators] Over: " + a.Title, body: "It is over; there is nothing to do.\n\nIt was: " + a.Message}
	}
	m.body += fmt.Sprintf("\n\nSince: %s", when(a.Since.Time))
	if a.Subject != a.Condition {
		m.body += "\nAbout: " + a.Subject
	}
	return s.linked(m, "/admin")
}
