package sender

import (
	"net/http"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/egress"
)

func TestRetryAfterIsReadInBothFormsAndCapped(t *testing.T) {
	t.Parallel()
	date := func(d time.Duration) string { return noon.Add(d).Format(http.TimeFormat) }
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "1": time.Second, " 120 ": 2 * time.Minute, "3600": time.Hour, "3601": time.Hour,
		"99999999999999999999999999": time.Hour, "-1": 0, "+1": 0, "1.5": 0, "soon": 0, "1s": 0, "1 2": 0,
		date(90 * time.Second): 90 * time.Second, date(-time.Minute): 0, date(0): 0, date(48 * time.Hour): time.Hour,
		noon.Add(time.Minute).Format(time.RFC850): time.Minute, noon.Add(time.Minute).Format(time.ANSIC): time.Minute,
		"Tue, 03 Feb 2026 12:01:00 +0100": 0,
	} {
		if got := parseRetryAfter(text, noon); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestRetryAfterCountsOnlyFromAnEndpointThatIsOverloaded(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{200: false, 302: false, 400: false, 429: true, 500: false, 502: true,
		503: true, 504: true} {
		got := RetryAfter(&egress.Response{Status: status, Header: http.Header{"Retry-After": {"7"}}}, noon)
		if want != got.Equal(noon.Add(7*time.Second)) || want == got.IsZero() {
			t.Errorf("wait after %d: got %s, want another", status, got)
		}
	}
	if got := RetryAfter(nil, noon); !got.IsZero() {
		t.Errorf("wait without an answer: got %s, want none", got)
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, text := range []string{"", "1", "3600", "Tue, 03 Feb 2026 12:01:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT",
		"-5", "1e9"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := parseRetryAfter(text, noon); got < 0 || got > maxRetryAfter {
			t.Errorf("wait for %q: got %s, want another", text, got)
		}
	})
}
