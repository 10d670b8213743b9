package dashboard

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/oapi-codegen/nullable"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/page"
)

// The most that the page of one delivery shows. What consumers answer can be anything, so it is cut.
const (
	maxAttempts = 50
	maxAnswer   = 16 << 10  // bytes of an answer's body
	maxBody     = 256 << 10 // bytes of a request's body
)

// deliveryRow is a line of a list of deliveries.
type deliveryRow struct {
	ID, EventID, EventType, EndpointID, Endpoint string
	Status                                       api.DeliveryStatus
	Reason                                       string
	Attempts, MaxAttempts                        int
	HTTP                                         int
	Took                                         time.Duration // of the latest attempt; 0 when it is not known
	Created, Next, Finished                      time.Time
	Test                                         bool
	Filter                                       string // of the list it is in, as a query; the page goes on in it
}

// Throttled reports whether it waits for the throttle of its endpoint alone.
func (r deliveryRow) Throttled() bool {
	return r.Status == api.DeliveryStatusPending && r.Reason == reason("throttled")
}

// Final reports whether it can be replayed.
func (r deliveryRow) Final() bool {
	return !r.Test && (r.Status == "succeeded" || r.Status == "dead" || r.Status == "cancelled")
}

func deliveryRowOf(d api.Delivery, known endpointNames) deliveryRow {
	r := deliveryRow{
		ID: d.ID, EventID: d.EventID, EventType: d.EventType, EndpointID: d.WebhookID, Endpoint: known.of(d.WebhookID),
		Status: d.Status, Reason: reason(inhouse.Or(d.Reason)), Attempts: d.AttemptCount, MaxAttempts: d.MaxAttempts,
		HTTP: inhouse.Or(d.ResponseStatus), Created: d.CreatedAt, Next: inhouse.Or(d.NextAttemptAt),
		Finished: inhouse.Or(d.FinishedAt), Test: d.Test,
	}
	if d.DurationMs != nil {
		r.Took = max(milliseconds(*d.DurationMs), time.Microsecond)
	}
	return r
}

func deliveryRows(list []api.Delivery, known endpointNames) []deliveryRow {
	out := make([]deliveryRow, 0, len(list))
	for _, d := range list {
		out = append(out, deliveryRowOf(d, known))
	}
	return out
}

// detail is the page of one delivery.
type detail struct {
	deliveryRow
	Error        string
	URL          string // where the latest attempt went
	ContentType  string
	Body         ui.Code
	Timeline     []attemptRow // newest first
	Hidden       int          // attempts that are not shown
	Curl         string       // the latest request as a command; empty without one
	Waiting      bool         // something will still happen
	Wait         *wait        // what it waits for; nil when it waits for nothing
	Newer, Older string       // the pages of its neighbours in the list; empty at the ends
	List         string       // the page of the list
	MayReplay    bool
	MayWrite     bool // endpoints
	MayEvents    bool
}

type attemptRow struct {
	ID           string
	Number       int
	Status       api.AttemptStatus
	Method, URL  string
	Sent         []ui.Header
	SentMore     int
	Answered     bool
	HTTP         int
	HTTPText     string
	Received     []ui.Header
	ReceivedMore int
	Answer       ui.Code
	Truncated    bool // more came than was kept
	Reason       string
	Error        string
	Started      time.Time
	Took, Since  time.Duration // Since the attempt before it; 0 for the first
	Finished     bool
	Open         bool
	Timings      []timing
	Body         *ui.Code // of the latest attempt alone
	Protocol     string
}

// timing is a part of a request, placed in a bar that is 100 wide.
type timing struct {
	Name     string
	Kind     string // class of the stylesheet
	Took     time.Duration
	X, Width float64
}

func deliveryPage(v *visit) error {
	found, err := inhouse.Read[api.DeliveryDetail](v.API.GetDelivery(v.Ctx, v.Param("id")))
	if err != nil {
		return err
	}
	endpoint, err := v.endpointOf(found.WebhookID)
	if err != nil {
		return err
	}
	row := deliveryRowOf(api.Delivery{
		ID: found.ID, EventID: found.EventID, EventType: found.EventType, WebhookID: found.WebhookID,
		Status: found.Status, Reason: found.Reason,
		AttemptCount: found.AttemptCount, MaxAttempts: found.MaxAttempts, NextAttemptAt: found.NextAttemptAt,
		ResponseStatus: found.ResponseStatus, CreatedAt: found.CreatedAt, FinishedAt: found.FinishedAt,
		Test: found.Test,
	}, endpointNames{endpoint})
	f := filterOf(v.Query)
	p := detail{
		deliveryRow: row, Error: inhouse.Or(found.Error), ContentType: found.ContentType,
		Body:     ui.NewCode([]byte(found.Body), maxBody),
		Timeline: timeline(found.Attempts), Waiting: row.Finished.IsZero(), MayReplay: v.can(writeDeliveries),
		MayWrite:  v.can(writeWebhooks),
		MayEvents: v.can(readEvents) && !found.Test, List: "/app/deliveries" + f.Query(),
	}
	p.Filter = f.Query()
	p.Wait = v.waitOf(found, endpoint)
	if len(found.Attempts) > 0 {
		last := found.Attempts[len(found.Attempts)-1]
		p.URL, p.Curl = last.URL, curl(last, found.Body)
	}
	if len(p.Timeline) > 0 {
		p.Timeline[0].Body = &p.Body
	}
	if len(p.Timeline) > maxAttempts {
		p.Hidden = len(p.Timeline) - maxAttempts
		p.Timeline = p.Timeline[:maxAttempts]
	}
	if v.Whole() {
		if err := v.neighbours(&p, f); err != nil {
			return err
		}
	}
	return v.render(http.StatusOK, "delivery", "Delivery of "+found.EventType, p)
}

// neighbours finds the deliveries before and after one in the list that the filter makes.
func (v *visit) neighbours(p *detail, f deliveryFilter) error {
	u, err := v.usable(f)
	if err != nil {
		return err
	}
	here := page.Cursor{At: p.Created, ID: p.ID}.String()
	for _, side := range []struct {
		to    *string
		newer bool
	}{{&p.Newer, true}, {&p.Older, false}} {
		list, err := inhouse.Read[api.DeliveryList](v.API.ListDeliveries(v.Ctx, u.params(here, 1, side.newer)))
		if _, wrong := inhouse.Invalid(err); wrong {
			return nil // the list says what is wrong with its filter
		}
		if err != nil {
			return err
		}
		if len(list.Data) > 0 {
			*side.to = "/app/deliveries/" + list.Data[0].ID + f.Query()
		}
	}
	return nil
}

// curl is a request as a command for a shell. Values of the endpoint's own headers are masked in it, as they are shown.
func curl(a api.Attempt, body string) string {
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
	var b strings.Builder
	b.WriteString("curl -X " + quote(a.Method) + " " + quote(a.URL))
	headers, _ := ui.Headers(a.RequestHeaders)
	for _, h := range headers {
		if !strings.EqualFold(h.Name, "Content-Length") {
			b.WriteString(" \\\n  -H " + quote(h.Name+": "+h.Value))
		}
	}
	b.WriteString(" \\\n  --data-raw " + quote(body))
	return b.String()
}

func timeline(attempts []api.Attempt) []attemptRow {
	out := make([]attemptRow, 0, len(attempts))
	for i, a := range attempts {
		r := attemptRow{
			ID: a.ID, Number: a.Number, Status: a.Status, Method: a.Method, URL: a.URL,
			Reason: reason(inhouse.Or(a.ErrorCode)),
			Error:  inhouse.Or(a.Error), Started: a.StartedAt, Open: i == len(attempts)-1,
			Protocol: inhouse.Or(a.Timings.HTTPVersion),
		}
		r.Sent, r.SentMore = ui.Headers(a.RequestHeaders)
		if status, err := a.ResponseStatus.Get(); err == nil {
			r.Answered, r.HTTP, r.HTTPText = true, status, http.StatusText(status)
			r.Received, r.ReceivedMore = ui.Headers(a.ResponseHeaders)
			r.Answer, r.Truncated = ui.NewCode([]byte(a.ResponseBody), maxAnswer), a.ResponseTruncated
		}
		if took, err := a.DurationMs.Get(); err == nil {
			r.Finished, r.Took = true, milliseconds(took)
			r.Timings = timings(a.Timings)
		}
		if i > 0 {
			r.Since = a.StartedAt.Sub(attempts[i-1].StartedAt)
		}
		out = append(out, r)
	}
	slices.Reverse(out)
	return out
}

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

// timings lays the parts of a request out one after the other.
func timings(t api.AttemptTimings) []timing {
	parts := []struct {
		name, kind string
		ms         nullable.Nullable[float64]
	}{{"DNS", "t-dns", t.DNSMs}, {"Connect", "t-connect", t.ConnectMs}, {"TLS", "t-tls", t.TLSMs},
		{"Wait", "t-wait", t.WaitMs}}
	total := inhouse.Or(t.TotalMs)
	var out []timing
	x := 0.0
	for _, p := range parts {
		ms, err := p.ms.Get()
		if err != nil || total <= 0 {
			continue
		}
		width := min(100*ms/total, 100-x)
		out = append(out, timing{Name: p.name, Kind: p.kind, Took: milliseconds(ms), X: x, Width: width})
		x += width
	}
	if rest := 100 - x; len(out) > 0 && rest > 0 {
		out = append(out, timing{Name: "Read", Kind: "t-read", Took: milliseconds(total * rest / 100), X: x, Width: rest})
	}
	return out
}
