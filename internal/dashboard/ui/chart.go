package ui

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"
)

// The coordinates of charts; the page stretches them to the room that there is.
const (
	chartWidth  = 720.0
	chartHeight = 160.0
)

// Bar is one column of Bars: three parts from the bottom up, each a rectangle.
type Bar struct {
	X, Width float64
	Parts    []Part
	Title    string // what it says in words
}

// Part is a part of a column; Kind is a class of the stylesheet.
type Part struct {
	Kind      string
	Y, Height float64
}

// Bars is a chart of columns: successes, failures and others over time.
type Bars struct {
	Columns []Bar
	Top     int       // the highest column
	First   time.Time // when it begins
	Last    time.Time
	Empty   bool
	Text    string // the chart in a sentence
}

var barKinds = [3]string{"good", "bad", "mute"}

// NewBars draws n columns; at gives the beginning of each and its parts, each column being step long.
func NewBars(n int, at func(i int) (time.Time, [3]int), step time.Duration) Bars {
	b := Bars{Empty: true}
	var sums [3]int
	for i := range n {
		_, parts := at(i)
		total := 0
		for k, p := range parts {
			total += p
			sums[k] += p
		}
		b.Top = max(b.Top, total)
	}
	b.Empty = b.Top == 0
	for i := range n {
		t, parts := at(i)
		if i == 0 {
			b.First = t
		}
		b.Last = t.Add(step)
		b.Columns = append(b.Columns, bar(i, n, b.Top, t, parts))
	}
	b.Text = fmt.Sprintf("%d succeeded, %d failed and %d others; at most %d in one of %d parts.", sums[0], sums[1],
		sums[2], b.Top, n)
	return b
}

func bar(i, n, top int, t time.Time, parts [3]int) Bar {
	step := chartWidth / float64(n)
	column := Bar{X: float64(i)*step + step*.12, Width: step * .76}
	column.Title = t.UTC().Format("Jan 2 15:04 UTC") + ": " + strconv.Itoa(parts[0]) + " succeeded, " +
		strconv.Itoa(parts[1]) + " failed, " + strconv.Itoa(parts[2]) + " others"
	y := chartHeight
	for k, p := range parts {
		if p == 0 {
			continue
		}
		height := max(2, chartHeight*float64(p)/float64(max(1, top)))
		y = max(0, y-height)
		column.Parts = append(column.Parts, Part{barKinds[k], y, height})
	}
	return column
}

// Lines is a chart of two durations over time, in milliseconds.
type Lines struct {
	Low, High   template.HTMLAttr // the d of two paths; empty when there is nothing to draw
	Top         float64           // what the upper edge stands for
	First, Last time.Time
	Empty       bool
	Text        string
}

// NewLines draws n points of each line; at gives the time and the values, nil where there is none.
func NewLines(n int, at func(i int) (t time.Time, low, high *float64), step time.Duration) Lines {
	l := Lines{Empty: true}
	for i := range n {
		t, low, high := at(i)
		if i == 0 {
			l.First = t
		}
		l.Last = t.Add(step)
		for _, v := range []*float64{low, high} {
			if v != nil {
				l.Empty, l.Top = false, max(l.Top, *v)
			}
		}
	}
	l.Low = l.path(n, func(i int) *float64 { _, low, _ := at(i); return low })
	l.High = l.path(n, func(i int) *float64 { _, _, high := at(i); return high })
	l.Text = "no deliveries"
	if !l.Empty {
		l.Text = "at most " + Took(time.Duration(l.Top*float64(time.Millisecond)))
	}
	return l
}

// path draws one line, broken where there is no value; a point without neighbours is a dash.
func (l *Lines) path(n int, value func(i int) *float64) template.HTMLAttr {
	var b strings.Builder
	step := chartWidth / float64(n)
	for i := range n {
		v := value(i)
		if v == nil {
			continue
		}
		x, y := step*(float64(i)+.5), chartHeight-2-(chartHeight-6)**v/max(l.Top, 1)
		before, after := i > 0 && value(i-1) != nil, i+1 < n && value(i+1) != nil
		switch {
		case before:
			fmt.Fprintf(&b, "L%.1f %.1f", x, y)
		case after:
			fmt.Fprintf(&b, "M%.1f %.1f", x, y)
		default:
			fmt.Fprintf(&b, "M%.1f %.1fH%.1f", x-step*.4, y, x+step*.4)
		}
	}
	return template.HTMLAttr(`d="` + b.String() + `"`) //nolint:gosec // letters and digits
}

// Spark is a small chart of shares from 0 to 1, one column each, 100 wide and 20 high.
type Spark struct {
	Bars []SparkBar
	Text string
}

// SparkBar is a column of a Spark.
type SparkBar struct {
	X, Y, Width, Height float64
	Kind                string
}

// NewSpark draws shares; nil stands for nothing to be a share of.
func NewSpark(shares []*float64) Spark {
	s := Spark{Text: "no failures"}
	step := 100 / float64(max(1, len(shares)))
	worst := 0.0
	for i, v := range shares {
		b := SparkBar{X: float64(i) * step, Width: step * .7, Y: 18, Height: 2, Kind: "mute"}
		if v != nil {
			worst = max(worst, *v)
			b.Kind = "good"
			if *v > 0 {
				b.Kind, b.Height = "bad", max(3, 20**v)
				b.Y = 20 - b.Height
			}
		}
		s.Bars = append(s.Bars, b)
	}
	if worst > 0 {
		s.Text = "at worst " + strconv.FormatFloat(worst*100, 'f', 0, 64) + " % failed"
	}
	return s
}
