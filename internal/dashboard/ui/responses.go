package ui

import (
	"math"
	"slices"
	"strconv"
	"time"
)

// Response is one delivery in a chart of Responses.
type Response struct {
	At   time.Time
	Took time.Duration
	Kind string // class of the stylesheet: good, bad, warn
	Note string // what came back, in words
	Href string
}

// Responses is a chart of how long an endpoint took to answer, a column for each delivery, oldest first. Columns are
// cut at Top, so that one slow answer does not flatten all others.
type Responses struct {
	Columns   []ResponseBar
	BarWidth  float64       // in percent
	Top       time.Duration // what the upper edge stands for
	Durations []Tick        // labels of the y axis
	Times     []Tick        // labels of the x axis: when the delivery above each was created
	P50, P95  time.Duration
	Text      string
}

// ResponseBar is a column of Responses.
type ResponseBar struct {
	Column
	BarX      float64 // where its bar begins
	Y, Height float64
	Cut       bool // it is higher than the chart
	Kind      string
}

// fewest is how many columns there is room for at least, so that few deliveries don't make a wall.
const fewest = 20

// NewResponses draws deliveries, oldest first.
func NewResponses(all []Response) Responses {
	var r Responses
	if len(all) == 0 {
		return r
	}
	sorted := make([]time.Duration, len(all))
	for i, one := range all {
		sorted[i] = one.Took
	}
	r.P50, r.P95 = quantile(sorted, 50), quantile(sorted, 95)
	r.Top = roundUp(min(quantile(sorted, 100), 3*r.P95))
	r.Durations = []Tick{{Y: chartHeight, Text: "0 ms"}, {Y: chartHeight / 2, Text: Took(r.Top / 2)},
		{Text: Took(r.Top)}}
	step := 100 / float64(max(len(all), fewest))
	r.BarWidth = round(step * barShare)
	for i, one := range all {
		at := one.At.UTC()
		b := ResponseBar{Kind: one.Kind, BarX: round((float64(i) + (1-barShare)/2) * step),
			Column: Column{X: round(float64(i) * step), Width: round(step), When: at.Format("Jan 2 15:04:05 UTC"),
				From: at.Format(time.RFC3339), To: at.Format(time.RFC3339), Says: Took(one.Took) + ", " + one.Note,
				Href: one.Href}}
		height := max(2, chartHeight*float64(one.Took)/float64(r.Top))
		b.Height, b.Cut = round(min(height, chartHeight)), height > chartHeight
		b.Y = round(chartHeight - b.Height)
		r.Columns = append(r.Columns, b)
	}
	r.Times = responseTimes(all, step)
	r.Text = "p50 " + Took(r.P50) + ", p95 " + Took(r.P95) + ", of the latest delivery"
	if n := len(all); n > 1 {
		r.Text = "p50 " + Took(r.P50) + ", p95 " + Took(r.P95) + ", of the latest " + strconv.Itoa(n) + " deliveries"
	}
	return r
}

// responseTimes labels as many columns, of step percent, as there is room for, the last one at its end.
func responseTimes(all []Response, step float64) []Tick {
	days := all[len(all)-1].At.Sub(all[0].At) > 25*time.Hour
	tick := func(i int) Tick {
		t := all[i].At.UTC()
		out := Tick{X: round(float64(i) * step), Text: t.Format("15:04"), At: t.Format(time.RFC3339), Form: "time"}
		if days {
			out.Text, out.Form = t.Format("Jan 2"), "day"
		}
		return out
	}
	last := len(all) - 1
	end := tick(last)
	end.X, end.Edge = round(float64(len(all))*step), true
	every := int(math.Ceil(tickRoom / step))
	out := []Tick{tick(0)}
	for i := every; end.X-float64(i)*step >= tickRoom; i += every {
		out = append(out, tick(i))
	}
	if end.X >= 2*tickRoom {
		out = append(out, end)
	}
	return out
}

// quantile sorts durations and returns the one that a share in percent is not beyond.
func quantile(d []time.Duration, percent int) time.Duration {
	slices.Sort(d)
	return d[max(0, (len(d)*percent+99)/100-1)]
}

// roundUp is the next duration whose first digit is 1, 2 or 5 and whose others are 0, and at least 10 ms.
func roundUp(d time.Duration) time.Duration {
	for unit := 10 * time.Millisecond; ; unit *= 10 {
		for _, n := range []time.Duration{1, 2, 5} {
			if d <= n*unit {
				return n * unit
			}
		}
	}
}
