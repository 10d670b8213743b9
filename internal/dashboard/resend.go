package dashboard

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

// selectedMost is how many deliveries one form replays; more are replayed by a filter.
const selectedMost = inhouse.PerPage

func replaySelected(v *visit) error {
	ids := v.Request().Form["id"]
	if len(ids) == 0 || len(ids) > selectedMost {
		return &inhouse.Refusal{Status: http.StatusBadRequest, Message: "Select between 1 and " +
			strconv.Itoa(selectedMost) + " deliveries."}
	}
	back := v.FormValue("back")
	if !strings.HasPrefix(back, "/app/") {
		back = "/app/deliveries"
	}
	for _, id := range ids {
		_, err := inhouse.Read[api.Delivery](v.API.ReplayDelivery(v.Ctx, id, nil))
		if r, ok := inhouse.Invalid(err); ok && r.Status != http.StatusConflict {
			return r
		} else if !ok && err != nil {
			return err
		}
	}
	return v.Back(back, "replayed")
}

// bulk is the preview of a bulk replay.
type bulk struct {
	What           string // is replayed, in the right number
	Action, Back   string
	Fields         []ui.Header // the filter
	Total, Skipped int
	Reasons        []inhouse.ReasonCount
	Twice          bool // consumers may get some for the second time
}

// replayMatching first counts the deliveries that a filter matches, and makes the job once the visitor has confirmed
// the count.
func replayMatching(v *visit) error {
	f := filterOf(v.Field)
	u, err := v.usable(f)
	if err != nil {
		return err
	}
	if len(u.Faults) > 0 { // a filter that is not whole would replay more than was meant
		return &inhouse.Refusal{Status: http.StatusBadRequest, Message: strings.Join(u.Faults, " ")}
	}
	body := api.DeliveryBulk{Filter: u.wire(), DryRun: new(v.FormValue("do") != "replay")}
	if *body.DryRun {
		p, err := inhouse.Read[api.BulkPreview](v.API.ReplayDeliveries(v.Ctx, nil, body))
		if err != nil {
			return plainBulk(err)
		}
		what := "deliveries"
		if p.Total == 1 {
			what = "delivery"
		}
		status := u.Value("status")
		return v.render(http.StatusOK, "bulk", "Replay deliveries", bulk{
			What: what, Action: "/app/deliveries/replay-all", Back: "/app/deliveries" + f.Query(), Fields: f.Values(),
			Total: p.Total, Skipped: p.Skipped, Reasons: inhouse.ReasonCounts(p.SkipReasons, reason),
			Twice: status == "" || status == "succeeded",
		})
	}
	job, err := inhouse.Read[api.Job](v.API.ReplayDeliveries(v.Ctx, nil, body))
	if err != nil {
		return plainBulk(err)
	}
	return v.Redirect(http.StatusSeeOther, "/app/jobs/"+url.PathEscape(job.ID))
}

// plainBulk says what is wrong with the filter of a bulk replay in words of the page.
func plainBulk(err error) error {
	r, ok := inhouse.Invalid(err)
	if !ok || r.Fields["filter"] == "" {
		return err
	}
	return &inhouse.Refusal{Status: r.Status, Code: r.Code, Message: "The filter " + r.Fields["filter"] + "."}
}

func (u usable) wire() api.DeliveryFilter {
	p := u.params("", 0, false)
	return api.DeliveryFilter{
		Status:    inhouse.Opt[api.DeliveryFilterStatus](u.Value("status")),
		WebhookID: p.WebhookID, EventID: p.EventID, EventType: p.EventType, HTTPClass: p.HTTPClass,
		HTTPStatus: p.HTTPStatus, Reason: p.Reason, Text: p.Text, From: p.From, To: p.To,
	}
}
