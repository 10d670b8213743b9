package dashboard

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

func (d *Dashboard) registerDeadLetters(e *echo.Echo) {
	d.get(e, "/app/dead-letters", readDeliveries, deadLettersPage)
	d.post(e, "/app/dead-letters/replay", writeDeliveries, replayDeadLetters)
	d.get(e, "/app/dead-letters/purge", writeDeliveries, purgeDeadLetters)
	d.post(e, "/app/dead-letters/purge", writeDeliveries, purgeDeadLetters)
	d.get(e, "/app/jobs/:id", readDeliveries, jobPage)
	d.post(e, "/app/jobs/:id/cancel", writeDeliveries, cancelJob)
}

type deadList struct {
	Rows      []deliveryRow
	Filter    inhouse.DeadFilter
	Fault     string
	Classes   []string
	Reasons   []string
	Endpoint  string    // as the form shows it
	Endpoints []ui.Link // to suggest
	Choices   []ui.Link // when several endpoints match
	Pager     inhouse.Pager
	MayReplay bool
	Purge     string // address of the page that asks before they are deleted
	Jobs      []jobRow
}

func deadLettersPage(v *visit) error {
	f, cursor := inhouse.DeadFilterOf(v.Query), v.QueryParam("cursor")
	list := deadList{Classes: inhouse.Classes, Reasons: inhouse.LastReasons,
		MayReplay: v.can(writeDeliveries)}
	known, err := v.endpoints()
	if err != nil {
		return err
	}
	found, err := v.searchEndpoint(f.Endpoint, func(id string) string {
		chosen := f
		chosen.Endpoint = id
		return inhouse.Address("/app/dead-letters", chosen.Values())
	})
	if err != nil {
		return err
	}
	list.Endpoints, list.Endpoint = known.suggested(), known.unique(found.ID, cmp.Or(found.Name, f.Endpoint))
	if found.Fault != "" {
		list.Fault, list.Choices = "Endpoint: "+found.Fault, found.Choices
		list.MayReplay = false // all would be replayed, not those that were meant
	}
	f.Endpoint = found.ID
	list.Filter, list.Purge = f, inhouse.Address("/app/dead-letters/purge", f.Values())
	jobs, err := inhouse.Read[api.JobList](v.API.ListJobs(v.Ctx, &api.ListJobsParams{Limit: new(5)}))
	if err != nil {
		return err
	}
	for _, j := range jobs.Data {
		if strings.HasPrefix(string(j.Kind), "dead_letters.") || j.Kind == "webhook.recover" ||
			j.Kind == api.JobKindDeliveriesReplay {
			list.Jobs = append(list.Jobs, jobRowOf(j))
		}
	}
	w, err := f.Wire()
	var letters api.DeliveryList
	if err == nil {
		letters, err = inhouse.Read[api.DeliveryList](v.API.ListDeadLetters(v.Ctx, &api.ListDeadLettersParams{
			Cursor: inhouse.Opt[string](cursor), Limit: new(inhouse.PerPage), WebhookID: w.WebhookID,
			EventType: w.EventType, Reason: w.Reason,
			HTTPClass: inhouse.Opt[api.DeadLetterHTTPClass](f.Class), DiedFrom: w.DiedFrom, DiedTo: w.DiedTo,
		}))
	}
	if r, ok := inhouse.Invalid(err); ok {
		list.Fault = strings.TrimSpace(list.Fault + " " + r.Message + r.Details())
		return v.render(http.StatusBadRequest, "deadletters", "Dead letters", list)
	}
	if err != nil {
		return err
	}
	if known, err = v.named(known, append(ofDeliveries(letters.Data), f.Endpoint)...); err != nil {
		return err
	}
	list.Endpoint = known.unique(f.Endpoint, list.Endpoint)
	v.unknownEndpoint(known, f.Endpoint, len(letters.Data))
	list.Rows, list.Pager = deliveryRows(letters.Data, known), v.Pager(cursor, letters.Meta)
	return v.render(http.StatusOK, "deadletters", "Dead letters", list)
}

// replayDeadLetters first counts what a filter matches, and makes the job once the visitor has confirmed the count.
func replayDeadLetters(v *visit) error {
	f := inhouse.DeadFilterOf(v.Field)
	w, err := f.Wire()
	if err != nil {
		return err
	}
	back := inhouse.Address("/app/dead-letters", f.Values())
	if v.FormValue("do") != "replay" {
		p, err := inhouse.Read[api.BulkPreview](v.API.ReplayDeadLetters(v.Ctx, nil, api.DeadLetterBulk{Filter: w,
			DryRun: new(true)}))
		if err != nil {
			return err
		}
		what := "dead letters"
		if p.Total == 1 {
			what = "dead letter"
		}
		return v.render(http.StatusOK, "bulk", "Replay dead letters", bulk{
			What: what, Action: "/app/dead-letters/replay", Back: back, Fields: f.Values(), Total: p.Total,
			Skipped: p.Skipped, Reasons: inhouse.ReasonCounts(p.SkipReasons, reason),
		})
	}
	job, err := inhouse.Read[api.Job](v.API.ReplayDeadLetters(v.Ctx, nil, api.DeadLetterBulk{Filter: w}))
	if err != nil {
		return err
	}
	return v.Redirect(http.StatusSeeOther, "/app/jobs/"+url.PathEscape(job.ID))
}

// purgeDeadLetters asks for the number of what a filter matches, and creates the job when the visitor typed it and it
// is still correct.
func purgeDeadLetters(v *visit) error {
	f := inhouse.DeadFilterOf(v.Field)
	w, err := f.Wire()
	if err != nil {
		return err
	}
	p, err := inhouse.Read[api.BulkPreview](v.API.PurgeDeadLetters(v.Ctx, nil, api.DeadLetterBulk{Filter: w,
		DryRun: new(true)}))
	if err != nil {
		return err
	}
	c := inhouse.Purge(p.Total, "", "/app/dead-letters", f.Values())
	if p.Total == 0 {
		return v.Redirect(http.StatusSeeOther, c.Back)
	}
	if !v.Confirmed(&c) {
		return v.confirm("Delete dead letters", c)
	}
	job, err := inhouse.Read[api.Job](v.API.PurgeDeadLetters(v.Ctx, nil, api.DeadLetterBulk{Filter: w}))
	if err != nil {
		return err
	}
	return v.Redirect(http.StatusSeeOther, "/app/jobs/"+url.PathEscape(job.ID))
}

// jobRow is a job in a list or on its page.
type jobRow struct {
	ID, What             string
	Kind                 api.JobKind
	Status               api.JobStatus
	Total, Done, Skipped int
	Percent              int
	Reasons              []inhouse.ReasonCount
	Error                string
	Created, Finished    time.Time
	Waiting, MayCancel   bool
	Sends                bool // there are deliveries to see of it
}

func jobRowOf(j api.Job) jobRow {
	r := jobRow{
		ID: j.ID, What: inhouse.JobWord(j.Kind), Kind: j.Kind, Status: j.Status, Total: j.Total,
		Done: j.Done, Skipped: j.Skipped,
		Reasons: inhouse.ReasonCounts(j.SkipReasons, reason), Error: inhouse.Or(j.Error), Created: j.CreatedAt,
		Finished: inhouse.Or(j.FinishedAt),
		Sends: j.Kind == api.JobKindDeadLettersReplay || j.Kind == api.JobKindWebhookRecover ||
			j.Kind == api.JobKindDeliveriesReplay,
	}
	r.Waiting, r.Percent = inhouse.Progress(j.Status, j.Done+j.Skipped, j.Total)
	return r
}

func jobPage(v *visit) error {
	j, err := inhouse.Read[api.Job](v.API.GetJob(v.Ctx, v.Param("id")))
	if err != nil {
		return err
	}
	row := jobRowOf(j)
	row.MayCancel = row.Waiting && v.can(writeDeliveries)
	return v.render(http.StatusOK, "job", row.What, row)
}

func cancelJob(v *visit) error {
	id := v.Param("id")
	if _, err := inhouse.Read[api.Job](v.API.CancelJob(v.Ctx, id, nil)); err != nil {
		return err
	}
	return v.Back("/app/jobs/"+url.PathEscape(id), "cancelled")
}
