package ui

import (
	"fmt"
	"time"
)

// Day is a column of a chart of days: calls that were answered, refused (4xx) and failed (5xx).
type Day struct {
	Date                      time.Time
	Answered, Refused, Failed int64
}

// Total is all of them.
func (d Day) Total() int64 { return d.Answered + d.Refused + d.Failed }

func (d Day) text() string {
	return fmt.Sprintf("%d succeeded, %d rejected, %d failed", d.Answered, d.Refused, d.Failed)
}

// NewDays draws one column for each day.
func NewDays(days []Day) Bars {
	b := Bars{Empty: true}
	var sum Day
	for _, d := range days {
		b.Top = max(b.Top, int(d.Total()))
		sum.Answered, sum.Refused, sum.Failed = sum.Answered+d.Answered, sum.Refused+d.Refused, sum.Failed+d.Failed
	}
	b.Empty = b.Top == 0
	step := chartWidth / float64(max(1, len(days)))
	for i, d := range days {
		column := Bar{X: float64(i)*step + step*.12, Width: step * .76, Title: d.Date.Format("Mon Jan 2") + ": " +
			d.text()}
		y := chartHeight
		for _, part := range []struct {
			kind string
			n    int64
		}{{"good", d.Answered}, {"c4", d.Refused}, {"bad", d.Failed}} {
			if part.n > 0 {
				height := max(2, chartHeight*float64(part.n)/float64(max(1, b.Top)))
				y = max(0, y-height)
				column.Parts = append(column.Parts, Part{part.kind, y, height})
			}
		}
		b.Columns = append(b.Columns, column)
		b.Last = d.Date
	}
	if len(days) > 0 {
		b.First = days[0].Date
	}
	b.Text = fmt.Sprintf("%s; at most %d a day.", sum.text(), b.Top)
	return b
}
