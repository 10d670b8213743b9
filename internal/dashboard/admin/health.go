package admin

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/hookline/hookline/gen/operators"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/metrics"
)

// late is the delay of a due delivery from which the page shows a fault: the queue's own recovery takes as long.
const late = time.Minute

// check is a part of the installation and whether it answers.
type check struct {
	Name  string
	State state
	OK    bool
	Took  time.Duration // how long it took to respond
}

// metric is one line of the process's metrics on the page.
type metric struct{ Name, Value, Note string }

type alertRow struct {
	operators.OperatorAlert
	Resolved time.Time
	Label    state
}

// health is the data of the health page.
type health struct {
	Version     string
	Trouble     trouble
	Checks      []check
	Overdue     time.Duration
	Timed       bool // whether Overdue is known
	Late        bool
	Alone       bool
	Queues      []queueRow
	Depth       int           // tasks that wait for a worker, in all queues
	Later       int           // tasks with a later time
	Latency     time.Duration // of the slowest queue
	Servers     int
	Active      int // tasks that workers run
	Capacity    int // tasks that they can run at a time
	QueueFault  string
	Database    time.Duration
	Redis       time.Duration
	Process     []metric
	MetricsAddr string
	Alerts      []alertRow
	AlertFault  string
}

// healthOperation is what a visitor of the page must be allowed to call.
const healthOperation = "getTrouble"

func healthPage(v *visit) error {
	if !v.may(healthOperation) { // it is where a sign-in leads
		return v.Redirect(http.StatusSeeOther, "/admin/tenants")
	}
	var h health
	if err := v.readTrouble(&h); err != nil {
		return err
	}
	v.readiness(&h)
	m, err := v.admin.options.Metrics()
	if err != nil { // those that could be read are there
		slog.ErrorContext(v.Ctx, "some metrics can't be read", "error", err)
	}
	h.read(m)
	h.MetricsAddr = v.admin.options.MetricsAddr()
	if err := v.readQueues(&h); err != nil {
		return err
	}
	if err := v.readAlerts(&h); err != nil {
		return err
	}
	h.findFaults()
	return v.render(http.StatusOK, "health", "System health", h)
}

// broken returns what the API says when a part of the installation fails. The page shows it in the place of what it
// could not read: it is most needed when something fails.
func broken(err error) (string, bool) {
	var r *inhouse.Refusal
	if !errors.As(err, &r) || r.Status < http.StatusInternalServerError {
		return "", false
	}
	return r.Message, true
}

func (v *visit) readQueues(h *health) error {
	l, err := v.queues()
	if fault, ok := broken(err); ok {
		h.QueueFault = fault
		return nil
	}
	h.Queues, h.Servers = l.Rows, len(l.Servers)
	for _, s := range l.Servers {
		h.Active += s.Active
		h.Capacity += s.Concurrency
	}
	h.countQueues()
	return err
}

func (v *visit) readAlerts(h *health) error {
	alerts, err := inhouse.Read[operators.OperatorAlertList](v.Operators.ListOperatorAlerts(v.Ctx,
		&operators.ListOperatorAlertsParams{Limit: new(10)}))
	if fault, ok := broken(err); ok {
		h.AlertFault = fault
		return nil
	}
	for _, a := range alerts.Data {
		row := alertRow{OperatorAlert: a, Resolved: inhouse.Or(a.ResolvedAt), Label: state{"open", "no", ""}}
		if !row.Resolved.IsZero() {
			row.Label = state{"over", "yes", ""}
		}
		h.Alerts = append(h.Alerts, row)
	}
	return err
}

func (v *visit) readiness(h *health) {
	ready := v.admin.options.Ready(v.Ctx)
	h.Version = ready.Version
	for _, c := range []struct {
		key, name string
		took      time.Duration
	}{{"database", "Database", h.Database}, {"redis", "Redis", h.Redis}} {
		ok := ready.Checks[c.key] == metrics.OK
		s := state{"answers", "yes", ""}
		if !ok {
			s = state{"does not respond", "no", ""}
		}
		h.Checks = append(h.Checks, check{c.name, s, ok, c.took})
	}
}

func (h *health) read(m map[string]float64) {
	overdue, known := m["hookline_oldest_overdue_delivery_seconds"]
	h.Overdue, h.Timed = time.Duration(overdue*float64(time.Second)), known
	h.Late, h.Alone = h.Overdue > late, m["hookline_rate_limit_fallback"] > 0
	count := func(name string) string { return strconv.FormatFloat(m[name], 'f', 0, 64) }
	h.Process = []metric{
		{"Events committed", count("hookline_events_total"), ""},
		{"Attempts recorded", count("hookline_delivery_attempts_total"), ""},
		{"API requests", count("hookline_http_request_duration_seconds_count"), ""},
		{"Requests rejected by a rate limit", count("hookline_rate_limited_requests_total"), ""},
		{"Requests to endpoints in flight", count("hookline_delivery_requests_in_flight"), ""},
		{"Throttled endpoints", count("hookline_throttled_endpoints"), "of all tenants"},
		{"Rate limits", h.rateLimits(), ""},
	}
	if started := m["process_start_time_seconds"]; started > 0 {
		h.Process = slices.Insert(h.Process, 0, metric{"Running for", time.Since(time.Unix(int64(started), 0)).
			Round(time.Second).String(), ""})
	}
}

func (h *health) rateLimits() string {
	if h.Alone {
		return "per process"
	}
	return "shared"
}
