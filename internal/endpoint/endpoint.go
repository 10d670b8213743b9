// Package endpoint has the endpoints of tenants: URLs with their subscriptions, secrets, authentication and throttles.
package endpoint

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/throttle"
)

// Reasons why an endpoint is disabled: its owner disabled it, it answered 410 Gone, or it failed for too long.
const (
	ReasonManual  = "manual"
	ReasonGone    = "gone"
	ReasonFailing = "failing"
)

// Endpoint is a row of endpoints. Headers, secrets and Auth are encrypted; see Store.Open.
type Endpoint struct {
	ID              string
	TenantID        string
	Environment     principal.Environment
	UserNumber      int64 // of the member whom it belongs to; 0 for the tenant
	Name            string
	NameKey         string // Name as searches and comparisons have it
	Description     string
	Metadata        db.JSON[map[string]string]
	URL             string
	URLKey          string // URL as searches have it
	Events          db.JSON[[]string]
	Method          string
	Headers         []byte
	Secret          []byte
	PreviousSecrets []byte // nil when there is none
	Auth            []byte // nil when there is none
	Profile         string
	Envelope        string // profile.Standard or profile.CloudEvents
	Signing         profile.Signing
	Ed25519Key      []byte // encrypted; nil until it is needed
	PublicKey       string // of Ed25519Key
	PreviousEd25519 []byte // encrypted; nil when there is none
	Filter          string // empty for all events that it subscribes to
	RetryPolicy     db.JSON[profile.Policy]
	RetryPolicies   db.JSON[map[string]profile.Policy] // by pattern; see PolicyFor
	Timeout         string                             // as its owner wrote it; empty for the server's
	TraceContext    bool                               // whether requests carry the trace context of their event
	Source          string                             // the tool that subscribed, if any
	SourceKey       *string
	ListenerUntil   db.Time // when a listener ends without a connection; zero for endpoints with a URL
	Enabled         bool
	DisabledReason  string
	CreatedAt       db.Time
	UpdatedAt       db.Time
	DeletedAt       db.Time

	ConsecutiveFailures int     // attempts since the last success
	FailingSince        db.Time // the first of them; zero while it succeeds
	LastFailureAt       db.Time // the last of them
	LastSuccessAt       db.Time // to the minute while nothing fails
	LastStatus          string  // of the delivery that was attempted last; empty before the first attempt

	RateLimit *int           // requests a second; nil for no limit
	Throttle  throttle.State `gorm:"embedded"`
}

// Scope is the tenant and the environment of the endpoint.
func (e Endpoint) Scope() principal.Scope {
	return principal.Scope{TenantID: e.TenantID, Environment: e.Environment}
}

// Subscribes says whether the endpoint subscribes to a type.
func (e Endpoint) Subscribes(eventType string) bool {
	p, _ := profile.Find(e.Profile)
	return slices.ContainsFunc(e.Events.V, func(pattern string) bool { return p.Wants(pattern, eventType) })
}

// Concerns says whether the endpoint may get an event that concerns the member with a number, 0 for the tenant: the
// member's endpoints alone get the member's events.
func (e Endpoint) Concerns(member int64) bool { return member == 0 || e.UserNumber == member }

// Settings are the settings of an endpoint that its owner can change.
type Settings struct {
	Name        string
	URL         string
	Events      []string
	Method      string
	Headers     map[string]string // in the clear
	Profile     string
	Envelope    string
	Signing     profile.Signing
	Policy      profile.Policy
	Enabled     bool
	Resume      bool // the owner says that it takes events again; only when changing
	Suspended   bool // Hookline disabled it; only when changing
	Rate        *int // requests a second; nil for no limit
	Description string
	Metadata    map[string]string
	Filter      string
	Policies    map[string]profile.Policy
	Timeout     string
	// TraceContext says whether requests carry the trace context of their event.
	TraceContext bool
	Auth         Auth
	Secret       string // the owner's own; only when creating
	Source       string // only when creating
	Listener     bool   // whether the endpoint is a listener, which never changes
}

// rules are the rules that settings are checked against.
type rules struct {
	profiles     []string
	checkPattern func(string) bool
	typeAt       func(p profile.Profile, name string) (near string, known bool) // see eventtype.Types.At
	checkURL     func(string) error
	longest      time.Duration // timeout that the server allows
	now          time.Time
}

// normalize brings the URLs into the form that is stored and sent; check refuses those that have none.
func (s *Settings) normalize() {
	s.URL = egress.NormalizeURL(s.URL)
	if s.Auth.TokenURL != "" {
		s.Auth.TokenURL = egress.NormalizeURL(s.Auth.TokenURL)
	}
}

// check returns everything that is wrong with settings.
func (s Settings) check(r rules) []problem.Detail {
	p, _ := profile.Find(s.Profile)
	var details []problem.Detail
	if !slices.Contains(r.profiles, s.Profile) {
		details = append(details, problem.Detail{Field: "profile",
			Message: "must be one of " + strings.Join(r.profiles, ", ")})
	}
	if s.Name == "" && s.Source == "" && p.UniqueNames {
		details = append(details, problem.Detail{Field: "name", Message: "is required in the profile " + p.Name +
			": provide a unique name, such as Lead Tracking Webhook"})
	}
	details = append(details, p.Check(s.Envelope, s.Signing)...)
	if s.Listener {
		details = append(details, s.checkListener()...)
	} else if err := r.checkURL(s.URL); err != nil {
		details = append(details, problem.Detail{Field: "url", Message: err.Error()})
	}
	if len(s.Events) == 0 {
		details = append(details, problem.Detail{Field: "events", Message: "is required"})
	}
	if p.NeedsBody && s.Method == http.MethodGet {
		details = append(details, problem.Detail{Field: "method", Message: "can't be GET in the profile " + p.Name +
			": the lead is in the body of the request; use POST, PUT or PATCH"})
	}
	for i, pattern := range s.Events {
		field := fmt.Sprintf("events[%d]", i)
		message := checkPattern(p, pattern, r)
		if message == "" && slices.Contains(s.Events[:i], pattern) {
			message = "is listed twice"
		}
		if message != "" {
			details = append(details, problem.Detail{Field: field, Message: message})
		}
	}
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(s.Headers)) {
		message := checkHeader(p, name, s.Headers[name])
		if folded := strings.ToLower(name); seen[folded] {
			message = "is given twice; the names of headers don't differ by case"
		} else {
			seen[folded] = true
		}
		if message != "" {
			details = append(details, problem.Detail{Field: "headers." + name, Message: message})
		}
	}
	details = append(details, s.Policy.Check()...)
	details = append(details, s.checkOptions(r)...)
	return append(details, s.Auth.check(r, s.URL, s.Headers)...)
}

// reserved headers are set by Hookline, or belong to a connection and not to a request.
var reserved = []string{
	"host", "content-length", "content-type", "connection", "keep-alive", "proxy-authenticate", "proxy-authorization",
	"proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "accept-encoding", "expect",
}

func checkHeader(p profile.Profile, name, value string) string {
	lower := strings.ToLower(name)
	switch {
	case !httpguts.ValidHeaderFieldName(name):
		return "is not a header name"
	case slices.Contains(reserved, lower), p.Sets(name):
		return "is set by Hookline and can't be changed"
	case !httpguts.ValidHeaderFieldValue(value):
		return "has a value that contains a line break or another control character"
	}
	return ""
}

func find(headers map[string]string, name string) (string, bool) {
	for n, value := range headers {
		if strings.EqualFold(n, name) {
			return value, true
		}
	}
	return "", false
}
