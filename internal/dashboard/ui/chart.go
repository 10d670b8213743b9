package ui

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Charts are drawn without knowing how wide they are: x is in percent, y in pixels.
const (
	chartHeight = 160.0
	barShare    = .76 // of its column
)

// Axis is the time axis of a chart: columns of equal length, the last of which may not be over yet.
type Axis struct {
	From time.Time
	Step time.Duration
	N    int
	Now  time.Time // nothing is labelled later than this
	Days bool      // columns are days of UTC, named by their date, not by the time at which they begin
}

// start is when the column at i begins.
func (a Axis) start(i int) time.Time { return a.From.Add(time.Duration(i) * a.Step) }

// over reports whether the column at i has ended.
func (a Axis) over(i int) bool { return a.Now.IsZero() || !a.start(i+1).After(a.Now) }

// width of a column in percent.
func (a Axis) width() float64 { return 100 / float64(max(1, a.N)) }

// Tick is a label of an axis: X in percent, or Y in pixels.
type Tick struct {
	X, Y float64
	Text string
	At   string // for the script, which writes a time in the reader's zone: RFC 3339; empty when Text is final
	Form string // "time" or "day": what the script writes
	Edge bool   // the last label, which ends where it stands
}

const (
	// mostTicks is how many labels a time axis has besides the one of its end.
	mostTicks = 4
	// tickRoom is how much room a label needs before that one, in percent: as much as "11:36 AM" has on a phone.
	tickRoom = 26
)

// ticks are the labels of the axis: three to five, each at the beginning of a column, and the last at the end.
func (a Axis) ticks() []Tick {
	if a.N == 0 {
		return nil
	}
	end := a.N // up to where columns are labelled
	if a.Days {
		end-- // the label of the end is that of the last column
	}
	every := a.N
	for n := mostTicks; n > 1; n-- { // the most labels that leave room before the end, so that none is missing there
		step := (a.N + n - 1) / n
		if last := (end - 1) / step * step; float64(a.N-last)*a.width() >= tickRoom {
			every = step
			break
		}
	}
	var out []Tick
	for i := 0; i < end; i += every {
		out = append(out, a.tick(i))
	}
	last := Tick{X: 100, Text: "now", Edge: true}
	if a.Days {
		last.Text = a.start(a.N - 1).Format("Jan 2")
	} else if a.over(a.N - 1) {
		last = a.tick(a.N)
		last.Edge = true
	}
	return append(out, last)
}

func (a Axis) tick(i int) Tick {
	t := a.start(i).UTC()
	out := Tick{X: round(float64(i) * a.width()), Text: t.Format("Jan 2"), At: t.Format(time.RFC3339), Form: "day"}
	switch {
	case a.Days:
		out.At, out.Form = "", ""
	case a.Step*time.Duration(a.N) <= 25*time.Hour:
		out.Text, out.Form = t.Format("15:04"), "time"
	}
	return out
}

// Column is the part of a chart that a pointer or the keyboard chooses.
type Column struct {
	X, Width float64
	From, To string // RFC 3339; the script writes them in the reader's zone. To is empty while the column goes on
	When     string // the same in words, for readers without the script
	Says     string // the values in words
	Href     string // where it leads; may be empty
}

func (a Axis) column(i int, says, href string) Column {
	from, to := a.start(i).UTC(), a.start(i+1).UTC()
	c := Column{X: round(float64(i) * a.width()), Width: round(a.width()), Says: says, Href: href}
	switch {
	case a.Days:
		c.When = from.Format("Mon, Jan 2")
	case a.over(i):
		c.From, c.To = from.Format(time.RFC3339), to.Format(time.RFC3339)
		c.When = from.Format("Jan 2 15:04") + "–" + to.Format("15:04 UTC")
	default:
		c.From, c.When = from.Format(time.RFC3339), from.Format("Jan 2 15:04 UTC")+"–now"
	}
	return c
}

// Kind is a kind of what Bars count: a class of the stylesheet, and its name.
type Kind struct{ Class, Name string }

// Stack is a column of Bars: its parts from the bottom up.
type Stack struct {
	Column
	BarX  float64 // where its bar begins
	Parts []Part
}

// Part is a part of a Stack.
type Part struct {
	Class     string
	Y, Height float64
}

// Bars is a chart of counts over time, in stacks.
type Bars struct {
	Stacks   []Stack
	BarWidth float64 // in percent
	Kinds    []Kind
	Counts   []Tick // labels of the y axis
	Times    []Tick // labels of the x axis
	Links    bool   // columns lead somewhere
	Empty    bool
	Text     string // the chart in a sentence
}

// NewBars draws the counts of each column, in the order of kinds; href is where a column leads and may be nil.
func NewBars(a Axis, kinds []Kind, counts func(i int) []int, href func(from, to time.Time) string) Bars {
	b := Bars{Kinds: kinds, Times: a.ticks(), BarWidth: round(a.width() * barShare), Links: href != nil}
	sums, most := make([]int, len(kinds)), 0
	for i := range a.N {
		total := 0
		for k, n := range counts(i) {
			total += n
			sums[k] += n
		}
		most = max(most, total)
	}
	b.Empty, b.Text = most == 0, say(kinds, sums)+fmt.Sprintf("; at most %s in one of %d columns.", Count(most), a.N)
	top, step := scale(most)
	for n := 0; n <= top; n += step {
		b.Counts = append(b.Counts, Tick{Y: height(top-n, top), Text: Count(n)})
	}
	for i := range a.N {
		n, to := counts(i), ""
		if href != nil && slices.Max(n) > 0 {
			to = href(a.start(i), a.start(i+1))
		}
		c := a.column(i, say(kinds, n), to)
		b.Stacks = append(b.Stacks, Stack{c, round(c.X + a.width()*(1-barShare)/2), stack(kinds, n, top)})
	}
	return b
}

// stack lays parts on each other. What is there is seen, so a part has at least a pixel, which the largest gives.
func stack(kinds []Kind, counts []int, top int) []Part {
	heights, total, largest := make([]float64, len(counts)), 0, 0
	for k, n := range counts {
		total += n
		if n > counts[largest] {
			largest = k
		}
		if n > 0 {
			heights[k] = max(1, height(n, top))
		}
	}
	sum := 0.0
	for _, h := range heights {
		sum += h
	}
	heights[largest] = max(min(1, heights[largest]), heights[largest]-max(0, sum-height(total, top)))
	var out []Part
	y := chartHeight
	for k, h := range heights {
		if h == 0 {
			continue
		}
		y = round(y - h)
		out = append(out, Part{kinds[k].Class, y, round(h)})
	}
	return out
}

// say names the counts in words.
func say(kinds []Kind, counts []int) string {
	parts := make([]string, len(counts))
	for k, n := range counts {
		parts[k] = Count(n) + " " + kinds[k].Name
	}
	return strings.Join(parts, ", ")
}

func height(n, top int) float64 { return round(chartHeight * float64(n) / float64(max(1, top))) }

// scale is the top of an axis that reaches n, and the step of its labels: 1, 2 or 5 with zeros, and at most four steps.
func scale(n int) (top, step int) {
	step = 1
	for power := 1; ; power *= 10 {
		for _, m := range []int{1, 2, 5} {
			if step = m * power; step*4 >= n {
				return max(step, (n+step-1)/step*step), step
			}
		}
	}
}

// round keeps two digits after the point: what is finer can't be seen.
func round(f float64) float64 { return math.Round(f*100) / 100 }

// Lines is a chart of two durations over time on a logarithmic scale.
type Lines struct {
	Columns   []Column
	Low, High template.HTMLAttr // the d of two paths, 100 wide
	Durations []Tick            // labels of the y axis
	Times     []Tick            // labels of the x axis
	Empty     bool
	Text      string
}

// decades are the durations in milliseconds that logarithmic axes begin, end and are labelled at.
var decades = []float64{1, 10, 100, 1e3, 10e3, 60e3, 600e3, 3600e3, 24 * 3600e3}

// NewLines draws two values of each column, in milliseconds and nil where there is none, such as p50 and p95; low and
// high name them.
func NewLines(a Axis, low, high string, values func(i int) (low, high *float64),
	href func(from, to time.Time) string) Lines {
	l := Lines{Empty: true, Times: a.ticks(), Text: "no values"}
	least, most := math.Inf(1), 0.0
	for i := range a.N {
		lo, hi := values(i)
		says, to := "no values", ""
		if lo != nil && hi != nil {
			says = low + " " + tookMS(*lo) + ", " + high + " " + tookMS(*hi)
			least, most, l.Empty = min(least, *lo), max(most, *hi), false
			if href != nil {
				to = href(a.start(i), a.start(i+1))
			}
		}
		l.Columns = append(l.Columns, a.column(i, says, to))
	}
	if l.Empty {
		return l
	}
	l.Text = low + " and " + high + ", at most " + tookMS(most)
	first, last := 0, len(decades)-1
	for first+1 < len(decades) && decades[first+1] < least {
		first++
	}
	for last > first+1 && decades[last-1] >= most {
		last--
	}
	y := func(ms float64) float64 {
		from, to := math.Log(decades[first]), math.Log(decades[last])
		return round(chartHeight * (1 - (math.Log(min(max(ms, decades[first]), decades[last]))-from)/(to-from)))
	}
	for _, d := range decades[first : last+1] {
		l.Durations = append(l.Durations, Tick{Y: y(d), Text: tookMS(d)})
	}
	l.Low = a.path(func(i int) *float64 { v, _ := values(i); return v }, y)
	l.High = a.path(func(i int) *float64 { _, v := values(i); return v }, y)
	return l
}

func tookMS(ms float64) string { return Took(time.Duration(ms * float64(time.Millisecond))) }

// path draws one line, broken where there is no value; a point without neighbours is a dash.
func (a Axis) path(value func(i int) *float64, y func(float64) float64) template.HTMLAttr {
	var b strings.Builder
	step := a.width()
	for i := range a.N {
		v := value(i)
		if v == nil {
			continue
		}
		x, at := step*(float64(i)+.5), y(*v)
		before, after := i > 0 && value(i-1) != nil, i+1 < a.N && value(i+1) != nil
		switch {
		case before:
			fmt.Fprintf(&b, "L%.2f %.1f", x, at)
		case after:
			fmt.Fprintf(&b, "M%.2f %.1f", x, at)
		default:
			fmt.Fprintf(&b, "M%.2f %.1fH%.2f", x-step*.4, at, x+step*.4)
		}
	}
	return template.HTMLAttr(`d="` + b.String() + `"`) //nolint:gosec // letters and digits
}

// Spark is a small chart of success rates over time, 100 wide and 20 high: what succeeded stands below what failed.
type Spark struct {
	Good, Bad, None template.HTMLAttr // the d of paths; None is for columns without deliveries
	Text            string
}

// NewSpark draws success rates from 0 to 1, one column each; nil stands for no deliveries.
func NewSpark(rates []*float64) Spark {
	var good, bad, none strings.Builder
	step, worst, some := 100/float64(max(1, len(rates))), 1.0, false
	for i, v := range rates {
		x, width := round(float64(i)*step), round(step*.8)
		if v == nil {
			bar(&none, x, 19, width, 1)
			continue
		}
		worst, some = min(worst, *v), true
		h := round(20 * *v)
		if *v < 1 {
			h = min(h, 19) // so that a failure is seen
			bar(&bad, x, 0, width, 20-h)
		}
		bar(&good, x, 20-h, width, h)
	}
	s := Spark{Good: d(&good), Bad: d(&bad), None: d(&none), Text: "no deliveries"}
	if some {
		s.Text = "at worst " + strconv.FormatFloat(worst*100, 'f', 0, 64) + " %"
	}
	return s
}

func bar(b *strings.Builder, x, y, width, height float64) {
	if height > 0 {
		fmt.Fprintf(b, "M%g %gh%gv%gh-%gz", x, y, width, round(height), width)
	}
}

func d(b *strings.Builder) template.HTMLAttr {
	return template.HTMLAttr(`d="` + b.String() + `"`) //nolint:gosec // letters and digits
}
