package webhook_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/testkit"
)

func TestWhileTheMailServerIsUnreachableAlertsAreRetriedAndTheAPIWorks(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		s := newStage(t, e, 24*time.Hour, 0)
		s.mailbox.Fail(true)
		nobody := s.channel(t, map[string]any{"type": "email", "target": "nobody@example.com", "conditions": alertTypes,
			"enabled": false})
		s.later(t, 0)
		s.later(t, 13*time.Hour)
		state := func(channelType string) (out api.AlertNotification) {
			for _, a := range s.alerts(t, "&condition=endpoint.failing") {
				for _, n := range a.Notifications {
					c := testkit.Get[api.AlertChannel](t, s.tenant, "/api/v1/alert-channels/"+n.ChannelID)
					if string(c.Type) == channelType {
						out = n
					}
				}
			}
			return out
		}
		s.Await(t, "the first attempt", func() bool {
			return state("email").Attempts == 1 &&
				!state("email").Error.IsNull()
		})
		s.Await(t, "the post", func() bool { return state("slack").Status == api.AlertNotificationStatusSent })
		s.tenant.NewLead(t, "meanwhile@example.com")
		for attempt := 2; attempt <= 3; attempt++ {
			s.clock.Advance(time.Minute)
			s.Await(t, "another attempt", func() bool {
				return state("email").Attempts == attempt &&
					!state("email").Error.IsNull()
			})
		}
		s.mailbox.Fail(false)
		s.clock.Advance(5 * time.Minute)
		s.Await(t, "the mail", func() bool { return state("email").Status == api.AlertNotificationStatusSent })
		if n := len(s.mailbox.All()); n != 1 {
			t.Errorf("mails: got %d, want 1", n)
		}
		result := testkit.Post[api.AlertTest](t, s.tenant, "/api/v1/alert-channels/"+nobody.ID+"/test", nil,
			http.StatusOK)
		if reason, _ := result.Error.Get(); result.Sent || reason != "The mail server rejected the address." {
			t.Errorf("test alert: got %+v, want that the mail server rejected the address", result)
		}
	})
}

func TestANotificationFailsAfterItsLastRetry(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, e testkit.Engine) {
		s := newStage(t, e, 24*time.Hour, 0)
		s.mailbox.Fail(true)
		s.later(t, 0)
		s.later(t, 13*time.Hour)
		for attempt := 1; attempt <= 7; attempt++ {
			s.Await(t, "an attempt", func() bool {
				for _, n := range s.alerts(t, "&condition=endpoint.failing")[0].Notifications {
					if n.Attempts == attempt && !n.Error.IsNull() {
						return true
					}
				}
				return false
			})
			s.clock.Advance(4 * time.Hour)
		}
		s.allSent(t)
		s.mailbox.Fail(false)
		if n := len(s.mailbox.All()); n != 0 {
			t.Errorf("mails: got %d, want 0", n)
		}
	})
}
