package admin

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/client"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

func (a *Admin) registerDeadLetters(e *echo.Echo) {
	a.get(e, "/admin/dead-letters", deadLettersPage)
	a.post(e, "/admin/dead-letters/replay", replayDeadLetters)
	a.get(e, "/admin/jobs/:id", jobPage)
	a.post(e, "/admin/jobs/:id/cancel", cancelJob)
}

var (
	// classes of HTTP answers, as the contract names them.
	classes = []string{"2xx", "3xx", "4xx", "5xx", "none"}
	// lastReasons are why the last attempt of a dead letter may have failed.
	lastReasons = []string{"exhausted", "http_status", "timeout", "dns", "connect", "tls", "gone"}
)

// deadFilter is what a list of dead letters is limited to.
type deadFilter struct{ Tenant, Environment, Endpoint, Type, Reason, Class, From, To string }

// Active says whether the list is limited at all.
func (f deadFilter) Active() bool { return f != deadFilter{} }

// Values is the filter as fields of a form.
func (f deadFilter) Values() []ui.Header {
	return []ui.Header{
		{Name: "tenant_id", Value: f.Tenant}, {Name: "environment", Value: f.Environment}, {Name: "webhook_id", Value: f.Endpoint},
		{Name: "event_type", Value: f.Type}, {Name: "reason", Value: f.Reason}, {Name: "http_class", Value: f.Class},
		{Name: "died_from", Value: f.From}, {Name: "died_to", Value: f.To},
	}
}

func deadFilterOf(value func(string) string) deadFilter {
	return deadFilter{
		value("tenant_id"), value("environment"), value("webhook_id"), value("event_type"),
		value("reason"), value("http_class"), value("died_from"), value("died_to"),
	}
}

func (f deadFilter) toWire() (client.DeadLetterFilter, error) {
	from, err := inhouse.Moment(f.From)
	if err != nil {
		return client.DeadLetterFilter{}, err
	}
	to, err := inhouse.Moment(f.To)
	return client.DeadLetterFilter{
		WebhookID: inhouse.Opt[string](f.Endpoint), EventType: inhouse.Opt[string](f.Type), Reason: inhouse.Opt[string](f.Reason),
		HTTPClass: inhouse.Opt[client.HTTPClass](f.Class), DiedFrom: from, DiedTo: to,
	}, err
}

type deadRow struct {
	client.TenantDeadLetter
	TenantName string
	Why, Error string
	HTTP       int
	Died       time.Time
}

type deadList struct {
	Rows    []deadRow
	Filter  deadFilter
	Fault   string
	Classes []string
	Reasons []string
	Pager   pager
	Jobs    []jobRow
}

func deadLettersPage(v *visit) error {
	f, cursor := deadFilterOf(v.query), v.QueryParam("cursor")
	l := deadList{Filter: f, Classes: classes, Reasons: lastReasons}
	if err := v.jobs(&l); err != nil {
		return err
	}
	w, err := f.toWire()
	var found client.TenantDeadLetterList
	if err == nil {
		found, err = inhouse.Read[client.TenantDeadLetterList](v.api.ListAllDeadLetters(v.ctx, &client.ListAllDeadLettersParams{
			Cursor: inhouse.Opt[string](cursor), Limit: new(perPage), TenantID: inhouse.Opt[string](f.Tenant), Environment: inhouse.Opt[client.Environment](f.Environment),
			WebhookID: w.WebhookID, EventType: w.EventType, Reason: w.Reason,
			HTTPClass: inhouse.Opt[client.DeadLetterHTTPClass](f.Class), DiedFrom: w.DiedFrom, DiedTo: w.DiedTo,
		}))
	}
	if r, ok := inhouse.Invalid(err); ok {
		l.Fault = r.Message + faults(r)
		return v.render(http.StatusBadRequest, "deadletters", "Dead letters", l)
	}
	if err != nil {
		return err
	}
	l.Pager = v.pager(cursor, found.Meta)
	if l.Rows, err = v.deadRows(found.Data); err != nil {
		return err
	}
	return v.render(http.StatusOK, "deadletters", "Dead letters", l)
}

func (v *visit) deadRows(found []client.TenantDeadLetter) ([]deadRow, error) {
	known, err := v.tenantNames(func(yield func(string) bool) {
		for _, d := range found {
			if !yield(d.TenantID) {
				return
			}
		}
	})
	rows := make([]deadRow, 0, len(found))
	for _, d := range found {
		rows = append(rows, deadRow{d, known[d.TenantID], or(d.Reason), or(d.Error), or(d.ResponseStatus), or(d.FinishedAt)})
	}
	return rows, err
}

// bulk is what replaying many would do.
type bulk struct {
	Filter         deadFilter
	Whose          string
	Total, Skipped int
	Reasons        []reasonCount
	Back           string
}

// reasonCount is how many were passed over for a reason.
type reasonCount struct {
	Reason string
	Count  int
}

func reasonCounts(m map[string]int) []reasonCount {
	var out []reasonCount
	for _, code := range slices.Sorted(maps.Keys(m)) {
		out = append(out, reasonCount{code, m[code]})
	}
	return out
}

// replayDeadLetters first counts what a filter matches, and makes the job when that was seen.
func replayDeadLetters(v *visit) error {
	f := deadFilterOf(v.field)
	w, err := f.toWire()
	if err != nil {
		return err
	}
	body := client.TenantDeadLetterBulk{Filter: w, TenantID: inhouse.Opt[string](f.Tenant), Environment: inhouse.Opt[client.Environment](f.Environment)}
	if v.FormValue("do") == "replay" {
		job, err := inhouse.Read[client.TenantJob](v.api.ReplayAllDeadLetters(v.ctx, nil, body))
		if err != nil {
			return err
		}
		return v.Redirect(http.StatusSeeOther, "/admin/jobs/"+url.PathEscape(job.ID))
	}
	body.DryRun = new(true)
	p, err := inhouse.Read[client.BulkPreview](v.api.ReplayAllDeadLetters(v.ctx, nil, body))
	if err != nil {
		return err
	}
	b := bulk{Filter: f, Total: p.Total, Skipped: p.Skipped, Reasons: reasonCounts(p.SkipReasons)}
	if f.Tenant != "" {
		known, err := v.tenantNames(slices.Values([]string{f.Tenant}))
		if err != nil {
			return err
		}
		b.Whose = known[f.Tenant]
	}
	query := url.Values{}
	for _, field := range f.Values() {
		if field.Value != "" {
			query.Set(field.Name, field.Value)
		}
	}
	b.Back = "/admin/dead-letters?" + query.Encode()
	return v.render(http.StatusOK, "bulk", "Replay dead letters", b)
}

// jobRow is work on many things.
type jobRow struct {
	client.TenantJob
	What, Whose string
	Percent     int
	Reasons     []reasonCount
	Fault       string
	Finished    time.Time
	Waiting     bool
}

var jobWords = map[client.TenantJobKind]string{
	"dead_letters.replay": "Replay of dead letters", "dead_letters.purge": "Purge of dead letters",
	"webhook.recover": "Recovery of an endpoint", "followers.compare": "Comparison of followers",
}

func jobRowOf(j client.TenantJob, known names) jobRow {
	r := jobRow{
		TenantJob: j, What: jobWords[j.Kind], Whose: known[or(j.TenantID)], Reasons: reasonCounts(j.SkipReasons), Fault: or(j.Error),
		Finished: or(j.FinishedAt), Waiting: j.Status == "queued" || j.Status == "running", Percent: 100,
	}
	if r.Waiting {
		r.Percent = min(99, 100*(j.Done+j.Skipped)/max(1, j.Total))
	}
	return r
}

// jobs adds the latest jobs to the list.
func (v *visit) jobs(l *deadList) error {
	found, err := inhouse.Read[client.TenantJobList](v.api.ListAnyJobs(v.ctx, &client.ListAnyJobsParams{Limit: new(5)}))
	if err != nil {
		return err
	}
	known, err := v.tenantNames(func(yield func(string) bool) {
		for _, j := range found.Data {
			if !yield(or(j.TenantID)) {
				return
			}
		}
	})
	for _, j := range found.Data {
		l.Jobs = append(l.Jobs, jobRowOf(j, known))
	}
	return err
}

func jobPage(v *visit) error {
	j, err := inhouse.Read[client.TenantJob](v.api.GetAnyJob(v.ctx, v.Param("id")))
	if err != nil {
		return err
	}
	known, err := v.tenantNames(slices.Values([]string{or(j.TenantID)}))
	if err != nil {
		return err
	}
	row := jobRowOf(j, known)
	return v.render(http.StatusOK, "job", row.What, row)
}

func cancelJob(v *visit) error {
	id := v.Param("id")
	if _, err := inhouse.Read[client.TenantJob](v.api.CancelAnyJob(v.ctx, id, nil)); err != nil {
		return err
	}
	return v.back("/admin/jobs/"+url.PathEscape(id), "cancelled")
}
