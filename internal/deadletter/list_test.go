package deadletter_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/deadletter"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// list reads all pages.
func (g *ground) list(t *testing.T, a deadletter.AccessScope, size int, f deadletter.Filter) (out []string, pages int) {
	t.Helper()
	l := page.Log{Limit: size}
	for {
		rows, next, err := g.List(t.Context(), a, l, f)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) > size {
			t.Fatalf("rows of a page: got %d, want at most %d", len(rows), size)
		}
		pages++
		for _, d := range rows {
			out = append(out, d.ID)
		}
		if next == nil {
			return out, pages
		}
		c, err := page.ParseCursor(*next)
		if err != nil {
			t.Fatal(err)
		}
		l.After = &c
	}
}

func TestDeadLettersAreListedNewestFirstAndOnlyToThoseWhoMaySeeThem(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		one, two := g.scope(t), g.scope(t)
		test := principal.Scope{TenantID: one.TenantID, Environment: principal.Test}
		dead := map[principal.Scope][]delivery.Delivery{}
		for _, scope := range []principal.Scope{one, two, test} {
			to := g.endpoint(t, scope, nil)
			for i := range 5 {
				_, d := g.add(t, to, row{at: g.now.Add(-time.Duration(i) * time.Minute), status: delivery.Dead})
				dead[scope] = append(dead[scope], d)
			}
			for _, status := range []delivery.Status{delivery.Succeeded, delivery.Cancelled, delivery.Retrying} {
				g.add(t, to, row{status: status})
			}
		}
		all := slices.Concat(dead[one], dead[two], dead[test])
		for name, c := range map[string]struct {
			access deadletter.AccessScope
			want   []string
		}{
			"a tenant":                {deadletter.Within(one, principal.Owner{}), ids(dead[one]...)},
			"its test data":           {deadletter.Within(test, principal.Owner{}), ids(dead[test]...)},
			"operators":               {deadletter.Everywhere(principal.Scope{}), ids(all...)},
			"operators, one scope":    {deadletter.Everywhere(two), ids(dead[two]...)},
			"operators, unknown name": {deadletter.Everywhere(principal.Scope{TenantID: "x"}), nil},
			"operators, one tenant": {deadletter.Everywhere(principal.Scope{TenantID: one.TenantID}),
				ids(slices.Concat(dead[one], dead[test])...)},
			"operators, test data": {deadletter.Everywhere(principal.Scope{Environment: principal.Test}),
				ids(dead[test]...)},
		} {
			for _, size := range []int{2, 5, 100} {
				if got, _ := g.list(t, c.access, size, deadletter.Filter{}); !slices.Equal(got, c.want) {
					t.Errorf("%s, pages of %d: got %v, want %v", name, size, got, c.want)
				}
			}
		}
		if newest, err := g.Newest(t.Context(), 4); err != nil || len(newest) != 4 || newest[3] != ids(all...)[0] {
			t.Errorf("the newest: got %v, %v, want four that end with %s", newest, err, ids(all...)[0])
		}
		if _, _, err := g.List(t.Context(), deadletter.AccessScope{}, page.Log{Limit: 1},
			deadletter.Filter{}); !errors.Is(err, principal.ErrNoScope) {
			t.Errorf("the zero access scope: got error %v, want %v", err, principal.ErrNoScope)
		}
		_, _, err := g.List(t.Context(), deadletter.Within(one, principal.Owner{}), page.Log{Limit: 1,
			After: &page.Cursor{ID: "x"}},
			deadletter.Filter{})
		wantProblem(t, "a cursor of another list", err, problem.ValidationFailed)
	})
}

func TestFiltersNarrowDeadLetters(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		scope := g.scope(t)
		first, second := g.endpoint(t, scope, nil), g.endpoint(t, scope, nil)
		_, a := g.add(t, first, row{at: g.now.Add(-3 * time.Hour), died: g.now, status: delivery.Dead,
			reason: "exhausted", errorCode: "connection_refused"})
		_, b := g.add(t, first, row{at: g.now.Add(-2 * time.Hour), kind: "lead.updated", status: delivery.Dead,
			reason: "exhausted", response: 503, errorCode: "http_status"})
		_, c := g.add(t, second, row{at: g.now.Add(-time.Hour), status: delivery.Dead, reason: "gone", response: 410,
			errorCode: "http_status"})
		g.add(t, second, row{status: delivery.Cancelled, reason: "gone"})
		for name, f := range map[string]struct {
			deadletter.Filter
			want []string
		}{
			"none":                      {deadletter.Filter{}, ids(a, b, c)},
			"id":                        {deadletter.Filter{ID: b.ID}, ids(b)},
			"endpoint":                  {deadletter.Filter{EndpointID: first.ID}, ids(a, b)},
			"no endpoint":               {deadletter.Filter{EndpointID: "whe_x"}, nil},
			"type":                      {deadletter.Filter{EventType: "lead.updated"}, ids(b)},
			"reason":                    {deadletter.Filter{Reason: "exhausted"}, ids(a, b)},
			"code of the last attempt":  {deadletter.Filter{Reason: "http_status"}, ids(b, c)},
			"code of the first attempt": {deadletter.Filter{Reason: "timeout"}, nil},
			"HTTP status":               {deadletter.Filter{HTTPStatus: 410}, ids(c)},
			"HTTP class":                {deadletter.Filter{HTTPClass: "5xx"}, ids(b)},
			"no answer":                 {deadletter.Filter{HTTPClass: "none"}, ids(a)},
			"created": {deadletter.Filter{CreatedFrom: g.now.Add(-2 * time.Hour), CreatedTo: g.now.Add(-time.Hour)},
				ids(b)},
			"died":    {deadletter.Filter{DiedFrom: g.now}, ids(a)},
			"several": {deadletter.Filter{EndpointID: first.ID, HTTPClass: "none", Reason: "exhausted"}, ids(a)},
		} {
			if got, _ := g.list(t, deadletter.Within(scope, principal.Owner{}), 2, f.Filter); !slices.Equal(got,
				f.want) {
				t.Errorf("%s: got %v, want %v", name, got, f.want)
			}
			s, err := g.SurveyDead(t.Context(), deadletter.Within(scope, principal.Owner{}), f.Filter, g.now, false)
			sample := slices.Clone(f.want)
			slices.Reverse(sample)
			if err != nil || s.Total != len(f.want) || !slices.Equal(s.Sample, sample) {
				t.Errorf("%s, surveyed: got %+v, %v, want %v", name, s, err, sample)
			}
		}
	})
}

func TestAPageOfAFilterThatMatchesLittleSaysWhereItStopped(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		scope := g.scope(t)
		to := g.endpoint(t, scope, nil)
		rows := make([]row, 2*deadletter.ScanMost+20)
		for i := range rows {
			rows[i] = row{at: g.now.Add(-time.Duration(i) * time.Millisecond), status: delivery.Dead}
		}
		last := len(rows) - 1
		rows[last].kind, rows[1].kind = "lead.deleted", "lead.deleted"
		_, stored := g.addAll(t, to, rows)
		want := ids(stored[1], stored[last])
		for name, access := range map[string]deadletter.AccessScope{
			"tenant":   deadletter.Within(scope, principal.Owner{}),
			"operator": deadletter.Everywhere(principal.Scope{TenantID: scope.TenantID}),
		} {
			got, pages := g.list(t, access, 10, deadletter.Filter{EventType: "lead.deleted"})
			if !slices.Equal(got, want) || pages != 3 {
				t.Errorf("%s: got %v on %d pages, want %v on 3", name, got, pages, want)
			}
			one := stored[len(name)] // far from where the step begins
			part, err := g.PurgePart(t.Context(), access, deadletter.Filter{ID: one.ID}, g.now, "", 1)
			if err != nil || !slices.Equal(part.IDs, []string{one.ID}) || !part.End {
				t.Errorf("%s: purge of one: got %+v, %v, want %s at once", name, part, err, one.ID)
			}
		}
	})
}

func TestADeliveryIsFoundInWhateverStateItIs(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		g := newGround(t, e)
		scope := g.scope(t)
		to := g.endpoint(t, scope, nil)
		for _, status := range []delivery.Status{delivery.Dead, delivery.Succeeded, delivery.Cancelled,
			delivery.Retrying, delivery.Delivering, delivery.Pending} {
			_, want := g.add(t, to, row{status: status, errorCode: "http_status"})
			found, err := g.Find(t.Context(), deadletter.Within(scope, principal.Owner{}), want.ID)
			d, attempts := found.Delivery, found.Attempts
			if err != nil || d.ID != want.ID || d.Status != status || len(attempts) != 2 || attempts[1].Number != 2 {
				t.Errorf("%s: got %+v with %d attempts, %v, want %s with two", status, d, len(attempts), err, want.ID)
			}
			if len(found.Body) == 0 || found.ContentType == "" {
				t.Errorf("%s: body: got %q, %q, want one", status, found.Body, found.ContentType)
			}
			_, err = g.Find(t.Context(), deadletter.Within(g.scope(t), principal.Owner{}), want.ID)
			wantProblem(t, "to another tenant", err, problem.NotFound)
		}
		planned, d := g.add(t, to, row{})
		for _, deliveryID := range []string{d.ID, planned.ID, "x", ""} {
			_, err := g.Find(t.Context(), deadletter.Within(scope, principal.Owner{}), deliveryID)
			wantProblem(t, deliveryID, err, problem.NotFound)
		}
	})
}
