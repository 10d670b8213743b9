package alert

import (
	"testing"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/endpoint"
)

func TestFeedbackDecidesTheThrottle(t *testing.T) {
	t.Parallel()
	start := time.Unix(1_000_000, 0)
	at := func(hours float64) db.Time { return db.At(start.Add(time.Duration(hours * float64(time.Hour)))) }
	ill := func(hours float64, failures int) endpoint.Endpoint {
		return endpoint.Endpoint{Enabled: true, ConsecutiveFailures: failures, FailingSince: at(0),
			LastFailureAt: at(hours)}
	}
	had := func(percent int, hours float64) warned { return warned{percent, at(hours).Time} }
	days := Limits{After: 100 * time.Hour}
	count := Limits{Failures: 1000}
	off := ill(500, 9)
	off.Enabled = false
	for name, c := range map[string]struct {
		e    endpoint.Endpoint
		w    warned
		l    Limits
		want signal
	}{
		"well":                                {endpoint.Endpoint{Enabled: true}, warned{}, days, signal{}},
		"off":                                 {off, had(90, 90), days, signal{}},
		"no limits":                           {ill(5000, 1_000_000), warned{}, Limits{}, signal{}},
		"before half":                         {ill(49.9, 9), warned{}, days, signal{}},
		"half":                                {ill(50, 9), warned{}, days, signal{warn: 50}},
		"half, warned":                        {ill(60, 9), had(50, 50), days, signal{}},
		"seventy":                             {ill(70, 9), had(50, 50), days, signal{warn: 70}},
		"seventy, unwarned: only the highest": {ill(75, 9), warned{}, days, signal{warn: 70}},
		"ninety":                              {ill(90, 9), had(70, 70), days, signal{warn: 90}},
		"the limit":                           {ill(100, 9), had(90, 90), days, signal{disable: true}},
		"past it, never warned":               {ill(300, 9), warned{}, days, signal{warn: 90}},
		"past it, warned an hour ago":         {ill(301, 9), had(90, 300), days, signal{}},
		"past it, warned two hours ago":       {ill(302, 9), had(90, 300), days, signal{disable: true}},
		"a flood in ten minutes":              {ill(0.2, 100_000), warned{}, count, signal{}},
		"a flood in half a day":               {ill(12, 100_000), warned{}, count, signal{warn: 50}},
		"as many, for a day":                  {ill(24, 1000), had(90, 22), count, signal{disable: true}},
		"few, for long":                       {ill(500, 400), warned{}, count, signal{}},
		"the nearer of both": {ill(30, 900), warned{}, Limits{After: 100 * time.Hour,
			Failures: 1000}, signal{warn: 90}},
		"failing from before this was looked at": {endpoint.Endpoint{Enabled: true, ConsecutiveFailures: 5,
			FailingSince: at(0)}, warned{}, days, signal{}},
	} {
		if got := evaluate(c.e, c.w, c.l); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
