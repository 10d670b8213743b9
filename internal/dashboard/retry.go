package dashboard

import (
	"cmp"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/profile"
)

// mostAttempts is the contract's limit.
const mostAttempts = 50

// preview is when each attempt of a form's policy would be made; nil when the policy can't be understood.
func preview(form inhouse.Body) []time.Duration {
	var p profile.Policy
	raw, err := io.ReadAll(form.Reader())
	if err != nil || json.Unmarshal(raw, &p) != nil || len(p.Check()) > 0 {
		return nil
	}
	if len(p.Schedule) == 0 {
		p.Multiplier = cmp.Or(p.Multiplier, profile.DefaultMultiplier)
		p.MaxAttempts = cmp.Or(p.MaxAttempts, profile.DefaultMaxAttempts)
	}
	if p.MaxAttempts < 0 || p.MaxAttempts > mostAttempts {
		return nil
	}
	return p.Preview()
}

// policyText describes a policy in one line.
func policyText(p api.RetryPolicy) string {
	if p.Schedule != nil {
		return "after " + strings.Join(*p.Schedule, ", ")
	}
	if p.Initial == nil {
		return ""
	}
	text := "first after " + *p.Initial
	if p.Multiplier != nil {
		text += ", each delay " + strconv.FormatFloat(*p.Multiplier, 'f', -1, 64) + " times the previous one"
	}
	if p.MaxInterval != nil {
		text += ", at most " + *p.MaxInterval
	}
	if p.MaxAttempts != nil {
		text += ", " + strconv.Itoa(*p.MaxAttempts) + " attempts"
	}
	return text
}

// requestSample is an example of a profile's requests.
type requestSample struct {
	EventType string
	Headers   []ui.Header
	Body      ui.Text
}

// sampleOf builds a request of the profile for the first of the types that is subscribed to; nil when there is none, or
// the profile is unknown.
func (v *visit) sampleOf(name string, types []api.EventType, chosen []string) *requestSample {
	p, known := profile.Find(name)
	if !known || len(types) == 0 {
		return nil
	}
	picked := types[0]
	for _, t := range types {
		ours, _ := v.canonical(t)
		if p.Wants("*", ours) && len(chosen) == 0 || wanted(p, chosen, ours) {
			picked = t
			break
		}
	}
	ours, sample := v.canonical(picked)
	headers, body, err := p.Example(ours, sample, time.Now().UTC())
	if err != nil {
		return nil
	}
	flat := map[string]string{}
	for name, values := range headers {
		flat[name] = strings.Join(values, ", ")
	}
	s := &requestSample{EventType: p.EventName(ours), Body: ui.Pretty(body, maxBody)}
	s.Headers, _ = ui.Headers(flat)
	return s
}

func wanted(p profile.Profile, patterns []string, eventType string) bool {
	for _, pattern := range patterns {
		if p.Wants(pattern, eventType) {
			return true
		}
	}
	return false
}
