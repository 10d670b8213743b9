package ticket_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/resource/ticket"
)

func TestAStatusCanBecomeWhatTheContractSays(t *testing.T) {
	t.Parallel()
	for from, want := range map[ticket.Status]string{
		"open": "pending, resolved, closed", "pending": "open, resolved, closed", "resolved": "open, closed",
		"closed": "open",
	} {
		if got := from.Ways(); got != want {
			t.Errorf("%s can become %s instead of %s", from, got, want)
		}
		for _, to := range []ticket.Status{"open", "pending", "resolved", "closed", "", "reopened"} {
			if from.Can(to) != (from == to || slices.Contains(strings.Split(want, ", "), string(to))) {
				t.Errorf("from %s to %s", from, to)
			}
		}
	}
}

func TestChangesFireTheirEvents(t *testing.T) {
	t.Parallel()
	ada, grace := "usr_ada", "usr_grace"
	before := ticket.Fields{Subject: "a", Status: "open", Priority: "normal", InboxID: "ibx_1", AssigneeID: &ada}
	for want, edit := range map[string]func(*ticket.Fields){
		"": func(*ticket.Fields) {},
		"ticket.updated": func(f *ticket.Fields) {
			f.Subject, f.Priority, f.InboxID = "b", "high",
				"ibx_2"
		},
		"ticket.updated ticket.assigned": func(f *ticket.Fields) {
			f.AssigneeID = &grace
		},
		"ticket.updated ticket.status_changed": func(f *ticket.Fields) {
			f.Status = "resolved"
		},
		"ticket.updated ticket.status_changed ticket.closed": func(f *ticket.Fields) {
			f.Status = "closed"
		},
		"ticket.updated ticket.assigned ticket.status_changed ticket.closed": func(f *ticket.Fields) {
			f.Status, f.AssigneeID = "closed", nil
		},
	} {
		after := before
		edit(&after)
		if got := strings.Join(ticket.Fired(ticket.Diff(before, after)), " "); got != want {
			t.Errorf("%q instead of %q", got, want)
		}
	}
}
