package dashboard

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/hookline/hookline/gen/client"
)

// duration reads what the contract writes, such as 500ms, 30m or 2d.
func duration(text string) (time.Duration, bool) {
	text = strings.TrimSpace(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseFloat(days, 64)
		return time.Duration(n * float64(24*time.Hour)), err == nil
	}
	d, err := time.ParseDuration(text)
	return d, err == nil
}

// The contract's defaults of an exponential policy.
const (
	defaultMultiplier = 2
	defaultAttempts   = 6
	mostAttempts      = 50
)

// preview is when each attempt of a policy would be made, counted from the first, without jitter; nil when the policy
// can't be understood.
func preview(p client.RetryPolicy) []time.Duration {
	out := []time.Duration{0}
	if p.Schedule != nil {
		for _, text := range *p.Schedule {
			wait, ok := duration(text)
			if !ok {
				return nil
			}
			out = append(out, out[len(out)-1]+wait)
		}
		return out
	}
	if p.Initial == nil {
		return nil
	}
	initial, ok := duration(*p.Initial)
	if !ok {
		return nil
	}
	multiplier, attempts, most := float64(defaultMultiplier), defaultAttempts, time.Duration(math.MaxInt64)
	if p.Multiplier != nil {
		multiplier = *p.Multiplier
	}
	if p.MaxAttempts != nil {
		attempts = min(*p.MaxAttempts, mostAttempts)
	}
	if p.MaxInterval != nil {
		if most, ok = duration(*p.MaxInterval); !ok {
			return nil
		}
	}
	for wait := float64(initial); len(out) < attempts; wait *= multiplier {
		out = append(out, out[len(out)-1]+time.Duration(min(wait, float64(most), float64(365*24*time.Hour))))
	}
	return out
}

// policyText is a policy in a line.
func policyText(p client.RetryPolicy) string {
	if p.Schedule != nil {
		return "after " + strings.Join(*p.Schedule, ", ")
	}
	if p.Initial == nil {
		return ""
	}
	text := "first after " + *p.Initial
	if p.Multiplier != nil {
		text += ", each wait " + strconv.FormatFloat(*p.Multiplier, 'f', -1, 64) + " times the one before"
	}
	if p.MaxInterval != nil {
		text += ", at most " + *p.MaxInterval
	}
	if p.MaxAttempts != nil {
		text += ", " + strconv.Itoa(*p.MaxAttempts) + " attempts"
	}
	return text
}
