package dashboard

import (
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/page"
)

// The most that the page of one delivery shows. What consumers answer can be anything, so it is cut.
const (
	maxAttempts = 50
	maxAnswer   = 16 << 10  // bytes of an answer's body
	maxBody     = 256 << 10 // bytes of what is sent
)

type detail struct {
	deliveryRow
	Error       string
	Finished    time.Time
	ContentType string
	Body        ui.Text
	Timeline    []attemptRow // newest first
	Hidden      int          // attempts that are not shown
	Replay      string       // the command, when it is dead
	Waiting     bool         // something will still happen
}

type attemptRow struct {
	ID             string
	Number         int
	Status         delivery.AttemptStatus
	Method, URL    string
	Sent           []ui.Header
	SentMore       int
	Answered       bool
	HTTP           int
	HTTPText       string
	Received       []ui.Header
	ReceivedMore   int
	Answer         ui.Text
	Truncated      bool // more came than was kept
	Reason, Error  string
	Started        time.Time
	Took, Since    time.Duration // Since the attempt before it; 0 for the first
	Finished, Open bool
}

func (d *Dashboard) showDelivery(c echo.Context, s session) error {
	ctx := c.Request().Context()
	found, attempts, err := d.deliveries.Get(ctx, s.scope, c.Param("id"))
	if err != nil {
		return err
	}
	var endpoints []endpoint.Endpoint
	if endpoints, _, err = d.endpoints.List(ctx, s.scope, page.Page{Number: 1, Size: nameLimit}, ""); err != nil {
		return err
	}
	v := detail{
		deliveryRow: deliveryRowOf(found, names(endpoints)[found.EndpointID]),
		Error:       found.Error, Finished: found.FinishedAt.Time, ContentType: found.ContentType,
		Body: ui.Exact(found.Body, maxBody), Timeline: timeline(attempts), Waiting: found.FinishedAt.IsZero(),
	}
	if len(v.Timeline) > maxAttempts {
		v.Hidden = len(v.Timeline) - maxAttempts
		v.Timeline = v.Timeline[:maxAttempts]
	}
	if found.Status == delivery.Dead {
		v.Replay = "curl -X POST " + s.base + "/api/v1/webhooks/dead-letters/" + found.ID + "/replay \\\n  -H 'Authorization: Bearer " + keyStart(s) + "…'"
	}
	return d.render(c, s, http.StatusOK, "delivery", "Delivery of "+found.EventType, v)
}

func timeline(attempts []delivery.Attempt) []attemptRow {
	out := make([]attemptRow, 0, len(attempts))
	for i, a := range attempts {
		r := attemptRow{
			ID: a.ID, Number: a.Number, Status: a.Status, Method: a.Method, URL: a.URL,
			Reason: reason(a.ErrorCode), Error: a.Error, Started: a.StartedAt.Time, Open: i == len(attempts)-1,
		}
		r.Sent, r.SentMore = ui.Headers(a.RequestHeaders.V)
		if a.ResponseStatus != nil {
			r.Answered, r.HTTP, r.HTTPText = true, *a.ResponseStatus, http.StatusText(*a.ResponseStatus)
			r.Received, r.ReceivedMore = ui.Headers(a.ResponseHeaders.V)
			r.Answer, r.Truncated = ui.Exact(a.ResponseBody, maxAnswer), a.ResponseTruncated
		}
		if r.Finished = !a.FinishedAt.IsZero(); r.Finished {
			r.Took = a.FinishedAt.Sub(a.StartedAt.Time)
		}
		if i > 0 {
			r.Since = a.StartedAt.Sub(attempts[i-1].StartedAt.Time)
		}
		out = append(out, r)
	}
	slices.Reverse(out)
	return out
}
