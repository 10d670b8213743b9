package admin

import (
	"net/url"
	"strconv"
	"time"

	"github.com/hookline/hookline/gen/operators"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

// mostTroubled is how many tenants the health page names.
const mostTroubled = 20

// fault is something wrong with the installation, with a link to where it is looked at or ended.
type fault struct {
	Text string
	Link ui.Link
}

// troubleRow is a tenant that is paused, or whose deliveries are not simply on their way.
type troubleRow struct {
	operators.TenantTrouble
	Path, DeadHref string
	LastDead       time.Time
}

// trouble is what is wrong, first on the page.
type trouble struct {
	Faults   []fault
	Rows     []troubleRow
	More     int    // tenants beyond those shown
	Complete bool   // whether all deliveries were counted
	Fault    string // why the tenants could not be read
}

// Bad reports whether somebody has to act at once: nothing recovers from it by itself.
func (t trouble) Bad() bool {
	for _, r := range t.Rows {
		if r.Dead > 0 || r.Overdue > 0 {
			return true
		}
	}
	return len(t.Faults) > 0
}

// readTrouble reads the tenants, and how fast the database and Redis respond.
func (v *visit) readTrouble(h *health) error {
	found, err := inhouse.Read[operators.Trouble](v.Operators.GetTrouble(v.Ctx))
	if fault, ok := broken(err); ok {
		h.Trouble.Fault, h.Trouble.Complete = fault, true
		return nil
	}
	if err != nil {
		return err
	}
	h.Trouble.Complete = found.Complete
	for i, t := range found.Tenants {
		if i == mostTroubled {
			h.Trouble.More = len(found.Tenants) - i
			break
		}
		h.Trouble.Rows = append(h.Trouble.Rows, troubleRow{
			TenantTrouble: t, Path: "/admin/tenants/" + url.PathEscape(t.TenantID),
			DeadHref: "/admin/dead-letters?tenant_id=" + url.QueryEscape(t.TenantID), LastDead: inhouse.Or(t.LastDeadAt),
		})
	}
	h.Database = time.Duration(found.DatabaseMs * float64(time.Millisecond))
	h.Redis = time.Duration(inhouse.Or(found.RedisMs) * float64(time.Millisecond))
	return nil
}

// findFaults collects what is wrong with the installation from what was read.
func (h *health) findFaults() {
	add := func(text, linkText, href string) {
		h.Trouble.Faults = append(h.Trouble.Faults, fault{text, ui.Link{Text: linkText, Href: href}})
	}
	for _, c := range h.Checks {
		if !c.OK {
			add(c.Name+" does not respond.", "", "")
		}
	}
	if h.Trouble.Fault != "" {
		add("The tenants' deliveries can't be counted: "+h.Trouble.Fault, "", "")
	}
	if h.AlertFault != "" {
		add("The alerts can't be read: "+h.AlertFault, "", "")
	}
	if h.QueueFault == "" && h.Servers == 0 {
		add("No worker is running: nothing is delivered.", "Servers", "/admin/queues")
	}
	if h.Late {
		add("Deliveries are late: the oldest has been due for "+ui.Took(h.Overdue)+".", "", "")
	}
	for _, q := range h.Queues {
		if h.Servers > 0 && q.Servers == 0 && q.Pending > 0 {
			add("No worker takes tasks from the queue "+q.Name+", in which "+strconv.Itoa(q.Pending)+" wait.",
				"Servers", "/admin/queues")
		}
		if q.Paused {
			add("The queue "+q.Name+" is paused.", "Unpause it", "/admin/queues#"+q.Name)
		}
	}
	if h.Alone {
		add("Rate limits are counted by each process alone, because Redis does not respond.", "", "")
	}
	for _, a := range h.Alerts {
		if a.Resolved.IsZero() {
			add(a.Title+".", "Alerts", "#alerts")
		}
	}
}

// countQueues sums up the queues for the tiles.
func (h *health) countQueues() {
	for _, q := range h.Queues {
		h.Depth += q.Pending
		h.Later += q.Scheduled + q.Retry
		h.Latency = max(h.Latency, q.Latency)
	}
}
