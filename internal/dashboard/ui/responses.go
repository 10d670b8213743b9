package ui

import (
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
	Columns     []ResponseBar
	Top         time.Duration // what the upper edge stands for
	P50, P95    time.Duration
	First, Last time.Time
	Text        string
}

// ResponseBar is a column of Responses.
type ResponseBar struct {
	X, Y, Width, Height float64
	Cut                 bool // it is higher than the chart
	Kind, Title, Href   string
}

// responsesWidth is how wide the chart is drawn; the page stretches it.
const responsesWidth = 720.0

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
	r.First, r.Last = all[0].At, all[len(all)-1].At
	step := responsesWidth / float64(max(len(all), 20))
	for i, one := range all {
		height := max(2, chartHeight*float64(one.Took)/float64(r.Top))
		b := ResponseBar{X: float64(i)*step + step*.12, Width: step * .76, Kind: one.Kind, Href: one.Href,
			Title: Took(one.Took) + ", " + one.Note + ", " + one.At.UTC().Format("Jan 2 15:04:05 UTC")}
		b.Height, b.Cut = min(height, chartHeight), height > chartHeight
		b.Y = chartHeight - b.Height
		r.Columns = append(r.Columns, b)
	}
	r.Text = "p50 " + Took(r.P50) + ", p95 " + Took(r.P95) + ", of the latest delivery"
	if n := len(all); n > 1 {
		r.Text = "p50 " + Took(r.P50) + ", p95 " + Took(r.P95) + ", of the latest " + strconv.Itoa(n) + " deliveries"
	}
	return r
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
