package dashboard

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
)

// endpointBody is an endpoint's form as the API takes it. Of an endpoint that exists, fresh is false, an emptied field
// is cleared, and one that the form doesn't have is left as it is.
func endpointBody(form url.Values, fresh bool) inhouse.Body {
	body := inhouse.Body{}
	for _, name := range []string{"url", "name", "description"} {
		if body.Text(name, form.Get(name)); !fresh && form.Has(name) {
			body[name] = strings.TrimSpace(form.Get(name))
		}
	}
	for _, name := range []string{"method", "profile", "envelope", "signing", "secret"} {
		body.Text(name, form.Get(name))
	}
	for _, name := range []string{"filter", "timeout"} {
		if body.Text(name, form.Get(name)); body[name] == nil && !fresh && form.Has(name) {
			body[name] = nil
		}
	}
	if events := subscriptions(form); len(events) > 0 || !fresh {
		body["events"] = events
	}
	for _, name := range []string{"headers", "metadata"} {
		if pairs := inhouse.Pairs(form.Get(name)); len(pairs) > 0 || !fresh && form.Has(name) {
			body[name] = pairs
		}
	}
	rate := inhouse.Body{}
	if rate.Integer("requests", form.Get("rate_limit")); len(rate) > 0 || !fresh && form.Has("rate_limit") {
		body["rate_limit"] = rate
	}
	if policy := policyOf(form); policy != nil {
		body["retry_policy"] = policy
	}
	if policies := policiesOf(form.Get("retry_policies")); len(policies) > 0 || !fresh && form.Has("retry_policies") {
		body["retry_policies"] = policies
	}
	if auth := authOf(form); auth != nil {
		body["auth"] = auth
	}
	if form.Get("trace_context") != "" || !fresh && form.Has("timeout") { // an unticked box sends nothing
		body["trace_context"] = form.Get("trace_context") != ""
	}
	if fresh && form.Get("disabled") != "" {
		body["enabled"] = false
	}
	return body
}

// subscriptions are the ticked and the typed event types.
func subscriptions(form url.Values) []string {
	out := append([]string{}, form["event"]...)
	out = append(out, inhouse.Words(form.Get("events_more"))...)
	slices.Sort(out)
	return slices.Compact(out)
}

// policyOf is the retry policy of a form; nil when the form leaves it as it is.
func policyOf(form url.Values) inhouse.Body {
	policy := inhouse.Body{}
	switch form.Get("retry") {
	case "schedule":
		policy["schedule"] = append([]string{}, inhouse.Words(form.Get("schedule"))...)
	case "exponential":
		policy.Text("initial", form.Get("initial"))
		policy.Decimal("multiplier", form.Get("multiplier"))
		policy.Text("max_interval", form.Get("max_interval"))
		policy.Integer("max_attempts", form.Get("max_attempts"))
		policy.Decimal("jitter", form.Get("jitter"))
	default:
		return nil
	}
	return policy
}

// policiesOf reads the retry policies of some events, each a line: "invoice.*: 5s, 5m, 30m", or
// "lead.created: initial=1s multiplier=2 max_attempts=6 max_interval=1h".
func policiesOf(text string) map[string]any {
	out := map[string]any{}
	for events, value := range inhouse.Pairs(text) {
		words, _ := value.(string)
		policy := inhouse.Body{}
		if strings.Contains(words, "=") {
			for _, word := range inhouse.Words(words) {
				name, typed, _ := strings.Cut(word, "=")
				policy.Decimal(name, typed)
			}
		} else {
			policy["schedule"] = append([]string{}, inhouse.Words(words)...)
		}
		out[events] = policy
	}
	return out
}

// policiesText is what policiesOf reads.
func policiesText(policies api.RetryPolicies) string {
	var b strings.Builder
	for _, events := range slices.Sorted(maps.Keys(policies)) {
		b.WriteString(events + ": " + policyWords(policies[events]) + "\n")
	}
	return b.String()
}

func policyWords(p api.RetryPolicy) string {
	if p.Schedule != nil {
		return strings.Join(*p.Schedule, ", ")
	}
	var words []string
	add := func(name, value string) { words = append(words, name+"="+value) }
	if p.Initial != nil {
		add("initial", *p.Initial)
	}
	if p.Multiplier != nil {
		add("multiplier", decimal(*p.Multiplier))
	}
	if p.MaxAttempts != nil {
		add("max_attempts", strconv.Itoa(*p.MaxAttempts))
	}
	if p.MaxInterval != nil {
		add("max_interval", *p.MaxInterval)
	}
	if p.Jitter != nil {
		add("jitter", decimal(*p.Jitter))
	}
	return strings.Join(words, " ")
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// authFields are the fields of each method of authentication.
var authFields = map[string][]string{
	"none":   nil,
	"basic":  {"username", "password"},
	"oauth2": {"token_url", "client_id", "client_secret", "scope", "token_endpoint_auth_method"},
	"mtls":   {"certificate", "private_key"},
}

// authOf is how the endpoint's requests authenticate; nil when the form leaves it as it is.
func authOf(form url.Values) inhouse.Body {
	kind := form.Get("auth")
	if kind == "" {
		return nil
	}
	auth := inhouse.Body{"type": kind}
	for _, name := range authFields[kind] {
		auth.Text(name, form.Get("auth."+name))
	}
	return auth
}

// endpointValues fills the form with what an endpoint is.
func endpointValues(w api.Webhook) url.Values {
	values := url.Values{
		"name": {w.Name}, "url": {w.URL}, "description": {w.Description}, "event": w.Events, "method": {w.Method},
		"profile": {string(w.Profile)}, "envelope": {string(w.Envelope)}, "signing": {string(w.Signing)},
		"filter": {inhouse.Or(w.Filter)}, "timeout": {inhouse.Or(w.Timeout)},
		"headers": {pairsText(w.Headers)}, "metadata": {pairsText(w.Metadata)},
		"retry_policies": {policiesText(w.RetryPolicies)}, "auth": {string(w.Auth.Type)},
	}
	if w.TraceContext {
		values.Set("trace_context", "yes")
	}
	if n := w.RateLimit.Requests; n != nil {
		values.Set("rate_limit", strconv.Itoa(*n))
	}
	for name, value := range map[string]*string{
		"username": w.Auth.Username, "password": w.Auth.Password, "token_url": w.Auth.TokenURL,
		"client_id": w.Auth.ClientID, "client_secret": w.Auth.ClientSecret, "scope": w.Auth.Scope,
		"certificate": w.Auth.Certificate, "private_key": w.Auth.PrivateKey,
	} {
		if value != nil {
			values.Set("auth."+name, *value)
		}
	}
	if m := w.Auth.TokenEndpointAuthMethod; m != nil {
		values.Set("auth.token_endpoint_auth_method", string(*m))
	}
	return values
}

// pairsText is what inhouse.Pairs reads.
func pairsText(pairs map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		b.WriteString(name + ": " + pairs[name] + "\n")
	}
	return b.String()
}
