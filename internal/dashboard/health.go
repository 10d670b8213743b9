package dashboard

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

// shownIssues is how many endpoints the overview names; the list of endpoints has the others.
const shownIssues = 5

// health is the first thing on the overview: the endpoints that need attention.
type health struct {
	Issues    []issue
	Heading   string
	Failing   int    // how many endpoints fail, those that are not shown included
	All       string // in words: the endpoints of which only some are shown; empty when all are
	AllHref   string // their list
	Endpoints int    // of the tenant that the page knows
}

// issue is an endpoint that needs attention, in words.
type issue struct {
	ID, Name, URL          string
	Word, Kind, Icon       string // its state
	Since                  time.Time
	For                    string // how long that is
	Why                    string // the last error
	Message                string // the same in full
	DeliveryID             string // that has it
	Errors                 []share
	Waiting, Throttled     int
	Dead                   int
	Next                   time.Time
	In                     string // how long until Next
	Button                 string // what helps now; empty when the visitor may not do it
	MayRecover             bool
	RecoverHref, WaitsHref string
}

func healthOf(h api.WebhookHealth, endpoints int, mayWrite, mayRecover bool, now time.Time) health {
	out := health{Endpoints: endpoints, Failing: h.Failing}
	for _, w := range h.Data[:min(len(h.Data), shownIssues)] {
		out.Issues = append(out.Issues, issueOf(w, mayWrite, mayRecover, now))
	}
	n, word, more := h.Failing, "failing", ""
	if n == 0 {
		n, word = len(h.Data), "throttled"
		if !h.Complete && n > shownIssues {
			more = "At least "
		}
	}
	out.Heading = plural(n, "endpoint") + " are " + word
	if n == 1 {
		out.Heading = "1 endpoint is " + word
	}
	out.Heading = more + out.Heading
	if n > shownIssues {
		out.All = "All " + word + " endpoints"
		out.AllHref = "/app/endpoints?" + url.Values{"state": {word},
			"sort": {string(api.ListWebhooksParamsSortFailureRate)}}.Encode()
	}
	return out
}

func issueOf(w api.WebhookIssue, mayWrite, mayRecover bool, now time.Time) issue {
	path := "/app/endpoints/" + url.PathEscape(w.WebhookID)
	i := issue{
		ID: w.WebhookID, Name: w.Name, URL: w.URL, Since: inhouse.Or(w.Since), Waiting: w.Waiting,
		Throttled: w.Throttled, Dead: w.Dead, Next: inhouse.Or(w.NextAttemptAt),
		Message: inhouse.Or(w.LastError.Message), DeliveryID: inhouse.Or(w.LastError.DeliveryID),
		Why:        errorText(inhouse.Or(w.LastError.Reason), inhouse.Or(w.LastError.ResponseStatus)),
		MayRecover: mayRecover && w.Dead > 0, RecoverHref: path + "#recover",
		WaitsHref: "/app/deliveries?" + url.Values{"webhook_id": {w.WebhookID}}.Encode(),
	}
	if i.Name == "" {
		i.Name = w.URL
	}
	if !i.Since.IsZero() {
		i.For = about(now.Sub(i.Since))
	}
	if i.Next.After(now) {
		i.In = about(i.Next.Sub(now))
	}
	if status, err := w.LastError.ResponseStatus.Get(); err == nil && status > 0 {
		i.Message = "" // it says the same
	}
	for _, e := range w.Errors {
		i.Errors = append(i.Errors, share{Name: errorText(e.Reason, inhouse.Or(e.ResponseStatus)), Count: e.Count})
	}
	button := "Retry now"
	switch w.State {
	case api.WebhookIssueStateDisabled:
		i.Word, i.Kind, i.Icon, button = "disabled", "no", "off", "Enable"
		i.Why = disabled(inhouse.Or(w.DisabledReason))
	case api.WebhookIssueStateCircuitOpen, api.WebhookIssueStateFailing:
		i.Word, i.Kind, i.Icon = "failing", "no", "bad"
	case api.WebhookIssueStateThrottled:
		i.Word, i.Kind, i.Icon, button = "throttled", "maybe", "waiting", ""
	}
	if mayWrite && (w.Waiting > 0 || w.State == api.WebhookIssueStateDisabled) {
		i.Button = button
	}
	return i
}

// about is a duration in the unit that people would use.
func about(d time.Duration) string {
	unit := time.Second
	switch {
	case d >= 48*time.Hour:
		return plural(int(d/(24*time.Hour)), "day")
	case d >= 2*time.Minute:
		unit = time.Minute
	}
	return strings.TrimSuffix(ui.Took(max(d.Round(unit), time.Second)), " 0 min")
}

// errorText is an error in a few words, such as "503 Service Unavailable".
func errorText(code string, status int) string {
	if status == 0 {
		return reason(code)
	}
	text := strconv.Itoa(status)
	if name := http.StatusText(status); name != "" {
		text += " " + name
	}
	return text
}

// tile is a metric of the period.
type tile struct {
	Title, Value, Kind string // Kind is a class for the value: bad, warn or empty
	Icon               string
	Notes              []note
	Change             *change // against the period before; nil when there is nothing to compare with
}

// note is a line below the value of a tile.
type note struct{ Text, Href, Kind string }

// change is a difference to the period before, in words.
type change struct{ Text, Kind string } // Kind is good, bad or empty for neither

// tilesOf shows statistics; failing is how many endpoints fail, beside which a high rate would mislead.
func tilesOf(s api.DeliveryStats, failing int) []tile {
	was := s.Previous
	rate := tile{Title: "Success rate", Value: percent(inhouse.Or(s.SuccessRate), s.SuccessRate.IsNull()),
		Notes: []note{{Text: ui.Count(s.Succeeded) + " succeeded"}}}
	if failing > 0 {
		rate.Kind = "bad"
		rate.Notes = append(rate.Notes, note{Text: plural(failing, "endpoint") + " failing", Kind: "bad"})
	}
	if in := s.Failing + s.Waiting; in > 0 {
		rate.Notes = append(rate.Notes, note{Text: ui.Count(in) + " waiting", Kind: "warn"})
	}
	if now, err := s.SuccessRate.Get(); err == nil && !was.SuccessRate.IsNull() {
		rate.Change = changeOfRate(now, inhouse.Or(was.SuccessRate))
	}
	all := tile{Title: "Deliveries", Value: ui.Count(s.Total), Notes: []note{{Text: ui.Count(s.Cancelled) +
		" cancelled", Href: "/app/deliveries?status=cancelled"}}, Change: changeOf(s.Total, was.Total, "")}
	waits := tile{Title: "Waiting", Value: ui.Count(s.Failing + s.Waiting), Icon: "waiting",
		Notes: []note{{Text: ui.Count(s.Failing) + " retrying", Href: "/app/deliveries?status=retrying"},
			{Text: ui.Count(s.Waiting) + " pending", Href: "/app/deliveries?status=pending"},
			{Text: ui.Count(s.Throttled) + " throttled"}}}
	if s.Failing+s.Waiting > 0 {
		waits.Kind = "warn"
	}
	if s.Throttled > 0 {
		waits.Notes[2].Kind = "warn"
	}
	dead := tile{Title: "Dead letters", Value: ui.Count(s.Dead), Icon: "dead", Notes: []note{{Text: "View and replay",
		Href: "/app/dead-letters"}}, Change: changeOf(s.Dead, was.Dead, "bad")}
	if s.Dead > 0 {
		dead.Kind = "bad"
	}
	return []tile{rate, all, waits, dead,
		durations("Response time", api.DeliveryLatency(s.ResponseTime), api.DeliveryLatency(was.ResponseTime)),
		durations("Time to delivery", s.Latency, was.Latency)}
}

func durations(title string, now, was api.DeliveryLatency) tile {
	t := tile{Title: title, Value: latency(now.P50Ms.Get()), Notes: []note{{Text: "p50"},
		{Text: "p95 " + latency(now.P95Ms.Get())}, {Text: "p99 " + latency(now.P99Ms.Get())}}}
	if before, err := was.P50Ms.Get(); err == nil && !now.P50Ms.IsNull() {
		t.Change = changeOf(inhouse.Or(now.P50Ms), before, "bad")
	}
	return t
}

// changeOf is the change of a count in percent; more is a kind for a growth, and its opposite for a decline.
func changeOf(now, was int, more string) *change {
	switch {
	case was == 0:
		return nil
	case now == was:
		return &change{Text: "unchanged"}
	}
	c := &change{Text: signed(100*float64(now-was)/float64(was), 0) + " %"}
	if more != "" {
		c.Kind = more
		if now < was {
			c.Kind = map[string]string{"bad": "good", "good": "bad"}[more]
		}
	}
	return c
}

// changeOfRate is the change of a share in percentage points.
func changeOfRate(now, was float64) *change {
	points := 100 * (now - was)
	text := signed(points, 1)
	switch {
	case text == "+0.0" || text == "−0.0":
		return &change{Text: "unchanged"}
	case points < 0:
		return &change{text + " points", "bad"}
	}
	return &change{text + " points", "good"}
}

func signed(f float64, digits int) string {
	if f < 0 {
		return "−" + strconv.FormatFloat(-f, 'f', digits, 64)
	}
	return "+" + strconv.FormatFloat(f, 'f', digits, 64)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return ui.Count(n) + " " + noun + "s"
}
