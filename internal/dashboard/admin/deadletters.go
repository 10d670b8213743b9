package admin

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/operators"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

func (a *Admin) registerDeadLetters(e *echo.Echo) {
	a.get(e, "/admin/dead-letters", "listAllDeadLetters", deadLettersPage)
	a.post(e, "/admin/dead-letters/replay", "replayAllDeadLetters", replayDeadLetters)
	a.get(e, "/admin/dead-letters/purge", "purgeAllDeadLetters", purgeDeadLetters)
	a.post(e, "/admin/dead-letters/purge", "purgeAllDeadLetters", purgeDeadLetters)
	a.get(e, "/admin/jobs/:id", "getAnyJob", jobPage)
	a.post(e, "/admin/jobs/:id/cancel", "cancelAnyJob", cancelJob)
}

// deadFilter is the filter of a list of dead letters.
type deadFilter struct {
	inhouse.DeadFilter
	Tenant, Environment string
}

// Active reports whether the filter narrows the list.
func (f deadFilter) Active() bool { return f != deadFilter{} }

// Values returns the filter as fields of a form.
func (f deadFilter) Values() []ui.Header {
	return append([]ui.Header{{Name: "tenant_id", Value: f.Tenant}, {Name: "environment", Value: f.Environment}},
		f.DeadFilter.Values()...)
}

func deadFilterOf(value func(string) string) deadFilter {
	return deadFilter{inhouse.DeadFilterOf(value), value("tenant_id"), value("environment")}
}

type deadRow struct {
	operators.TenantDeadLetter
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
	Pager   inhouse.Pager
	Jobs    []jobRow
	Purge   string // address of the page that asks before they are deleted
}

func deadLettersPage(v *visit) error {
	f, cursor := deadFilterOf(v.Query), v.QueryParam("cursor")
	l := deadList{Filter: f, Classes: inhouse.Classes, Reasons: inhouse.LastReasons,
		Purge: inhouse.Address("/admin/dead-letters/purge", f.Values())}
	if err := v.jobs(&l); err != nil {
		return err
	}
	w, err := f.Wire()
	var found operators.TenantDeadLetterList
	if err == nil {
		found, err = inhouse.Read[operators.TenantDeadLetterList](v.Operators.ListAllDeadLetters(v.Ctx,
			&operators.ListAllDeadLettersParams{
				Cursor: inhouse.Opt[string](cursor), Limit: new(inhouse.PerPage),
				TenantID: inhouse.Opt[string](f.Tenant), Environment: inhouse.Opt[operators.Environment](f.Environment),
				WebhookID: w.WebhookID, EventType: w.EventType, Reason: w.Reason,
				HTTPClass: inhouse.Opt[operators.DeadLetterHTTPClass](f.Class), DiedFrom: w.DiedFrom, DiedTo: w.DiedTo,
			}))
	}
	if r, ok := inhouse.Invalid(err); ok {
		l.Fault = r.Message + r.Details()
		return v.render(http.StatusBadRequest, "deadletters", "Dead letters", l)
	}
	if err != nil {
		return err
	}
	l.Pager = v.Pager(cursor, inhouse.CursorMeta(found.Meta))
	if l.Rows, err = v.deadRows(found.Data); err != nil {
		return err
	}
	return v.render(http.StatusOK, "deadletters", "Dead letters", l)
}

func (v *visit) deadRows(found []operators.TenantDeadLetter) ([]deadRow, error) {
	known, err := v.tenantNames(func(yield func(string) bool) {
		for _, d := range found {
			if !yield(d.TenantID) {
				return
			}
		}
	})
	rows := make([]deadRow, 0, len(found))
	for _, d := range found {
		rows = append(rows, deadRow{d, known[d.TenantID], inhouse.Or(d.Reason), inhouse.Or(d.Error),
			inhouse.Or(d.ResponseStatus), inhouse.Or(d.FinishedAt)})
	}
	return rows, err
}

// bulk is the preview of a bulk replay.
type bulk struct {
	Filter         deadFilter
	Whose          string
	Total, Skipped int
	Reasons        []inhouse.ReasonCount
	Back           string
}

// code returns a reason unchanged: operators read the codes.
func code(reason string) string { return reason }

// bulk is the filter as the API takes it.
func (f deadFilter) bulk() (operators.TenantDeadLetterBulk, error) {
	w, err := f.Wire()
	filter := operators.DeadLetterFilter{WebhookID: w.WebhookID, EventType: w.EventType, Reason: w.Reason,
		HTTPClass: (*operators.HTTPClass)(w.HTTPClass), DiedFrom: w.DiedFrom, DiedTo: w.DiedTo}
	return operators.TenantDeadLetterBulk{Filter: filter, TenantID: inhouse.Opt[string](f.Tenant),
		Environment: inhouse.Opt[operators.Environment](f.Environment)}, err
}

// whose returns the name of the tenant that a filter selects.
func (v *visit) whose(f deadFilter) (string, error) {
	if f.Tenant == "" {
		return "all tenants", nil
	}
	known, err := v.tenantNames(slices.Values([]string{f.Tenant}))
	return known[f.Tenant], err
}

// replayDeadLetters first counts what a filter matches, and makes the job once the visitor has confirmed the count.
func replayDeadLetters(v *visit) error {
	f := deadFilterOf(v.Field)
	body, err := f.bulk()
	if err != nil {
		return err
	}
	if v.FormValue("do") == "replay" {
		job, err := inhouse.Read[operators.TenantJob](v.Operators.ReplayAllDeadLetters(v.Ctx, nil, body))
		if err != nil {
			return err
		}
		return v.Redirect(http.StatusSeeOther, "/admin/jobs/"+url.PathEscape(job.ID))
	}
	body.DryRun = new(true)
	p, err := inhouse.Read[operators.BulkPreview](v.Operators.ReplayAllDeadLetters(v.Ctx, nil, body))
	if err != nil {
		return err
	}
	b := bulk{Filter: f, Total: p.Total, Skipped: p.Skipped, Reasons: inhouse.ReasonCounts(p.SkipReasons, code)}
	if b.Whose, err = v.whose(f); err != nil {
		return err
	}
	b.Back = inhouse.Address("/admin/dead-letters", f.Values())
	return v.render(http.StatusOK, "bulk", "Replay dead letters", b)
}

// purgeDeadLetters asks for the number of what a filter matches, and creates the job when the visitor typed it and it
// is still correct.
func purgeDeadLetters(v *visit) error {
	f := deadFilterOf(v.Field)
	body, err := f.bulk()
	if err != nil {
		return err
	}
	body.DryRun = new(true)
	p, err := inhouse.Read[operators.BulkPreview](v.Operators.PurgeAllDeadLetters(v.Ctx, nil, body))
	if err != nil {
		return err
	}
	whose, err := v.whose(f)
	if err != nil {
		return err
	}
	c := inhouse.Purge(p.Total, "of "+whose, "/admin/dead-letters", f.Values())
	if p.Total == 0 {
		return v.Redirect(http.StatusSeeOther, c.Back)
	}
	if !v.Confirmed(&c) {
		return v.confirm(c)
	}
	body.DryRun = nil
	job, err := inhouse.Read[operators.TenantJob](v.Operators.PurgeAllDeadLetters(v.Ctx, nil, body))
	if err != nil {
		return err
	}
	return v.Redirect(http.StatusSeeOther, "/admin/jobs/"+url.PathEscape(job.ID))
}

// jobRow is a job in a list or on its page.
type jobRow struct {
	operators.TenantJob
	What, Whose string
	Percent     int
	Reasons     []inhouse.ReasonCount
	Fault       string
	Finished    time.Time
	Waiting     bool
}

func jobRowOf(j operators.TenantJob, known names) jobRow {
	r := jobRow{
		TenantJob: j, What: inhouse.JobWord(j.Kind), Whose: known[inhouse.Or(j.TenantID)],
		Reasons: inhouse.ReasonCounts(j.SkipReasons, code),
		Fault:   inhouse.Or(j.Error), Finished: inhouse.Or(j.FinishedAt),
	}
	r.Waiting, r.Percent = inhouse.Progress(j.Status, j.Done+j.Skipped, j.Total)
	return r
}

// jobs adds the latest jobs to the list.
func (v *visit) jobs(l *deadList) error {
	found, err := inhouse.Read[operators.TenantJobList](v.Operators.ListAnyJobs(v.Ctx,
		&operators.ListAnyJobsParams{Limit: new(5)}))
	if err != nil {
		return err
	}
	known, err := v.tenantNames(func(yield func(string) bool) {
		for _, j := range found.Data {
			if !yield(inhouse.Or(j.TenantID)) {
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
	j, err := inhouse.Read[operators.TenantJob](v.Operators.GetAnyJob(v.Ctx, v.Param("id")))
	if err != nil {
		return err
	}
	known, err := v.tenantNames(slices.Values([]string{inhouse.Or(j.TenantID)}))
	if err != nil {
		return err
	}
	row := jobRowOf(j, known)
	return v.render(http.StatusOK, "job", row.What, row)
}

func cancelJob(v *visit) error {
	id := v.Param("id")
	if _, err := inhouse.Read[operators.TenantJob](v.Operators.CancelAnyJob(v.Ctx, id, nil)); err != nil {
		return err
	}
	return v.Back("/admin/jobs/"+url.PathEscape(id), "cancelled")
}
