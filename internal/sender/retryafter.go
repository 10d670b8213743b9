package sender

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/hookline/hookline/internal/egress"
)

// maxRetryAfter is how long an endpoint can put us off at a time.
const maxRetryAfter = time.Hour

// Overloaded says whether an answer means that the endpoint, or what stands before it, can't keep up.
func Overloaded(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// RetryAfter is before when an overloaded endpoint wants no request; zero when it did not say, or said nothing that
// can be read.
func RetryAfter(r *egress.Response, now time.Time) time.Time {
	if r == nil || !Overloaded(r.Status) {
		return time.Time{}
	}
	wait := parseRetryAfter(r.Header.Get("Retry-After"), now)
	if wait <= 0 {
		return time.Time{}
	}
	return now.Add(wait)
}

// parseRetryAfter reads both forms of the header (RFC 9110, 10.2.3), seconds and a date. What is too long is cut to
// maxRetryAfter; what lies in the past, or can't be read, is 0.
func parseRetryAfter(text string, now time.Time) time.Duration {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0
	}
	if strings.Trim(text, "0123456789") == "" {
		seconds, err := strconv.ParseInt(text, 10, 64)
		if err != nil || seconds > int64(maxRetryAfter/time.Second) {
			return maxRetryAfter // more digits than a number holds is a long time too
		}
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxRetryAfter)
}
