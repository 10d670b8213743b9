package deadletter

import (
	"context"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/deliverylog"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

const (
	// resendMost is how many deliveries one job replays, as the contract says. Dead letters have no such limit: what is
	// replayed by mistake reaches a consumer for the second time only when it had succeeded.
	resendMost = 10_000
	// surveyPages is how many pages of the log are searched for those that a filter matches; each takes a bounded
	// time.
	surveyPages = 200
	surveyPage  = 1_000
)

// resent reads the filter of a replay of deliveries: those that are over and were created before the job.
func resent(filter string, by time.Time) (deliverylog.Filter, error) {
	var w api.DeliveryFilter
	if err := json.Unmarshal([]byte(filter), &w); err != nil {
		return deliverylog.Filter{}, err
	}
	f, err := deliverylog.FilterOf(w, "filter.")
	if f.Over = true; f.To.IsZero() || f.To.After(by) {
		f.To = by
	}
	if f.From.After(f.To) {
		f.From = f.To // nothing is created in the future
	}
	return f, err
}

// SurveyOver counts the deliveries that a replay would send, and those that it would skip. It refuses a filter that
// matches more than a job may replay, or that matches so few that finding them takes too long.
func (s *Store) SurveyOver(ctx context.Context, scope principal.Scope, owner principal.Owner, f deliverylog.Filter) (
	Survey, error) {
	out := Survey{Skipped: map[string]int{}, Sample: []string{}}
	byEndpoint := map[string]int{}
	l := page.Log{Limit: surveyPage}
	for range surveyPages {
		rows, next, err := s.log.ListFor(ctx, scope, owner, l, f)
		if err != nil {
			return out, err
		}
		for _, d := range rows {
			byEndpoint[d.EndpointID]++
			if len(out.Sample) < sampleSize {
				out.Sample = append(out.Sample, d.ID)
			}
		}
		if out.Total += len(rows); out.Total > resendMost {
			return out, tooMany("matches more than 10,000 deliveries; narrow it, for example by time or endpoint")
		}
		if next == nil {
			return out, s.refused(ctx, scope, byEndpoint, &out)
		}
		if l, err = page.NewLog(next, &l.Limit); err != nil {
			return out, err
		}
	}
	return out, tooMany("covers too many deliveries to look for those that match; narrow it by time or endpoint")
}

func tooMany(message string) error {
	return problem.Invalid(problem.Detail{Field: "filter", Message: message})
}

// refused counts the deliveries to endpoints that nothing can be sent to.
func (s *Store) refused(ctx context.Context, scope principal.Scope, byEndpoint map[string]int, out *Survey) error {
	var owners []delivery.Delivery
	for endpointID := range byEndpoint {
		owners = append(owners, delivery.Delivery{EndpointID: endpointID, TenantID: scope.TenantID})
	}
	to, err := s.targets(s.db.Read(ctx), owners)
	if err != nil {
		return err
	}
	for _, d := range owners {
		if reason := to.refuse(d); reason != "" {
			out.Skipped[reason] += byEndpoint[d.EndpointID]
		}
	}
	return nil
}

// ResendPart makes, in the transaction that ctx carries, the next deliveries pending again that a filter matches, at
// most limit; see ReplayPart.
func (s *Store) ResendPart(ctx context.Context, scope principal.Scope, owner principal.Owner, f deliverylog.Filter,
	from string, limit int) (Part, error) {
	part := Part{Skipped: map[string]int{}, Next: from}
	l := page.Log{Limit: limit}
	if from != "" {
		var err error
		if l, err = page.NewLog(&from, &limit); err != nil {
			return part, err
		}
	}
	err := s.db.Tx(ctx, func(tx *gorm.DB) error {
		found, next, err := s.log.ListFor(db.Context(tx), scope, owner, l, f)
		if err != nil {
			return err
		}
		if part.End = next == nil; !part.End {
			part.Next = *next
		}
		rows, err := s.lockOver(tx, scope, found)
		if err != nil || len(found) == 0 {
			return err
		}
		if gone := len(found) - len(rows); gone > 0 {
			part.Skipped[SkipChanged] = gone
		}
		return s.replayMany(tx, rows, &part)
	})
	return part, err
}

// lockOver locks those of the deliveries that are still over, in the order of their ids.
func (s *Store) lockOver(tx *gorm.DB, scope principal.Scope, found []delivery.Delivery) ([]delivery.Delivery, error) {
	if len(found) == 0 {
		return nil, nil
	}
	ids, err := uuidsOf(found)
	if err != nil {
		return nil, err
	}
	var locked, over []delivery.Delivery
	q := s.db.ForUpdate(db.Scope(tx, scope))
	if err := db.WhereLogUUIDs(q, "id", ids).Order("id").Find(&locked).Error; err != nil {
		return nil, err
	}
	for _, d := range locked {
		if d.Status.Final() && d.TestBody == nil {
			over = append(over, d)
		}
	}
	return over, nil
}
