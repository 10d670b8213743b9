package resource_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/testkit"
)

const overview = "/api/v1/analytics/overview"

func TestTheOverviewCountsEachResource(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c, other := p.NewTenant(t, "business"), p.NewTenant(t, "business")
		receiver := testkit.NewReceiver(t, func(w http.ResponseWriter, r testkit.Received, _ int) {
			if strings.HasPrefix(r.Path, "/bad") {
				w.WriteHeader(http.StatusInternalServerError)
			}
		})
		c.NewEndpoint(t, receiver.URL+"/good", object{"events": []string{"lead.created"}})
		c.NewEndpoint(t, receiver.URL+"/bad", object{"events": []string{"blog.created"},
			"retry_policy": object{"initial": "1s", "max_attempts": 1}})
		for _, lead := range []object{
			{"name": "1", "source": "website"}, {"name": "2", "source": "website", "status": "won"}, {"name": "3"},
			{"name": "4", "source": "fair"}, {"name": "5", "source": ""},
		} {
			testkit.Post[object](t, c, "/api/v1/leads", lead, http.StatusCreated)
		}
		runs := []api.AgentRun{
			testkit.Post[api.AgentRun](t, c, "/api/v1/blog-posts/generate", object{"topic": "a"}, http.StatusAccepted),
			testkit.Post[api.AgentRun](t, c, "/api/v1/social-posts/generate", object{"topic": "a", "platform": "x"},
				http.StatusAccepted),
		}
		p.Await(t, "the posts to be written", func() bool {
			for _, r := range runs {
				if testkit.Get[api.AgentRun](t, c, "/api/v1/agent-runs/"+r.ID).Status != api.AgentRunStatusCompleted {
					return false
				}
			}
			return true
		})
		c.Call(t, http.MethodPost, "/api/v1/social-posts/"+runs[1].PostID+"/approve", nil).Want(t, http.StatusOK)
		inbox := p.NewInbox(t, c, "Support")
		for range 2 {
			c.NewTicket(t, inbox.ID, nil)
		}
		c.Call(t, http.MethodPatch, "/api/v1/tickets/"+c.NewTicket(t, inbox.ID, nil).ID, object{"status": "closed"}).
			Want(t, http.StatusOK)
		for account, counts := range map[string][]int{"1": {100, 90, 120}, "2": {10, 5}, "3": nil} {
			path := "/api/v1/tracked-accounts/" + testkit.Post[api.TrackedAccount](t, c, "/api/v1/tracked-accounts",
				object{"platform": "x", "account_id": account, "username": "ada"}, http.StatusCreated).ID + "/snapshots"
			for _, n := range counts {
				testkit.Post[object](t, c, path, object{"follower_count": n, "following_count": 1, "posts_count": 1},
					http.StatusCreated)
			}
		}
		p.Await(t, "all deliveries to end", func() bool {
			return len(c.Deliveries(t, "&status=succeeded")) == 5 && len(c.Deliveries(t, "&status=dead")) == 1
		})
		p.Await(t, "all deliveries to be counted", func() bool {
			return testkit.Get[api.AnalyticsOverview](t, c, overview).Deliveries.Total == 6
		})

		o := testkit.Get[api.AnalyticsOverview](t, c, overview)
		if today := time.Now().UTC(); !near(o.Period.To.Time, today) || !o.Period.From.Equal(o.Period.To.AddDate(0, 0,
			-29)) {
			t.Errorf("default period: got %+v, want 30 days until today", o.Period)
		}
		sources, statuses := "", ""
		for _, s := range o.Leads.BySource {
			name, err := s.Source.Get()
			if err != nil {
				name = "null"
			}
			sources += fmt.Sprintf("%q %d, ", name, s.Count)
		}
		for _, s := range o.Leads.ByStatus {
			statuses += fmt.Sprintf("%s %d, ", s.Status, s.Count)
		}
		if o.Leads.Total != 5 || !strings.HasPrefix(sources, `"website" 2, `) || strings.Count(sources, ",") != 4 ||
			!strings.Contains(sources, `"null" 1`) || !strings.Contains(sources, `"" 1`) ||
			statuses != "new 4, won 1, " {
			t.Errorf("leads: got %d: %s / %s, want 5 by source, the most frequent first, and by status",
				o.Leads.Total, sources, statuses)
		}
		if b, s := o.Content.BlogPosts, o.Content.SocialPosts; b.Total != 1 || b.ByStatus.Draft != 1 || s.Total != 1 ||
			s.ByStatus.Approved != 1 || s.ByStatus.Draft != 0 {
			t.Errorf("content: got %+v, want one draft and one approved post", o.Content)
		}
		d := o.Deliveries
		if rate, err := d.SuccessRate.Get(); err != nil || rate != 5.0/6 || d.Total != 6 || d.Succeeded != 5 ||
			d.Dead != 1 || d.Cancelled != 0 || d.UnderWay != 0 {
			t.Errorf("deliveries: got %+v, want 6: 5 succeeded and 1 dead", d)
		}
		if k := o.Tickets; k.Total != 3 || k.ByStatus.Open != 2 || k.ByStatus.Closed != 1 || k.ByStatus.Pending+
			k.ByStatus.Resolved != 0 {
			t.Errorf("tickets: got %+v, want 3: 2 open and 1 closed", k)
		}
		if *o.Followers != (api.AnalyticsFollowers{Accounts: 2, AtStart: 110, AtEnd: 125, Net: 15}) {
			t.Errorf("followers: got %+v, want 110 and then 125 of 2 accounts", o.Followers)
		}
		isEmpty(t, testkit.Get[api.AnalyticsOverview](t, other, overview))
		me := testkit.Get[api.Me](t, c, "/api/v1/me").Tenant.ID
		isEmpty(t, testkit.Get[api.AnalyticsOverview](t, p.NewKey(t, me, "test", "read:analytics"), overview))
		isEmpty(t, testkit.Get[api.AnalyticsOverview](t, c, overview+"?from=2020-01-01&to=2020-12-31"))
	})
}

// TestTheOverviewHasThePartsOfTheProduct and not those of resources that it lacks.
func TestTheOverviewHasThePartsOfTheProduct(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	for profile, want := range map[string]bool{"hookline": true, "leadmetrics": false} {
		got := testkit.Get[map[string]any](t, p.NewOwner(t, profile), overview)
		for _, part := range []string{"tickets", "followers"} {
			if _, there := got[part]; there != want {
				t.Errorf("%s of %s: got it: %t, want %t", part, profile, there, want)
			}
		}
		for _, part := range []string{"period", "leads", "content", "deliveries"} {
			if got[part] == nil {
				t.Errorf("%s of %s: got none, want it", part, profile)
			}
		}
	}
}

// near says whether it is the day, or the one that has begun since.
func near(day, now time.Time) bool { return now.Sub(day) < 48*time.Hour && now.Sub(day) >= 0 }

func isEmpty(t *testing.T, o api.AnalyticsOverview) {
	t.Helper()
	if o.Leads.Total+o.Content.BlogPosts.Total+o.Content.SocialPosts.Total+o.Deliveries.Total+o.Tickets.Total != 0 ||
		*o.Followers != (api.AnalyticsFollowers{}) || !o.Deliveries.SuccessRate.IsNull() || len(o.Leads.BySource)+
		len(o.Leads.ByStatus) != 0 {
		t.Errorf("another environment: got %+v, want zeros", o)
	}
}

// TestADayEndsWhereTheNextBegins puts leads at both ends of a day.
func TestADayEndsWhereTheNextBegins(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		p := testkit.Shared(t, e)
		c := p.NewTenant(t, "business")
		day := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
		for _, at := range []time.Time{day.Add(-time.Microsecond), day, day.Add(24*time.Hour - time.Microsecond),
			day.Add(24 * time.Hour)} {
			id := c.NewLead(t, "ada@example.com").ID
			err := p.App.Database().Tx(t.Context(), func(tx *gorm.DB) error {
				return db.ByID(tx.Table("leads"), id).Update("created_at", at.UnixMicro()).Error
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for query, want := range map[string]int64{
			"from=2026-03-10&to=2026-03-10": 2, "from=2026-03-09&to=2026-03-10": 3, "from=2026-03-10&to=2026-03-11": 3,
			"to=2026-03-11": 4, "to=2026-03-08": 0,
		} {
			if got := testkit.Get[api.AnalyticsOverview](t, c, overview+"?"+query).Leads.Total; got != want {
				t.Errorf("%s: %d instead of %d", query, got, want)
			}
		}
	})
}

func TestOnlyTheHundredMostFrequentSourcesAreListedAndAllLeadsCounted(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		var rows []object // two of each odd source, one of each even one
		for i := range 130 {
			for range 1 + i%2 {
				rows = append(rows, object{"name": "Ada", "source": fmt.Sprintf("source %03d", i)})
			}
		}
		c.Call(t, http.MethodPost, "/api/v1/leads/bulk", object{"leads": rows}).Want(t, http.StatusOK)
		got := testkit.Get[api.AnalyticsOverview](t, c, overview).Leads
		if got.Total != 195 || len(got.BySource) != 100 {
			t.Fatalf("got %d leads of %d sources, want 195 of 100", got.Total, len(got.BySource))
		}
		for i, of := range got.BySource {
			want, count := fmt.Sprintf("source %03d", 2*i+1), int64(2)
			if i >= 65 {
				want, count = fmt.Sprintf("source %03d", 2*(i-65)), 1
			}
			if of.Source.MustGet() != want || of.Count != count {
				t.Errorf("place %d: %s with %d instead of %s with %d", i, of.Source.MustGet(), of.Count, want, count)
			}
		}
	})
}

func TestFollowersCountAtTheTimeOfTheirSnapshot(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		c := testkit.Shared(t, e).NewTenant(t, "business")
		path := "/api/v1/tracked-accounts/" + testkit.Post[api.TrackedAccount](t, c, "/api/v1/tracked-accounts",
			object{"platform": "x", "account_id": "1", "username": "ada"}, http.StatusCreated).ID + "/snapshots"
		for i, at := range []string{"2026-03-01T12:00:00Z", "2026-03-10T12:00:00Z", "2026-03-20T12:00:00Z"} {
			testkit.Post[object](t, c, path, object{"follower_count": 100 * (i + 1), "following_count": 1,
				"posts_count": 1, "tracked_at": at}, http.StatusCreated)
		}
		for query, want := range map[string]api.AnalyticsFollowers{
			"?from=2026-03-05&to=2026-03-15": {Accounts: 1, AtStart: 100, AtEnd: 200, Net: 100},
			"?from=2026-03-15&to=2026-03-31": {Accounts: 1, AtStart: 200, AtEnd: 300, Net: 100},
			"?from=2026-02-01&to=2026-02-10": {},
			"":                               {Accounts: 1, AtStart: 300, AtEnd: 300},
		} {
			if got := testkit.Get[api.AnalyticsOverview](t, c, overview+query).Followers; *got != want {
				t.Errorf("%s: %+v instead of %+v", query, *got, want)
			}
		}
	})
}

func TestAnInvalidPeriodIsRefused(t *testing.T) {
	t.Parallel()
	c := testkit.Shared(t, testkit.Embedded).NewTenant(t, "business")
	for query, field := range map[string]string{
		"from=2026-11-21&to=2026-11-20": "from", "from=2999-01-01": "from", "from=2025-01-01&to=2026-11-20": "from",
		"from=yesterday": "from", "to=2026-02-30": "to",
	} {
		a := c.Call(t, http.MethodGet, overview+"?"+query, nil).Want(t, http.StatusBadRequest)
		if details := a.Problem(t).Error.Details; len(details) != 1 || details[0].Field != field {
			t.Errorf("%s: got %s, want the field %s", query, a.Body, field)
		}
	}
}
