package ui

import "time"

// Day is a column of a chart of days: calls that were answered, refused (4xx) and failed (5xx).
type Day struct {
	Date                      time.Time
	Answered, Refused, Failed int64
}

// Total is all of them.
func (d Day) Total() int64 { return d.Answered + d.Refused + d.Failed }

// NewDays draws one column for each day.
func NewDays(days []Day) Bars {
	a := Axis{Step: 24 * time.Hour, N: len(days), Days: true}
	if len(days) > 0 {
		a.From = days[0].Date
	}
	kinds := []Kind{{"good", "succeeded"}, {"c4", "rejected (4xx)"}, {"bad", "failed (5xx)"}}
	return NewBars(a, kinds, func(i int) []int {
		return []int{int(days[i].Answered), int(days[i].Refused), int(days[i].Failed)}
	}, nil)
}
