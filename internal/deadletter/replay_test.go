package deadletter_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/deadletter"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/testkit/engine"
)

func TestADeliveryIsReplayedAloneWithItsWholeRetryPolicyBeforeIt(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		scope := g.scope(t)
		to := g.endpoint(t, scope, nil)
		for _, status := range []delivery.Status{delivery.Dead, delivery.Succeeded, delivery.Cancelled,
			delivery.Retrying} {
			_, before := g.add(t, to, row{status: status, reason: "exhausted"})
			d, err := g.Replay(t.Context(), scope, before.ID)
			if status != delivery.Dead {
				wantProblem(t, "replay of one that is "+string(status), err, problem.Conflict)
				d, err = g.Resend(t.Context(), scope, before.ID)
			}
			if status == delivery.Retrying {
				wantProblem(t, "resend of one that is retrying", err, problem.Conflict)
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			want := before
			want.Status, want.Reason, want.FailureCount, want.MaxAttempts = delivery.Pending, "", 0, 7
			want.NextAttemptAt, want.ChangedAt, want.FinishedAt = db.At(g.now), db.At(g.now), db.Time{}
			want.DeadlineAt = db.At(g.now.Add(10 * time.Second))
			if stored := g.get(t, d.ID); d != want || stored != want {
				t.Errorf("replay of one that is %s: got %+v, stored %+v, want %+v", status, d, stored, want)
			}
		}
		_, dead := g.add(t, to, row{status: delivery.Dead})
		_, err := g.Replay(t.Context(), g.scope(t), dead.ID)
		wantProblem(t, "replay by another tenant", err, problem.NotFound)
		_, planned := g.add(t, to, row{})
		_, err = g.Resend(t.Context(), scope, planned.ID)
		wantProblem(t, "resend of one without a row", err, problem.NotFound)

		g.set(t, to, map[string]any{"enabled": false})
		_, err = g.Replay(t.Context(), scope, dead.ID)
		wantProblem(t, "replay to a disabled endpoint", err, problem.Conflict)
		g.set(t, to, map[string]any{"enabled": true, "deleted_at": 1})
		_, err = g.Replay(t.Context(), scope, dead.ID)
		wantProblem(t, "replay to a deleted endpoint", err, problem.Conflict)
		if got := len(g.changed); got != 3 {
			t.Errorf("deliveries that Changed was told of: got %d, want 3", got)
		}
	})
}

func TestAReplayToAThrottledEndpointIsDeferred(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		scope := g.scope(t)
		to := g.endpoint(t, scope, nil)
		g.set(t, to, map[string]any{"throttled_at": db.At(g.now), "release_at": nil})
		_, alone := g.add(t, to, row{status: delivery.Dead})
		_, together := g.add(t, to, row{status: delivery.Dead})
		d, err := g.Replay(t.Context(), scope, alone.ID)
		if err != nil || d.Admission != delivery.Deferred {
			t.Fatalf("replay: got admission %d, %v, want %d", d.Admission, err, delivery.Deferred)
		}
		later := g.now.Add(time.Minute)
		g.set(t, to, map[string]any{"release_at": db.At(later)})
		_, err = g.ReplayPart(t.Context(), deadletter.Within(scope, principal.Owner{}), deadletter.Filter{},
			g.now, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, deliveryID := range []string{alone.ID, together.ID} {
			got := g.get(t, deliveryID)
			if got.Status != delivery.Pending || got.Reason != delivery.ReasonThrottled ||
				got.Admission != delivery.Deferred || !got.DeadlineAt.After(g.now.Add(time.Minute)) {
				t.Errorf("a replayed delivery: got %+v, want it pending and deferred, and left to the releaser", got)
			}
		}
		now, err := g.endpoints.Get(t.Context(), scope, to.ID)
		if err != nil || !now.Throttle.ReleaseAt.Before(later) {
			t.Errorf("release_at: got %s, %v, want it before %s, since something is due", now.Throttle.ReleaseAt, err,
				later)
		}
		g.set(t, to, map[string]any{"release_at": nil})
		_, third := g.add(t, to, row{status: delivery.Dead})
		if _, err := g.Replay(t.Context(), scope, third.ID); err != nil {
			t.Fatal(err)
		}
		if now, err = g.endpoints.Get(t.Context(), scope, to.ID); err != nil || !now.Throttle.ReleaseAt.Equal(g.now) {
			t.Errorf("release_at: got %s, %v, want %s", now.Throttle.ReleaseAt, err, g.now)
		}
		if g.woken != 3 {
			t.Errorf("calls of WakeReleasers: got %d, want 3", g.woken)
		}
	})
}

// parts runs the steps of a change of many and returns what they did together.
func parts(t *testing.T, step func(from string) (deadletter.Part, error)) (ids []string, skipped map[string]int) {
	t.Helper()
	skipped = map[string]int{}
	for from, n := "", 0; ; n++ {
		p, err := step(from)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, p.IDs...)
		for reason, count := range p.Skipped {
			skipped[reason] += count
		}
		if p.End {
			return ids, skipped
		}
		if n > 1000 || p.Next == from {
			t.Fatalf("step %d: got %+v, want it to go on", n, p)
		}
		from = p.Next
	}
}

func TestAReplayOfManySkipsWhatCannotBeSent(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		scope, unpaid := g.scope(t), g.scope(t)
		g.suspended[unpaid.TenantID] = delivery.ReasonEntitlement
		good, off, gone := g.endpoint(t, scope, nil), g.endpoint(t, scope, nil), g.endpoint(t, scope, nil)
		without := g.endpoint(t, unpaid, nil)
		g.set(t, off, map[string]any{"enabled": false})
		g.set(t, gone, map[string]any{"deleted_at": 1})
		var replayed, refused []delivery.Delivery
		for i := range 20 {
			for _, to := range []endpoint.Endpoint{good, off, gone, without} {
				_, d := g.add(t, to, row{at: g.now.Add(-time.Duration(i) * time.Second), status: delivery.Dead})
				if to.ID == good.ID {
					replayed = append(replayed, d)
				} else {
					refused = append(refused, d)
				}
			}
		}
		_, later := g.add(t, good, row{at: g.now.Add(-time.Hour), died: g.now.Add(time.Minute),
			status: delivery.Dead}) // after the job began
		everything, f := deadletter.Everywhere(principal.Scope{}), deadletter.Filter{}
		survey, err := g.SurveyDead(t.Context(), everything, f, g.now, true)
		if err != nil {
			t.Fatal(err)
		}
		got, skipped := parts(t, func(from string) (deadletter.Part, error) {
			return g.ReplayPart(t.Context(), everything, f, g.now, from, 7)
		})
		want := map[string]int{delivery.ReasonEndpointDisabled: 20, delivery.ReasonEndpointDeleted: 20,
			delivery.ReasonEntitlement: 20}
		if !maps.Equal(skipped, want) || !maps.Equal(survey.Skipped, want) || survey.Total != 80 {
			t.Errorf("skipped: got %v, surveyed %+v, want %v of 80", skipped, survey, want)
		}
		slices.Sort(got)
		slices.Reverse(got)
		if !slices.Equal(got, ids(replayed...)) {
			t.Errorf("replayed: got %v, want %v", got, ids(replayed...))
		}
		for _, d := range refused { // nor alone
			var p *problem.Error
			if _, err := g.Replay(t.Context(), d.Scope(), d.ID); !errors.As(err, &p) || (p.Code !=
				problem.EntitlementRequired) == (d.TenantID == unpaid.TenantID) {
				t.Errorf("replay of one for the endpoint %s: got %v, want the refusal of many", d.EndpointID, err)
			}
		}
		if left, _ := g.list(t, everything, 100, f); !slices.Equal(left, ids(append(refused, later)...)) {
			t.Errorf("dead letters that are left: got %v, want %v", left, ids(append(refused, later)...))
		}
		if d := g.get(t, replayed[0].ID); d.Status != delivery.Pending || !d.DeadlineAt.Equal(g.now) {
			t.Errorf("a replayed delivery: got %+v, want it pending and due at once", d)
		}
	})
}

func TestAPurgeDeletesDeadLettersWithTheirAttemptsAndNothingElse(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		scope := g.scope(t)
		to := g.endpoint(t, scope, nil)
		other := g.endpoint(t, g.scope(t), nil)
		var dead, stays []delivery.Delivery
		for i := range 12 {
			_, d := g.add(t, to, row{status: delivery.Dead, kind: fmt.Sprintf("lead.%d", i%2), errorCode: "x"})
			if i%2 == 0 {
				dead = append(dead, d)
				continue
			}
			stays = append(stays, d)
		}
		_, foreign := g.add(t, other, row{status: delivery.Dead, kind: "lead.0", errorCode: "x"})
		_, living := g.add(t, to, row{status: delivery.Retrying, kind: "lead.0", errorCode: "x"})
		got, _ := parts(t, func(from string) (deadletter.Part, error) {
			return g.PurgePart(t.Context(), deadletter.Within(scope, principal.Owner{}),
				deadletter.Filter{EventType: "lead.0"}, g.now,
				from, 4)
		})
		slices.Sort(got)
		slices.Reverse(got)
		if !slices.Equal(got, ids(dead...)) {
			t.Errorf("purged: got %v, want %v", got, ids(dead...))
		}
		var left []id.UUID
		if err := g.db.Read(t.Context()).Table("attempts").Distinct().Pluck("delivery_id", &left).Error; err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, u := range left {
			texts = append(texts, u.TypeID(id.Delivery))
		}
		slices.Sort(texts)
		slices.Reverse(texts)
		if want := ids(append(stays, foreign, living)...); !slices.Equal(texts, want) {
			t.Errorf("deliveries with attempts: got %v, want %v", texts, want)
		}
	})
}

// TestDeadLettersAreFoundByAnIndexWhateverNarrowsThem reads the plans of the engines.
func TestDeadLettersAreFoundByAnIndexWhateverNarrowsThem(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		scope := g.scope(t)
		to := g.endpoint(t, scope, nil)
		rows := make([]row, 2000)
		for i := range rows {
			rows[i] = row{at: g.now.Add(-time.Duration(i) * time.Millisecond), status: delivery.Succeeded,
				errorCode: "x"}
			if i%10 == 0 {
				rows[i].status = delivery.Dead
			}
		}
		_, stored := g.addAll(t, to, rows)
		if err := g.db.Read(t.Context()).Exec("ANALYZE").Error; err != nil {
			t.Fatal(err)
		}
		after, err := id.Parse(stored[1000].ID)
		if err != nil {
			t.Fatal(err)
		}
		for name, query := range g.TroubleQueries() {
			g.checkPlan(t, "trouble, "+name, query)
		}
		for name, f := range map[string]deadletter.Filter{
			"none": {}, "id": {ID: stored[0].ID}, "endpoint": {EndpointID: to.ID}, "type": {EventType: "type.3"},
			"reason": {Reason: "timeout"}, "HTTP status": {HTTPStatus: 503}, "class": {HTTPClass: "5xx"},
			"created": {CreatedFrom: g.now.Add(-time.Hour), CreatedTo: g.now}, "died": {DiedFrom: g.now},
		} {
			for who, a := range map[string]deadletter.AccessScope{
				"tenant":               deadletter.Within(scope, principal.Owner{}),
				"operator":             deadletter.Everywhere(principal.Scope{}),
				"operator on a tenant": deadletter.Everywhere(principal.Scope{TenantID: scope.TenantID}),
			} {
				g.checkPlan(t, "page of "+who+", "+name, func(q *gorm.DB) *gorm.DB {
					return deadletter.PageQuery(q, a, f, after)
				})
				g.checkPlan(t, "step of "+who+", "+name, func(q *gorm.DB) *gorm.DB {
					return deadletter.StepQuery(q, a, f, g.now, after)
				})
			}
		}
	})
}

// checkPlan proves that an engine would find today's dead letters and attempts by an index.
func (g *ground) checkPlan(t *testing.T, what string, query func(q *gorm.DB) *gorm.DB) {
	t.Helper()
	var found []delivery.Delivery
	plan := engine.Plan(t, g.db, query(g.db.Read(t.Context()).Session(&gorm.Session{DryRun: true})), &found)
	today := g.now.Format("_20060102")
	for _, bad := range []string{"Seq Scan on deliveries" + today, "Seq Scan on attempts" + today, "SCAN a\n"} {
		if strings.Contains(plan+"\n", bad) {
			t.Errorf("plan of %s: got this, want no %s:\n%s", what, bad, plan)
		}
	}
	byID, byIndex := strings.Contains(plan, "(id=?)"), strings.Contains(plan, "USING INDEX deliveries_")
	if !g.db.Postgres() && !byID && !byIndex {
		t.Errorf("plan of %s: got this, want an index of deliveries:\n%s", what, plan)
	}
}
