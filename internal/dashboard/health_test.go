package dashboard

import (
	"testing"
	"time"

	"github.com/oapi-codegen/nullable"

	"github.com/hookline/hookline/gen/api"
)

func TestChangesAreAgainstThePeriodBefore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		now, was   int
		more, want string
		kind       string
	}{
		{110, 100, "", "+10 %", ""}, {90, 100, "bad", "−10 %", "good"}, {30, 10, "bad", "+200 %", "bad"},
		{7, 7, "bad", "unchanged", ""}, {0, 4, "bad", "−100 %", "good"}, {4, 0, "bad", "", ""}, {0, 0, "", "", ""},
	} {
		got := changeOf(c.now, c.was, c.more)
		if got == nil {
			got = &change{}
		}
		if got.Text != c.want || got.Kind != c.kind {
			t.Errorf("%d after %d: got %+v, want %q of kind %q", c.now, c.was, got, c.want, c.kind)
		}
	}
	for _, c := range []struct {
		now, was   float64
		want, kind string
	}{{.99, .95, "+4.0 points", "good"}, {.981, 1, "−1.9 points", "bad"}, {.9, .9, "unchanged", ""},
		{.9, .90001, "unchanged", ""}} {
		if got := changeOfRate(c.now, c.was); got.Text != c.want || got.Kind != c.kind {
			t.Errorf("%v after %v: got %+v, want %q of kind %q", c.now, c.was, got, c.want, c.kind)
		}
	}
}

func TestAHighRateIsNotShownAsGoodBesideEndpointsThatFail(t *testing.T) {
	t.Parallel()
	s := api.DeliveryStats{Total: 100, Succeeded: 98, Failing: 2, Waiting: 5, Throttled: 4,
		SuccessRate: nullable.NewNullableWithValue(.98)}
	rate, waits := tilesOf(s, 4)[0], tilesOf(s, 4)[2]
	if rate.Value != "98.0 %" || rate.Kind != "bad" || rate.Notes[1].Text != "4 endpoints failing" ||
		rate.Notes[2].Text != "7 waiting" {
		t.Errorf("rate: got %+v, want it marked, with 4 endpoints failing and 7 waiting", rate)
	}
	if waits.Value != "7" || waits.Kind != "warn" || waits.Notes[2] != (note{Text: "4 throttled", Kind: "warn"}) {
		t.Errorf("waiting: got %+v, want 7, of which 4 are throttled", waits)
	}
	if got := percent(.99996, false); got != "99.9 %" {
		t.Errorf("rate with a failure in 25,000: got %s, want less than 100 %%", got)
	}
}

func TestDeliveriesInProgressHaveAColourOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := api.DeliveryStats{Failing: 3, Waiting: 2, Series: []api.DeliveryStatsPoint{
		{Succeeded: 5, Failed: 1, Other: 4}, {Succeeded: 1, Failed: 4, Other: 3}}}
	for i, want := range [][4]int{{5, 1, 0, 4}, {1, 1, 5, 1}} {
		if got := deliveryCounts(s, i); [4]int(got) != want {
			t.Errorf("part %d: got %v, want %v: succeeded, dead, waiting, cancelled", i, got, want)
		}
	}
}

func TestDurationsAreSaidInTheUnitThatPeopleUse(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		100 * time.Millisecond: "1 s", 57*time.Second + 400*time.Millisecond: "57 s",
		29*time.Minute + 58*time.Second: "30 min", 60 * time.Minute: "1 h", 90 * time.Minute: "1 h 30 min",
		50 * time.Hour: "2 days",
	} {
		if got := about(d); got != want {
			t.Errorf("%s: got %q, want %q", d, got, want)
		}
	}
}

func TestAPageBelongsToAListThatBothEnvironmentsHave(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{"/app": "/app", "/app/endpoints": "/app/endpoints",
		"/app/endpoints/whe_1/edit": "/app/endpoints", "/app/jobs/job_1": "/app", "/app/nonsense": "/app"} {
		if got := section(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

func TestTheOverviewLeadsToAllEndpointsThatItDoesNotName(t *testing.T) {
	t.Parallel()
	issues := func(n int, state api.WebhookIssueState) (out []api.WebhookIssue) {
		for range n {
			out = append(out, api.WebhookIssue{State: state})
		}
		return out
	}
	const failing, throttled = api.WebhookIssueStateCircuitOpen, api.WebhookIssueStateThrottled
	for _, c := range []struct {
		health             api.WebhookHealth
		heading, all, href string
	}{
		{api.WebhookHealth{Data: issues(1, failing), Failing: 1, Complete: true}, "1 endpoint is failing", "", ""},
		{api.WebhookHealth{Data: issues(5, failing), Failing: 5, Complete: true}, "5 endpoints are failing", "", ""},
		{api.WebhookHealth{Data: issues(100, failing), Failing: 250}, "250 endpoints are failing",
			"All failing endpoints", "/app/endpoints?sort=failure_rate&state=failing"},
		{api.WebhookHealth{Data: issues(6, throttled), Complete: true}, "6 endpoints are throttled",
			"All throttled endpoints", "/app/endpoints?sort=failure_rate&state=throttled"},
		{api.WebhookHealth{Data: issues(100, throttled)}, "At least 100 endpoints are throttled",
			"All throttled endpoints", "/app/endpoints?sort=failure_rate&state=throttled"},
	} {
		got := healthOf(c.health, 300, true, true, time.Now())
		if got.Heading != c.heading || got.All != c.all || got.AllHref != c.href || len(got.Issues) > shownIssues {
			t.Errorf("banner of %d of %d: got %q, %q to %q with %d named, want %q, %q to %q", len(c.health.Data),
				c.health.Failing, got.Heading, got.All, got.AllHref, len(got.Issues), c.heading, c.all, c.href)
		}
	}
}
