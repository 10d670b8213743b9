package deliverylog

import (
	"cmp"
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/wire"
)

// Issue is an endpoint that needs attention, with its deliveries that wait or died.
type Issue struct {
	Endpoint  endpoint.Endpoint
	State     api.WebhookIssueState
	Since     time.Time // the first failure since the last success; zero when nothing failed
	LastError delivery.Delivery
	Errors    []ErrorGroup // the most frequent first
	Waiting   int
	Throttled int // of Waiting, deferred by the throttle
	Dead      int
	Next      time.Time // when the next one is attempted; zero when none waits

	newest string // id of the newest delivery that failed
}

// ErrorGroup is how many deliveries have the same error.
type ErrorGroup struct {
	Reason         string
	ResponseStatus int // 0 when no response came
	Count          int
}

// mostIssues is how many endpoints Health lists.
const mostIssues = 100

// Health is what needs attention in a scope.
type Health struct {
	Issues   []*Issue // the worst first, at most 100
	Failing  int64    // how many endpoints fail, those that are not listed included
	Complete bool     // all endpoints are listed, and all their deliveries counted
}

// Health lists the endpoints of a scope that need attention.
func (s *Store) Health(ctx context.Context, scope principal.Scope) (Health, error) {
	endpoints, failing, err := s.endpoints.Troubled(ctx, scope, mostIssues+1)
	if err != nil || len(endpoints) == 0 {
		return Health{Complete: true}, err
	}
	all := len(endpoints) <= mostIssues
	issues, complete, err := s.issues(ctx, scope, endpoints[:min(len(endpoints), mostIssues)])
	return Health{issues, failing, complete && all}, err
}

// issues adds to endpoints their deliveries, and says whether all of these were counted.
func (s *Store) issues(ctx context.Context, scope principal.Scope, endpoints []endpoint.Endpoint) (issues []*Issue,
	complete bool, err error) {
	byID := make(map[string]*Issue, len(endpoints))
	for _, e := range endpoints {
		i := &Issue{Endpoint: e, State: api.WebhookIssueState(e.State()), Since: e.FailingSince.Time}
		issues, byID[e.ID] = append(issues, i), i
	}
	rows, complete, err := s.live(ctx, scope, func(endpointID string) bool { return byID[endpointID] != nil })
	if err != nil {
		return nil, false, err
	}
	dead, n, err := s.groups(ctx, scope, delivery.Dead, deadMost)
	if err != nil {
		return nil, false, err
	}
	now := s.now()
	for _, r := range append(rows, dead...) {
		if i := byID[r.EndpointID]; i != nil {
			i.add(r, now)
		}
	}
	// The releaser may yet have to see that nothing is deferred any more.
	issues = slices.DeleteFunc(issues, func(i *Issue) bool {
		return i.State == api.WebhookIssueStateThrottled && i.Throttled == 0
	})
	for _, i := range issues {
		slices.SortStableFunc(i.Errors, func(a, b ErrorGroup) int { return cmp.Compare(b.Count, a.Count) })
	}
	slices.SortStableFunc(issues, func(a, b *Issue) int {
		return cmp.Or(cmp.Compare(severity[a.State], severity[b.State]), cmp.Compare(b.Waiting+b.Dead,
			a.Waiting+a.Dead), a.Since.Compare(b.Since))
	})
	return issues, complete && n < deadMost, s.addLastErrors(s.db.Read(ctx), scope, issues)
}

// severity orders states; the lowest is the worst.
var severity = map[api.WebhookIssueState]int{api.WebhookIssueStateDisabled: 0, api.WebhookIssueStateCircuitOpen: 1,
	api.WebhookIssueStateFailing: 2, api.WebhookIssueStateThrottled: 3}

// add counts a group of deliveries to the endpoint.
func (i *Issue) add(r liveRow, now time.Time) {
	if r.Status == delivery.Dead {
		i.Dead += r.Count
	} else {
		i.Waiting += r.Count
		next := r.Next.Time
		if r.Admission == delivery.Deferred {
			i.Throttled += r.Count
			if until, shut := i.Endpoint.Throttle.Shut(now); shut && until.After(next) {
				next = until
			}
		}
		if next.IsZero() || next.Before(now) {
			next = now
		}
		if i.Next.IsZero() || next.Before(i.Next) {
			i.Next = next
		}
	}
	if r.Status != delivery.Dead && r.Status != delivery.Retrying {
		return // it has not failed yet
	}
	i.newest = max(i.newest, r.Newest)
	g := ErrorGroup{Reason: r.Reason}
	if r.ResponseStatus != nil {
		g.Reason, g.ResponseStatus = delivery.ReasonHTTPStatus, *r.ResponseStatus
	}
	at := slices.IndexFunc(i.Errors, func(o ErrorGroup) bool {
		return o.Reason == g.Reason && o.ResponseStatus == g.ResponseStatus
	})
	if at < 0 {
		i.Errors, at = append(i.Errors, g), len(i.Errors)
	}
	i.Errors[at].Count += r.Count
}

// addLastErrors reads the newest delivery that failed of each endpoint.
func (s *Store) addLastErrors(q *gorm.DB, scope principal.Scope, issues []*Issue) error {
	var ids []id.UUID
	for _, i := range issues {
		if i.newest == "" {
			continue
		}
		u, err := id.Parse(i.newest)
		if err != nil {
			return err
		}
		ids = append(ids, u)
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []delivery.Delivery
	if err := db.WhereLogUUIDs(db.Scope(q, scope), "id", ids).Find(&rows).Error; err != nil {
		return err
	}
	for _, d := range rows {
		for _, i := range issues {
			if i.Endpoint.ID == d.EndpointID {
				i.LastError = d
			}
		}
	}
	return nil
}

// GetWebhookHealth implements the operation of the contract.
func (a *API) GetWebhookHealth(ctx context.Context,
	_ api.GetWebhookHealthRequestObject) (api.GetWebhookHealthResponseObject, error) {
	h, err := a.store.Health(ctx, principal.From(ctx).Scope)
	if err != nil {
		return nil, err
	}
	return api.GetWebhookHealth200JSONResponse{Data: wire.Map(h.Issues, (*Issue).toWire), Failing: int(h.Failing),
		Complete: h.Complete}, nil
}

func (i *Issue) toWire() api.WebhookIssue {
	e, d := i.Endpoint, i.LastError
	return api.WebhookIssue{
		WebhookID: e.ID, Name: e.Name, URL: e.URL, State: i.State, Since: wire.Null(db.At(i.Since).Pointer()),
		DisabledReason: wire.Null(wire.Text(e.DisabledReason)), ConsecutiveFailures: e.ConsecutiveFailures,
		LastSuccessAt: wire.Null(e.LastSuccessAt.Pointer()), Waiting: i.Waiting, Throttled: i.Throttled, Dead: i.Dead,
		NextAttemptAt: wire.Null(db.At(i.Next).Pointer()),
		LastError: api.WebhookLastError{Reason: wire.Null(wire.Text(d.Reason)),
			ResponseStatus: wire.Null(d.ResponseStatus), Message: wire.Null(wire.Text(d.Error)),
			DeliveryID: wire.Null(wire.Text(d.ID))},
		Errors: wire.Map(i.Errors, func(g ErrorGroup) api.WebhookErrorGroup {
			out := api.WebhookErrorGroup{Reason: g.Reason, Count: g.Count}
			if g.ResponseStatus == 0 {
				out.ResponseStatus = wire.Null[int](nil)
			} else {
				out.ResponseStatus = wire.Null(&g.ResponseStatus)
			}
			return out
		}),
	}
}
