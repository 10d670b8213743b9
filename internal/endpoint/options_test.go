package endpoint

import (
	"testing"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/profile"
)

func TestTheMostSpecificPolicyHolds(t *testing.T) {
	t.Parallel()
	attempts := func(n int) profile.Policy { return profile.Policy{MaxAttempts: n} }
	e := Endpoint{
		RetryPolicy: db.JSON[profile.Policy]{V: attempts(1)},
		RetryPolicies: db.JSON[map[string]profile.Policy]{V: map[string]profile.Policy{
			"lead.*": attempts(2), "lead.created": attempts(3), "a.*": attempts(4), "a.b.*": attempts(5),
			"a.b.c": attempts(6), "job.x": attempts(7),
		}},
	}
	for eventType, want := range map[string]int{
		"lead.created": 3, "lead.updated": 2, "leads.created": 1, "a.x": 4, "a.b.x": 5, "a.b.c": 6, "a.b.c.d": 5,
		"job.x": 7, "job.y": 1,
	} {
		if got := e.PolicyFor(eventType).MaxAttempts; got != want {
			t.Errorf("%s: %d instead of %d", eventType, got, want)
		}
	}
	e.RetryPolicies.V["*"] = attempts(9)
	if got := e.PolicyFor("job.y").MaxAttempts; got != 9 {
		t.Errorf("policy for job.y by *: got %d attempts, want 9", got)
	}
	if got := e.PolicyFor("a.x").MaxAttempts; got != 4 {
		t.Errorf("policy for a.x beside *: got %d attempts, want 4", got)
	}
}

func TestASourceKeyForgetsTheOrderOfEventsAndNothingElse(t *testing.T) {
	t.Parallel()
	of := func(source, url string, events ...string) string {
		return *Endpoint{Source: source, URL: url, Events: db.JSON[[]string]{V: events}}.sourceKey()
	}
	base := of("zapier", "https://a.example", "lead.*", "job.failed")
	if of("zapier", "https://a.example", "job.failed", "lead.*") != base {
		t.Error("source key: got another for another order of events, want the same")
	}
	for name, other := range map[string]string{
		"source": of("make", "https://a.example", "lead.*", "job.failed"), "URL": of("zapier", "https://b.example",
			"lead.*", "job.failed"),
		"fewer events": of("zapier", "https://a.example", "lead.*"), "joined events": of("zapier", "https://a.example",
			"lead.*job.failed"),
	} {
		if other == base {
			t.Errorf("source key with another %s: got the same, want another", name)
		}
	}
	if (Endpoint{URL: "https://a.example"}).sourceKey() != nil {
		t.Error("source key without a source: got one, want none")
	}
}
