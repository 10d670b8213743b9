// Package deadletter lists, replays and purges dead letters, and recovers what an endpoint missed. A dead letter is a
// row of deliveries, whose states package delivery explains; Asynq's archive is the operators' view of them. Bulk
// operations are jobs: see Steps.
package deadletter

import (
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/wire"
)

// Kinds of jobs.
const (
	KindReplay  = "dead_letters.replay"
	KindPurge   = "dead_letters.purge"
	KindRecover = "webhook.recover"
	KindResend  = "deliveries.replay"
)

// ParseFilter reads a filter of the contract; it fails with a problem.
func ParseFilter(w api.DeadLetterFilter) (Filter, error) { return filter(w, "") }

// filter reads a filter of the contract; at is the path of its fields.
func filter(w api.DeadLetterFilter, at string) (Filter, error) {
	f := Filter{
		EndpointID: wire.Or(w.WebhookID, ""), EventType: wire.Or(w.EventType, ""), Reason: wire.Or(w.Reason, ""),
		HTTPStatus: wire.Or(w.HTTPStatus, 0), HTTPClass: string(wire.Or(w.HTTPClass, "")),
		CreatedFrom: wire.Or(w.CreatedFrom, time.Time{}), CreatedTo: wire.Or(w.CreatedTo, time.Time{}),
		DiedFrom: wire.Or(w.DiedFrom, time.Time{}), DiedTo: wire.Or(w.DiedTo, time.Time{}),
	}
	var details []problem.Detail
	for _, span := range []struct {
		name     string
		from, to time.Time
	}{{"created_to", f.CreatedFrom, f.CreatedTo}, {"died_to", f.DiedFrom, f.DiedTo}} {
		if !span.to.IsZero() && span.from.After(span.to) {
			details = append(details, problem.Detail{Field: at + span.name,
				Message: "must not be before the time that it starts from"})
		}
	}
	if len(details) > 0 {
		return f, problem.Invalid(details...)
	}
	return f, nil
}

// recovery is the filter of a job that recovers an endpoint.
type recovery struct {
	WebhookID  string    `json:"webhook_id"`
	Since      time.Time `json:"since"`
	Until      time.Time `json:"until"`
	EventTypes []string  `json:"event_types,omitempty"`
}

func (r recovery) missed(scope principal.Scope, known time.Time) Missed {
	return Missed{Scope: scope, EndpointID: r.WebhookID, Since: r.Since, Until: r.Until, Types: r.EventTypes,
		Known: known}
}
