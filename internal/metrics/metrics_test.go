package metrics_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hookline/hookline/internal/metrics"
)

func TestWhatIsReadAtAScrapeIsNotReadForThePage(t *testing.T) {
	t.Parallel()
	m, read := metrics.New("test"), 0
	m.RegisterScraped(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "hookline_far_away", Help: "Read elsewhere."},
		func() float64 {
			read++
			return 7
		}))
	sums, err := m.Sums()
	if _, found := sums["hookline_far_away"]; err != nil || found || read != 0 {
		t.Errorf("metrics of the page: got %v, %v and %d reads, want it left out and not read", sums, err, read)
	}
	if _, found := sums["hookline_events_total"]; !found {
		t.Errorf("metrics of the page: got %v, want hookline_events_total", sums)
	}
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{"hookline_far_away 7", "hookline_events_total 0"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("scrape: got %s, want %s", w.Body, want)
		}
	}
}
