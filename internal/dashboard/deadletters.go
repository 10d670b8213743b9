package dashboard

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/client"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

func (d *Dashboard) registerDeadLetters(e *echo.Echo) {
	d.get(e, "/app/dead-letters", readDeliveries, deadLettersPage)
	d.post(e, "/app/dead-letters/replay", writeDeliveries, replayDeadLetters)
	d.get(e, "/app/jobs/:id", readDeliveries, jobPage)
	d.post(e, "/app/jobs/:id/cancel", writeDeliveries, cancelJob)
}

// deadFilter is what a list of dead letters is limited to.
type deadFilter struct{ Endpoint, Type, Reason, Class, From, To string }

// Active says whether the list is limited at all.
func (f deadFilter) Active() bool { return f != deadFilter{} }

// Values is the filter as fields of a form.
func (f deadFilter) Values() []ui.Header {
	return []ui.Header{
		{Name: "webhook_id", Value: f.Endpoint}, {Name: "event_type", Value: f.Type}, {Name: "reason", Value: f.Reason},
		{Name: "http_class", Value: f.Class}, {Name: "died_from", Value: f.From}, {Name: "died_to", Value: f.To},
	}
}

func deadFilterOf(value func(string) string) deadFilter {
	q := func(name string) string { return strings.TrimSpace(value(name)) }
	return deadFilter{q("webhook_id"), q("event_type"), q("reason"), q("http_class"), q("died_from"), q("died_to")}
}

func (f deadFilter) toWire() (client.DeadLetterFilter, error) {
	from, err := moment(f.From)
	if err != nil {
		return client.DeadLetterFilter{}, err
	}
	to, err := moment(f.To)
	return client.DeadLetterFilter{
		WebhookID: opt[string](f.Endpoint), EventType: opt[string](f.Type), Reason: opt[string](f.Reason),
		HTTPClass: opt[client.HTTPClass](f.Class), DiedFrom: from, DiedTo: to,
	}, err
}

type deadList struct {
	Rows      []deliveryRow
	Filter    deadFilter
	Fault     string
	Classes   []string
	Reasons   []string
	Endpoints []ui.Link
	Pager     pager
	MayReplay bool
	Jobs      []jobRow
}

// lastReasons are why the last attempt of a dead letter may have failed.
var lastReasons = []string{"exhausted", "http_status", "timeout", "dns", "connect", "tls", "gone"}

func deadLettersPage(v *visit) error {
	f, cursor := deadFilterOf(v.QueryParam), v.QueryParam("cursor")
	list := deadList{Filter: f, Classes: classes, Reasons: lastReasons, MayReplay: v.can(writeDeliveries)}
	known, err := v.endpoints()
	if err != nil {
		return err
	}
	list.Endpoints = known.links(f.Endpoint)
	jobs, err := read[client.JobList](v.api.ListJobs(v.ctx, &client.ListJobsParams{Limit: new(5)}))
	if err != nil {
		return err
	}
	for _, j := range jobs.Data {
		if strings.HasPrefix(string(j.Kind), "dead_letters.") || j.Kind == "webhook.recover" {
			list.Jobs = append(list.Jobs, jobRowOf(j))
		}
	}
	w, err := f.toWire()
	var found client.DeliveryList
	if err == nil {
		found, err = read[client.DeliveryList](v.api.ListDeadLetters(v.ctx, &client.ListDeadLettersParams{
			Cursor: opt[string](cursor), Limit: new(perPage), WebhookID: w.WebhookID, EventType: w.EventType, Reason: w.Reason,
			HTTPClass: opt[client.DeadLetterHTTPClass](f.Class), DiedFrom: w.DiedFrom, DiedTo: w.DiedTo,
		}))
	}
	if r, ok := invalid(err); ok {
		list.Fault = r.Message + r.details()
		return v.render(http.StatusBadRequest, "deadletters", "Dead letters", list)
	}
	if err != nil {
		return err
	}
	list.Rows, list.Pager = deliveryRows(found.Data, known), v.pager(cursor, found.Meta)
	return v.render(http.StatusOK, "deadletters", "Dead letters", list)
}

// bulk is what replaying many would do.
type bulk struct {
	Filter         deadFilter
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
		out = append(out, reasonCount{reason(code), m[code]})
	}
	return out
}

// replayDeadLetters first counts what a filter matches, and makes the job when that was seen.
func replayDeadLetters(v *visit) error {
	f := deadFilterOf(v.FormValue)
	w, err := f.toWire()
	if err != nil {
		return err
	}
	query := url.Values{}
	for _, field := range f.Values() {
		if field.Value != "" {
			query.Set(field.Name, field.Value)
		}
	}
	back := "/app/dead-letters?" + query.Encode()
	if v.FormValue("do") != "replay" {
		p, err := read[client.BulkPreview](v.api.ReplayDeadLetters(v.ctx, nil, client.DeadLetterBulk{Filter: w, DryRun: new(true)}))
		if err != nil {
			return err
		}
		return v.render(http.StatusOK, "bulk", "Replay dead letters", bulk{f, p.Total, p.Skipped, reasonCounts(p.SkipReasons), back})
	}
	job, err := read[client.Job](v.api.ReplayDeadLetters(v.ctx, nil, client.DeadLetterBulk{Filter: w}))
	if err != nil {
		return err
	}
	return v.Redirect(http.StatusSeeOther, "/app/jobs/"+url.PathEscape(job.ID))
}

// jobRow is work on many things.
type jobRow struct {
	ID, What             string
	Status               client.JobStatus
	Total, Done, Skipped int
	Percent              int
	Reasons              []reasonCount
	Error                string
	Created, Finished    time.Time
	Waiting, MayCancel   bool
}

var jobWords = map[client.JobKind]string{
	"dead_letters.replay": "Replay of dead letters", "dead_letters.purge": "Purge of dead letters",
	"webhook.recover": "Recovery of an endpoint", "followers.compare": "Comparison of followers",
}

func jobRowOf(j client.Job) jobRow {
	r := jobRow{
		ID: j.ID, What: jobWords[j.Kind], Status: j.Status, Total: j.Total, Done: j.Done, Skipped: j.Skipped, Reasons: reasonCounts(j.SkipReasons),
		Error: or(j.Error), Created: j.CreatedAt, Finished: or(j.FinishedAt), Waiting: j.Status == "queued" || j.Status == "running", Percent: 100,
	}
	if r.Waiting {
		r.Percent = min(99, 100*(j.Done+j.Skipped)/max(1, j.Total))
	}
	return r
}

func jobPage(v *visit) error {
	j, err := read[client.Job](v.api.GetJob(v.ctx, v.Param("id")))
	if err != nil {
		return err
	}
	row := jobRowOf(j)
	row.MayCancel = row.Waiting && v.can(writeDeliveries)
	return v.render(http.StatusOK, "job", row.What, row)
}

func cancelJob(v *visit) error {
	id := v.Param("id")
	if _, err := read[client.Job](v.api.CancelJob(v.ctx, id, nil)); err != nil {
		return err
	}
	return v.back("/app/jobs/"+url.PathEscape(id), "cancelled")
}
