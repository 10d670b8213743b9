package ui

import (
	"strings"
	"testing"
	"time"
)

func TestASlowResponseDoesNotFlattenTheOthers(t *testing.T) {
	t.Parallel()
	if r := NewResponses(nil); len(r.Columns) != 0 {
		t.Fatalf("columns of no deliveries: got %d, want 0", len(r.Columns))
	}
	var all []Response
	for i := range 100 {
		all = append(all, Response{At: time.Unix(int64(i), 0), Took: 40 * time.Millisecond, Kind: "good"})
	}
	all[99].Took = time.Minute
	r := NewResponses(all)
	if r.Top != 200*time.Millisecond || r.P50 != 40*time.Millisecond || r.P95 != 40*time.Millisecond {
		t.Errorf("chart: got %v, p50 %v, p95 %v, want 200ms, 40ms, 40ms", r.Top, r.P50, r.P95)
	}
	if last := r.Columns[99]; !last.Cut || last.Height != chartHeight || r.Columns[0].Height != chartHeight/5 {
		t.Errorf("columns: got %v and %v high, want 32, and 160 that is cut", r.Columns[0].Height, last.Height)
	}
	if !strings.Contains(r.Columns[99].Says, "1 min") || all[0].Took != 40*time.Millisecond {
		t.Errorf("read-out: got %q, want the whole duration in it", r.Columns[99].Says)
	}
}

func TestTheResponseChartHasAxesWithUnits(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		n         int
		every     time.Duration
		durations string
		times     string
	}{
		{1, time.Minute, "0 ms 25 ms 50 ms", "09:00"}, {8, time.Minute, "0 ms 25 ms 50 ms", "09:00"},
		{20, time.Minute, "0 ms 25 ms 50 ms", "09:00 09:06 09:12 09:19"},
		{100, time.Hour, "0 ms 25 ms 50 ms", "Nov 21 Nov 22 Nov 23 Nov 25"},
	} {
		var all []Response
		for i := range c.n {
			all = append(all, Response{At: at.Add(time.Duration(i) * c.every), Took: 40 * time.Millisecond})
		}
		r := NewResponses(all)
		texts := func(ticks []Tick) string {
			var out []string
			for _, t := range ticks {
				out = append(out, t.Text)
			}
			return strings.Join(out, " ")
		}
		if got := texts(r.Durations); got != c.durations {
			t.Errorf("y axis of %d deliveries: got %q, want %q", c.n, got, c.durations)
		}
		if got := texts(r.Times); got != c.times {
			t.Errorf("x axis of %d deliveries: got %q, want %q", c.n, got, c.times)
		}
	}
}

func TestTimesAreSaidRelativeToNow(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_000_000, 0)
	for d, want := range map[time.Duration]string{0: "now", 5 * time.Second: "5 s ago", -90 * time.Second: "in 1 min",
		59 * time.Minute: "59 min ago", 47 * time.Hour: "47 h ago", -72 * time.Hour: "in 3 d"} {
		if got := Ago(now.Add(-d), now); got != want {
			t.Errorf("Ago of %v: got %q, want %q", d, got, want)
		}
	}
}
