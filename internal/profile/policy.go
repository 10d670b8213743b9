package profile

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"time"

	"github.com/hookline/hookline/internal/problem"
)

// Duration is a wait with the text that it was parsed from, such as 30s or 2h.
type Duration struct {
	Text string
	time.Duration
}

var durationForm = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)$`)

var units = map[string]time.Duration{"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour,
	"d": 24 * time.Hour}

const maxWait = 7 * 24 * time.Hour

// ParseDuration reads a number and a unit (ms, s, m, h, d), at most seven days.
func ParseDuration(text string) (Duration, error) {
	m := durationForm.FindStringSubmatch(text)
	if m == nil {
		return Duration{}, errors.New("must be a duration such as 500ms, 5s, 30m, 2h or 1d")
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil || n*float64(units[m[2]]) > float64(maxWait) {
		return Duration{}, errors.New("must be at most 7d")
	}
	return Duration{Text: text, Duration: time.Duration(n * float64(units[m[2]]))}, nil
}

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.Text), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(b []byte) error {
	parsed, err := ParseDuration(string(b))
	*d = parsed
	return err
}

// Policy says when a failed delivery is tried again: by Schedule, the wait before each retry, or when that is empty
// by an exponential rule. It is kept as JSON in the contract's form.
type Policy struct {
	Schedule    []Duration `json:"schedule,omitempty"`
	Initial     *Duration  `json:"initial,omitempty"`
	Multiplier  float64    `json:"multiplier,omitempty"`
	MaxAttempts int        `json:"max_attempts,omitempty"`
	MaxInterval *Duration  `json:"max_interval,omitempty"`
	Jitter      float64    `json:"jitter"`
}

// The defaults of an exponential rule.
const (
	DefaultMultiplier  = 2
	DefaultMaxAttempts = 6
	DefaultJitter      = 0.2
)

// Check returns every contradiction in the policy.
func (p Policy) Check() []problem.Detail {
	exponential := p.Initial != nil || p.Multiplier != 0 || p.MaxAttempts != 0 || p.MaxInterval != nil
	switch {
	case len(p.Schedule) > 0 && exponential:
		return []problem.Detail{{Field: "retry_policy",
			Message: "takes either schedule, or initial with multiplier, max_attempts and max_interval, not both"}}
	case len(p.Schedule) == 0 && p.Initial == nil:
		return []problem.Detail{{Field: "retry_policy", Message: "needs schedule or initial"}}
	}
	return nil
}

// Attempts returns the total number of attempts of a delivery.
func (p Policy) Attempts() int {
	if len(p.Schedule) > 0 {
		return len(p.Schedule) + 1
	}
	return p.MaxAttempts
}

// Wait returns the wait after the failures-th failure (from 1) before the next attempt. random, from 0 to 1, selects
// the jitter. After the last attempt it is 0.
func (p Policy) Wait(failures int, random float64) time.Duration {
	if failures < 1 || failures >= p.Attempts() {
		return 0
	}
	wait := p.exponential(failures)
	if len(p.Schedule) > 0 {
		wait = float64(p.Schedule[failures-1].Duration)
	}
	return time.Duration(wait * (1 + p.Jitter*(2*random-1)))
}

func (p Policy) exponential(failures int) float64 {
	if p.Initial == nil {
		return 0
	}
	limit := float64(maxWait)
	if p.MaxInterval != nil {
		limit = float64(p.MaxInterval.Duration)
	}
	return min(limit, float64(p.Initial.Duration)*math.Pow(p.Multiplier, float64(failures-1)))
}

// Preview returns the time of each attempt, counted from the first and without jitter, if every attempt fails at once.
func (p Policy) Preview() []time.Duration {
	p.Jitter = 0
	out := make([]time.Duration, p.Attempts())
	for n := 1; n < len(out); n++ {
		out[n] = out[n-1] + p.Wait(n, 0)
	}
	return out
}
