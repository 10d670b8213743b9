package inhouse

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

var (
	// Classes of HTTP answers, as the contract names them.
	Classes = []string{"2xx", "3xx", "4xx", "5xx", "none"}
	// LastReasons are why the last attempt of a dead letter may have failed.
	LastReasons = []string{"exhausted", "http_status", "timeout", "dns", "connect", "tls", "gone"}
)

// DeadFilter is the filter of a list of dead letters, as query parameters or form fields.
type DeadFilter struct{ Endpoint, Type, Reason, Class, From, To string }

// Active reports whether the filter narrows the list.
func (f DeadFilter) Active() bool { return f != DeadFilter{} }

// Values returns the filter as fields of a form.
func (f DeadFilter) Values() []ui.Header {
	return []ui.Header{
		{Name: "webhook_id", Value: f.Endpoint}, {Name: "event_type", Value: f.Type}, {Name: "reason", Value: f.Reason},
		{Name: "http_class", Value: f.Class}, {Name: "died_from", Value: f.From}, {Name: "died_to", Value: f.To},
	}
}

// DeadFilterOf reads the filter's fields.
func DeadFilterOf(value func(string) string) DeadFilter {
	return DeadFilter{
		Endpoint: value("webhook_id"), Type: value("event_type"), Reason: value("reason"), Class: value("http_class"),
		From: value("died_from"), To: value("died_to"),
	}
}

// Wire returns the filter as the API takes it.
func (f DeadFilter) Wire() (api.DeadLetterFilter, error) {
	from, err := Moment(f.From)
	if err != nil {
		return api.DeadLetterFilter{}, err
	}
	to, err := Moment(f.To)
	return api.DeadLetterFilter{
		WebhookID: Opt[string](f.Endpoint), EventType: Opt[string](f.Type), Reason: Opt[string](f.Reason),
		HTTPClass: Opt[api.HTTPClass](f.Class), DiedFrom: from, DiedTo: to,
	}, err
}

// Address is a page with fields as its parameters; empty ones are left out.
func Address(path string, fields []ui.Header) string {
	query := url.Values{}
	for _, f := range fields {
		if f.Value != "" {
			query.Set(f.Name, f.Value)
		}
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// Purge asks for the number of dead letters before all that a filter matches are deleted. whose they are may be empty;
// the list is at path, and the form is sent to what is below it.
func Purge(total int, whose, path string, filter []ui.Header) Confirmation {
	count, letters := strconv.Itoa(total), "dead letters"
	if total == 1 {
		letters = "dead letter"
	}
	return Confirmation{
		Heading: strings.TrimSpace("Delete "+ui.Count(total)+" "+letters+" "+whose) + "?", Name: count, What: "number",
		Button: "Delete permanently",
		Action: path + "/purge", Back: Address(path, filter), Fields: filter,
		Text: "A job deletes them with their attempts, in small steps. Deleted ones can't be seen or " +
			"replayed any more, even if the job is cancelled.",
	}
}

// ReasonCount is how many were passed over for a reason.
type ReasonCount struct {
	Reason string
	Count  int
}

// ReasonCounts are the reasons by code, each called as word says.
func ReasonCounts(m map[string]int, word func(code string) string) []ReasonCount {
	var out []ReasonCount
	for _, code := range slices.Sorted(maps.Keys(m)) {
		out = append(out, ReasonCount{word(code), m[code]})
	}
	return out
}

// jobWords say what kinds of jobs do.
var jobWords = map[string]string{
	"dead_letters.replay": "Replay of dead letters", "dead_letters.purge": "Purge of dead letters",
	"deliveries.replay": "Replay of deliveries", "webhook.recover": "Recovery of an endpoint",
	"followers.compare": "Comparison of followers",
	"encryption.rotate": "Encryption with another key",
}

// JobWord says what a kind of job does.
func JobWord[K ~string](kind K) string { return jobWords[string(kind)] }

// Progress says whether a job has yet to end, and how far it has got: 100 is said only of one that ended.
func Progress[S ~string](status S, gone, total int) (waits bool, percent int) {
	if status != "queued" && status != "running" {
		return false, 100
	}
	return true, min(99, 100*gone/max(1, total))
}
