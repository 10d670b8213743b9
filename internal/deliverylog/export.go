package deliverylog

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/oapi-codegen/nullable"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/wire"
)

const (
	// exportMost is how many deliveries a file has at most, as the contract says.
	exportMost = 100_000
	// exportPages is how many pages a file is looked for in: with a filter that few deliveries match, pages are empty.
	exportPages = 2_000
	exportPage  = 500
)

// ExportDeliveries implements the operation of the contract.
func (a *API) ExportDeliveries(ctx context.Context,
	r api.ExportDeliveriesRequestObject) (api.ExportDeliveriesResponseObject, error) {
	p := r.Params
	f := &file{ctx: ctx, store: a.store, scope: principal.From(ctx).Scope,
		profile: profile.Of(principal.From(ctx).Profile),
		csv:     wire.Or(p.Format, api.ExportDeliveriesParamsFormatCsv) == api.ExportDeliveriesParamsFormatCsv,
		filter: Filter{
			Status: string(wire.Or(p.Status, "")), EndpointID: wire.Or(p.WebhookID, ""),
			EventID: wire.Or(p.EventID, ""), EventType: wire.Or(p.EventType, ""),
			HTTPClass: string(wire.Or(p.HTTPClass, "")), HTTPStatus: wire.Or(p.HTTPStatus, 0),
			Reason: wire.Or(p.Reason, ""), Text: wire.Or(p.Text, ""),
			From: wire.Or(p.From, time.Time{}), To: wire.Or(p.To, time.Time{}),
		}}
	var err error
	f.rows, f.next, err = f.read(nil) // what is wrong is said before the answer begins
	return f, err
}

// file is an export that is being written.
type file struct {
	ctx     context.Context //nolint:containedctx // the response is written after the call
	store   *Store
	scope   principal.Scope
	profile profile.Profile
	csv     bool
	filter  Filter
	rows    []api.Delivery // of the page that is written next
	next    *string
}

func (f *file) read(cursor *string) ([]api.Delivery, *string, error) {
	l, err := page.NewLog(cursor, new(exportPage))
	if err != nil {
		return nil, nil, err
	}
	rows, next, err := f.store.List(f.ctx, f.scope, l, f.filter)
	if err != nil {
		return nil, nil, err
	}
	data, err := f.store.Lines(f.ctx, rows)
	for i := range data {
		data[i].EventType = f.profile.EventName(data[i].EventType)
	}
	return data, next, err
}

// VisitExportDeliveriesResponse implements the generated interface. An export that fails half way closes the
// connection, since a file that only ends early looks complete.
func (f *file) VisitExportDeliveriesResponse(w http.ResponseWriter) error {
	kind, name := "application/x-ndjson", "deliveries.ndjson"
	if f.csv {
		kind, name = "text/csv; charset=utf-8; header=present", "deliveries.csv"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.WriteHeader(http.StatusOK)
	if err := f.write(w); err != nil {
		if f.ctx.Err() == nil {
			slog.Warn("an export of deliveries failed", "error", err)
		}
		panic(http.ErrAbortHandler)
	}
	return nil
}

func (f *file) write(w io.Writer) error {
	out := bufio.NewWriterSize(w, 64<<10)
	line := ndjson(out)
	if f.csv {
		var err error
		if line, err = cells(out); err != nil {
			return err
		}
	}
	written := 0
	for range exportPages {
		for _, d := range f.rows {
			if written++; written > exportMost {
				return out.Flush()
			}
			if err := line(d); err != nil {
				return err
			}
		}
		if f.next == nil {
			break
		}
		var err error
		if f.rows, f.next, err = f.read(f.next); err != nil {
			return err
		}
	}
	return out.Flush()
}

func ndjson(out io.Writer) func(api.Delivery) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return func(d api.Delivery) error { return encoder.Encode(d) }
}

var exportColumns = []string{"id", "event_id", "event_type", "webhook_id", "environment", "status", "reason",
	"attempt_count", "max_attempts", "response_status", "duration_ms", "error", "created_at", "next_attempt_at",
	"finished_at", "test"}

// cells writes the names of the columns, and returns what writes a delivery.
func cells(out io.Writer) (func(api.Delivery) error, error) {
	c := csv.NewWriter(out)
	line := func(texts []string) error {
		for i, text := range texts {
			texts[i] = harmless(text)
		}
		err := c.Write(texts)
		c.Flush()
		return err
	}
	return func(d api.Delivery) error {
		var took string
		if d.DurationMs != nil {
			took = strconv.FormatFloat(*d.DurationMs, 'f', -1, 64)
		}
		return line([]string{d.ID, d.EventID, d.EventType, d.WebhookID, string(d.Environment), string(d.Status),
			or(d.Reason), strconv.Itoa(d.AttemptCount), strconv.Itoa(d.MaxAttempts), number(d.ResponseStatus), took,
			or(d.Error), moment(d.CreatedAt), optional(d.NextAttemptAt), optional(d.FinishedAt),
			strconv.FormatBool(d.Test)})
	}, line(append([]string(nil), exportColumns...))
}

// harmless is the text of a cell that no spreadsheet takes for a formula.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

func or(n nullable.Nullable[string]) string {
	text, _ := n.Get()
	return text
}

func number(n nullable.Nullable[int]) string {
	i, err := n.Get()
	if err != nil {
		return ""
	}
	return strconv.Itoa(i)
}

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func optional(n nullable.Nullable[time.Time]) string {
	t, err := n.Get()
	if err != nil {
		return ""
	}
	return moment(t)
}

// FilterOf reads a filter of the contract; it fails with a problem, whose fields are below at.
func FilterOf(w api.DeliveryFilter, at string) (Filter, error) {
	f := Filter{
		Status: string(wire.Or(w.Status, "")), EndpointID: wire.Or(w.WebhookID, ""), EventID: wire.Or(w.EventID, ""),
		EventType: wire.Or(w.EventType, ""), HTTPClass: string(wire.Or(w.HTTPClass, "")),
		HTTPStatus: wire.Or(w.HTTPStatus, 0), Reason: wire.Or(w.Reason, ""), Text: wire.Or(w.Text, ""),
		From: wire.Or(w.From, time.Time{}), To: wire.Or(w.To, time.Time{}),
	}
	if !f.To.IsZero() && f.From.After(f.To) {
		return f, problem.Invalid(problem.Detail{Field: at + "to",
			Message: "must not be before the time that it starts from"})
	}
	return f, nil
}
