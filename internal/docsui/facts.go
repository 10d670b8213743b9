package docsui

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/ratelimit"
)

// own stands for the product of the edition.
const own = "own"

// fact writes what a guide asks for, from where the program itself has it: <!--retries leadie-->.
func (s *site) fact(e *edition, name, about string) (string, error) {
	if name == "contract" {
		return e.section(about)
	}
	if name == "errors" {
		return s.errorCodes(e), nil
	}
	if about == own {
		about = e.name
	}
	p, ok := profile.Find(about)
	if !ok {
		return "", fmt.Errorf("docsui: <!--%s %s-->: there is no such profile", name, about)
	}
	switch name {
	case "summary":
		return summaryOf(p), nil
	case "headers":
		return headersOf(p), nil
	case "retries":
		return retriesOf(p), nil
	case "events":
		return s.eventsOf(p), nil
	case "example":
		headers, body, err := s.exampleOf(p)
		return "```http\n" + wire(headers, body) + "```\n", err
	case "publish":
		return s.publishOf(p)
	case "permissions":
		return "`" + strings.Join(s.contract.PermissionsOf(p.Sells), "`, `") + "`", nil
	}
	return "", fmt.Errorf("docsui: <!--%s %s-->: there is no such fact", name, about)
}

// summaryOf is the table of a profile's conventions.
func summaryOf(p profile.Profile) string {
	keys := fmt.Sprintf("`%s…` for live data, `%s…` for test data", p.Keys.Live, p.Keys.Test)
	if p.Keys.Live == p.Keys.Test {
		keys = fmt.Sprintf("`%s…` in both environments", p.Keys.Live)
	}
	if p.Keys.OfUsers {
		keys += "; each belongs to a user"
	}
	limit := "by plan"
	if p.Calls.Limit.Requests > 0 {
		limit = fmt.Sprintf("%d requests each %s", p.Calls.Limit.Requests, window(p.Calls.Limit.Window))
	}
	limit += ", " + map[ratelimit.Kind]string{ratelimit.Key: "for each key",
		ratelimit.Tenant: "for all keys of the account together", ratelimit.User: "for all keys of a user together",
	}[p.Calls.Subject]
	signing := make([]string, len(p.Signing))
	for i, way := range p.Signing {
		signing[i] = "`" + string(way) + "`"
	}
	if len(signing) > 1 {
		signing[0] += " (the default)"
	}
	shown := "can be revealed later by those who may change endpoints; that is audited"
	if p.SecretOnce {
		shown = "is shown once, when the endpoint is created or the secret is rotated"
	}
	rows := [][2]string{
		{"API keys", keys}, {"Rate limit", limit}, {"Signing", strings.Join(signing, ", ")},
		{"Signing secret", shown}, {"Attempts of a delivery", fmt.Sprintf("%d: one at once and %d retries",
			p.Policy.Attempts(), p.Policy.Attempts()-1)},
	}
	var b strings.Builder
	b.WriteString("| | |\n|---|---|\n")
	for _, row := range rows {
		fmt.Fprintf(&b, "| %s | %s |\n", row[0], row[1])
	}
	return b.String()
}

func window(d time.Duration) string {
	return map[time.Duration]string{time.Minute: "minute", time.Hour: "hour"}[d]
}

// placeholder is what readers replace in a text.
var placeholder = regexp.MustCompile(`<\w+>`)

func headersOf(p profile.Profile) string {
	var b strings.Builder
	b.WriteString("| header | content |\n|---|---|\n")
	for _, h := range p.SignatureHeaders() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", h.Name, placeholder.ReplaceAllString(h.Text, "`$0`"))
	}
	return b.String()
}

func retriesOf(p profile.Profile) string {
	var b strings.Builder
	b.WriteString("| attempt | wait before it | time since the first attempt |\n|---|---|---|\n")
	before := time.Duration(0)
	for i, at := range p.Policy.Preview() {
		wait := "none"
		if i > 0 {
			wait = readable(at - before)
		}
		fmt.Fprintf(&b, "| %d | %s | %s |\n", i+1, wait, readable(at))
		before = at
	}
	fmt.Fprintf(&b, "\nEach wait varies by up to %.0f %%, so that many deliveries do not return at the same moment.\n",
		p.Policy.Jitter*100)
	return b.String()
}

// readable writes a wait as people do: 2 h 5 min.
func readable(d time.Duration) string {
	if d == 0 {
		return "0 s"
	}
	var parts []string
	for _, u := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if n := d / u.of; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, u.name))
			d -= n * u.of
		}
	}
	return strings.Join(parts, " ")
}

// eventsOf is the table of the events that a product has, by its own names.
func (s *site) eventsOf(p profile.Profile) string {
	var b strings.Builder
	b.WriteString("| event | when |\n|---|---|\n")
	seen := map[string]bool{}
	types := slices.Clone(s.contract.EventTypes)
	slices.SortStableFunc(types, func(a, b contract.EventType) int { // Hookline's own notices last
		return cmp.Compare(len(b.Resource), 0) - cmp.Compare(len(a.Resource), 0)
	})
	for _, t := range types {
		name, description := p.EventName(t.Name), t.Description
		if seen[name] || !p.Offers(t.Name, t.Resource) {
			continue
		}
		seen[name] = true
		if d, ok := s.contract.Delivered(p.Name, name); ok && d.Description != "" {
			description = d.Description
		}
		fmt.Fprintf(&b, "| [`%s`](%s/reference/payloads#%s) | %s |\n", name, baseOf(p.Name), anchorOf(name),
			oneLine(description))
	}
	return b.String()
}

// firstOf is the first event of a product, in its words, with the data of the sample.
func (s *site) firstOf(p profile.Profile) (name string, data []byte, err error) {
	for _, t := range s.contract.EventTypes {
		if t.Name == p.FirstEvent {
			data, err = p.FromCanonical(t.Name, t.Sample)
			return p.EventName(t.Name), data, err
		}
	}
	return "", nil, fmt.Errorf("docsui: %s has no first event", p.Name)
}

// exampleOf is the request about the first event of a product.
func (s *site) exampleOf(p profile.Profile) (http.Header, []byte, error) {
	name, data, err := s.firstOf(p)
	if err != nil {
		return nil, nil, err
	}
	return p.Example(name, data, exampleTime)
}

// publishOf is a call that publishes the first event of a product.
func (s *site) publishOf(p profile.Profile) (string, error) {
	name, data, err := s.firstOf(p)
	if err != nil {
		return "", err
	}
	call := curlSample(operation{Method: http.MethodPost, Path: "/api/v1/events", Permission: "write:events"},
		fmt.Appendf(nil, `{"type":%q,"data":%s}`, name, data))
	return "```bash\n" + call + "\n```\n", nil
}

// exampleTime is that of the contract's examples.
var exampleTime = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

func wire(headers http.Header, body []byte) string {
	var b strings.Builder
	b.WriteString("POST /hooks HTTP/1.1\n")
	names := make([]string, 0, len(headers))
	for name := range headers {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&b, "%s: %s\n", name, headers[name][0])
	}
	fmt.Fprintf(&b, "\n%s\n", indented(body))
	return b.String()
}

// errorCodes is the table of error codes with their statuses.
func (s *site) errorCodes(e *edition) string {
	var b strings.Builder
	b.WriteString("| code | status | what to do |\n|---|---|---|\n")
	enum := e.schema("Error").in("properties", "error", "properties", "code").list("enum")
	for _, raw := range enum {
		code := textOf(raw)
		fmt.Fprintf(&b, "| `%s` | %d | %s |\n", code, (&problem.Error{Code: problem.Code(code)}).Status(), advice[code])
	}
	return b.String()
}

// advice says for each error code what a caller does.
var advice = map[string]string{
	"validation_failed":      "Correct the request; `details` names every field that is wrong.",
	"unauthorized":           "Check the key: it is missing, misspelt, revoked, expired, or its network is not allowed.",
	"forbidden":              "Give the key the permission that the message names, or use another key.",
	"entitlement_required":   "The plan does not include this part of the API.",
	"insufficient_credits":   "The balance does not cover the price; both are in the body.",
	"quota_exceeded":         "Delete something or move to a larger plan; the body names the quota.",
	"not_found":              "Check the id. What belongs to somebody else is reported as absent, too.",
	"method_not_allowed":     "Use one of the methods in the header `Allow`.",
	"conflict":               "Read the current state, then decide; with an `Idempotency-Key`, wait and repeat.",
	"payload_too_large":      "Send less in one request.",
	"unsupported_media_type": "Send JSON with `Content-Type: application/json`.",
	"schema_mismatch":        "The data of the event does not match its schema; `details` says where.",
	"idempotency_mismatch":   "The `Idempotency-Key` was used with another body. Use a new one.",
	"unprocessable":          "The request is well formed and cannot be carried out; the message says why.",
	"rate_limited":           "Wait for the seconds in `Retry-After`, then repeat.",
	"unavailable":            "Repeat later, with growing waits and the same `Idempotency-Key`.",
	"internal":               "Repeat with the same `Idempotency-Key`; if it stays, quote `request_id` to support.",
}

var bold = regexp.MustCompile(`(?m)^\*\*([A-Z][^*]*)\.\*\*|^\*\*([A-Z][^*]*)\*\* have`)

// section is the part of the contract's introduction with a title in bold, without the title.
func (e *edition) section(title string) (string, error) {
	text := e.info.text("description")
	at := bold.FindAllStringSubmatchIndex(text, -1)
	for i, m := range at {
		name := ""
		for _, group := range []int{2, 4} {
			if m[group] >= 0 {
				name = text[m[group]:m[group+1]]
			}
		}
		if name != title {
			continue
		}
		end := len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		if m[2] < 0 { // the title is the subject of its sentence
			return text[m[0]:end], nil
		}
		return strings.TrimSpace(text[m[1]:end]), nil
	}
	return "", fmt.Errorf("docsui: the contract has no section %q", title)
}
