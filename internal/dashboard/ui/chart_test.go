package ui

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func texts(ticks []Tick) string {
	var out []string
	for _, t := range ticks {
		out = append(out, t.Text)
	}
	return strings.Join(out, " ")
}

func TestATimeAxisHasThreeToFiveLabelsNoneInTheFuture(t *testing.T) {
	t.Parallel()
	const hour, day = time.Hour, 24 * time.Hour
	dates := Axis{From: noon.Truncate(day).AddDate(0, 0, -6), Step: day, N: 7, Days: true}
	axis := func(ago, step time.Duration, n int, now time.Duration) Axis {
		return Axis{From: noon.Add(-ago), Step: step, N: n, Now: noon.Add(now)}
	}
	for name, c := range map[string]struct {
		axis Axis
		want string
	}{
		"an hour":   {axis(58*time.Minute, 2*time.Minute, 30, time.Minute), "11:02 11:22 11:42 now"},
		"a day":     {axis(23*hour, hour, 24, time.Minute), "13:00 21:00 05:00 now"},
		"a week":    {axis(162*hour, 6*hour, 28, hour), "Nov 23 Nov 26 Nov 28 now"},
		"a month":   {axis(29*day, day, 30, hour), "Nov 1 Nov 11 Nov 21 now"},
		"the past":  {axis(48*hour, hour, 24, 0), "12:00 20:00 04:00 12:00"},
		"UTC dates": {dates, "Nov 24 Nov 26 Nov 28 Nov 30"},
		"two":       {axis(0, hour, 2, 90*time.Minute), "12:00 13:00 now"},
		"nothing":   {Axis{}, ""},
	} {
		got := c.axis.ticks()
		if texts(got) != c.want {
			t.Errorf("%s: got labels %q, want %q", name, texts(got), c.want)
		}
		for i, tick := range got {
			if i > 0 && tick.X-got[i-1].X > 1.7*got[1].X {
				t.Errorf("%s: got no label between %s and %s, want none missing", name, got[i-1].Text, tick.Text)
			}
			at, err := time.Parse(time.RFC3339, tick.At)
			if err == nil && !c.axis.Now.IsZero() && at.After(c.axis.Now) {
				t.Errorf("%s: got a label at %s, want none after %s", name, at, c.axis.Now)
			}
		}
	}
}

func TestACountAxisHasRoundLabelsUpToTheHighestColumn(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]struct{ top, step int }{
		0: {1, 1}, 1: {1, 1}, 3: {3, 1}, 4: {4, 1}, 5: {6, 2}, 9: {10, 5}, 91: {100, 50}, 100: {100, 50},
		120: {150, 50}, 1234: {1500, 500}, 1_000_000: {1_000_000, 500_000},
	} {
		if top, step := scale(n); top != want.top || step != want.step {
			t.Errorf("scale up to %d: got %d in steps of %d, want %d in steps of %d", n, top, step, want.top, want.step)
		}
	}
}

func TestBarsAreProportional(t *testing.T) {
	t.Parallel()
	kinds := []Kind{{"good", "succeeded"}, {"bad", "dead"}}
	for _, c := range []struct {
		counts []int
		top    int // of the axis
		want   []float64
	}{
		{[]int{88, 3}, 100, []float64{140.8, 4.8}},
		{[]int{0, 3}, 100, []float64{0, 4.8}},
		{[]int{50, 50}, 100, []float64{80, 80}},
		{[]int{9999, 1}, 10_000, []float64{159, 1}}, // one is seen, and the whole is not higher
		{[]int{0, 0}, 1, []float64{0, 0}},
	} {
		got := map[string]float64{}
		for _, p := range stack(kinds, c.counts, c.top) {
			got[p.Class] = p.Height
			if p.Y < 0 || p.Y+p.Height > chartHeight+.01 {
				t.Errorf("%v: got a part from %.2f, %.2f high, want it inside of %.0f", c.counts, p.Y, p.Height,
					chartHeight)
			}
		}
		for k, kind := range kinds {
			if math.Abs(got[kind.Class]-c.want[k]) > .02 {
				t.Errorf("%v of %d: got %.2f pixels %s, want %.2f", c.counts, c.top, got[kind.Class], kind.Name,
					c.want[k])
			}
		}
	}
}

func TestBarsSayAndLinkWhatTheyShow(t *testing.T) {
	t.Parallel()
	axis := Axis{From: noon.Add(-time.Hour), Step: time.Hour, N: 2, Now: noon.Add(10 * time.Minute)}
	counts := [][]int{{88, 3}, {0, 0}}
	b := NewBars(axis, []Kind{{"good", "succeeded"}, {"bad", "dead"}}, func(i int) []int { return counts[i] },
		func(from, to time.Time) string {
			return fmt.Sprintf("%s to %s", from.Format("15:04"), to.Format("15:04"))
		})
	first, last := b.Stacks[0], b.Stacks[1]
	if first.Says != "88 succeeded, 3 dead" || first.When != "Nov 30 11:00–12:00 UTC" ||
		first.Href != "11:00 to 12:00" {
		t.Errorf("first column: got %+v, want what it counts, when, and a link", first.Column)
	}
	if last.Href != "" || last.To != "" || last.When != "Nov 30 12:00 UTC–now" || len(last.Parts) != 0 {
		t.Errorf("empty column that goes on: got %+v, want no link, no parts and no end in the future", last)
	}
	if got := texts(b.Counts); got != "0 50 100" {
		t.Errorf("labels: got %q, want 0 50 100", got)
	}
	empty := NewBars(axis, []Kind{{"good", "succeeded"}}, func(int) []int { return []int{0} }, nil)
	if !empty.Empty || empty.Links {
		t.Errorf("without counts: got %+v, want an empty chart", empty)
	}
}

func TestDurationsAreOnALogarithmicAxis(t *testing.T) {
	t.Parallel()
	ms := func(v ...float64) []float64 { return v }
	for name, c := range map[string]struct {
		low, high []float64 // negative for none
		labels    string
		y         float64 // of the first high value
	}{
		"one decade":  {ms(20), ms(31.6228), "10 ms 100 ms", 80},
		"an outlier":  {ms(20, 20), ms(100, 90_000), "10 ms 100 ms 1 s 10 s 1 min 10 min", 126.5},
		"the least":   {ms(10), ms(10), "1 ms 10 ms", 0},
		"none at all": {ms(-1), ms(-1), "", 0},
	} {
		value := func(v []float64, i int) *float64 {
			if v[i] < 0 {
				return nil
			}
			return &v[i]
		}
		l := NewLines(Axis{From: noon, Step: time.Hour, N: len(c.low)}, "p50", "p95", func(i int) (low, high *float64) {
			return value(c.low, i), value(c.high, i)
		}, nil)
		if got := texts(l.Durations); got != c.labels || l.Empty != (c.labels == "") {
			t.Errorf("%s: got labels %q, empty %t, want %q", name, got, l.Empty, c.labels)
		}
		if l.Empty {
			continue
		}
		var x, y float64
		if _, err := fmt.Sscanf(string(l.High), `d="M%f %f`, &x, &y); err != nil || math.Abs(y-c.y) > 1 {
			t.Errorf("%s: got %s, %v, want it to begin %.1f pixels from the top", name, l.High, err, c.y)
		}
	}
}

func TestSparklinesShowTheSuccessRate(t *testing.T) {
	t.Parallel()
	rate := func(f float64) *float64 { return &f }
	for name, c := range map[string]struct {
		rates           []*float64
		good, bad, none string
		text            string
	}{
		"all well":        {[]*float64{rate(1)}, "M0 0h80v20h-80z", "", "", "at worst 100 %"},
		"three of ninety": {[]*float64{rate(1 - 3.0/91)}, "M0 1h80v19h-80z", "M0 0h80v1h-80z", "", "at worst 97 %"},
		"half":            {[]*float64{rate(.5)}, "M0 10h80v10h-80z", "M0 0h80v10h-80z", "", "at worst 50 %"},
		"none succeeded":  {[]*float64{rate(0)}, "", "M0 0h80v20h-80z", "", "at worst 0 %"},
		"no deliveries":   {[]*float64{nil}, "", "", "M0 19h80v1h-80z", "no deliveries"},
	} {
		s := NewSpark(c.rates)
		got := []string{string(s.Good), string(s.Bad), string(s.None), s.Text}
		want := []string{`d="` + c.good + `"`, `d="` + c.bad + `"`, `d="` + c.none + `"`, c.text}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
