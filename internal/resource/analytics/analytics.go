// Package analytics computes statistics of the other resources. It is a read model: it has SQL of its own over their
// tables, does not depend on their code, and writes nothing. Each metric is one query that reads an index, and only the
// rows of the period.
package analytics

import (
	"time"

	"github.com/hookline/hookline/internal/problem"
)

// Period is from the first to the last day, both included, in UTC.
type Period struct{ First, Last time.Time }

const (
	defaultDays = 30
	maxDays     = 366
)

// newPeriod fills what the caller left out, and refuses an invalid period.
func newPeriod(first, last *time.Time, now time.Time) (Period, error) {
	p := Period{Last: now.UTC().Truncate(24 * time.Hour)}
	if last != nil {
		p.Last = *last
	}
	p.First = p.Last.AddDate(0, 0, 1-defaultDays)
	if first != nil {
		p.First = *first
	}
	day := p.Last.Format(time.DateOnly)
	if p.First.After(p.Last) {
		return p, problem.Invalid(problem.Detail{Field: "from", Message: "must not be after to, " + day})
	}
	if p.First.Before(p.Last.AddDate(0, 0, 1-maxDays)) {
		return p, problem.Invalid(problem.Detail{Field: "from", Message: "must be at most 366 days before to, " + day +
			", both included"})
	}
	return p, nil
}

// end is the moment after the last day.
func (p Period) end() time.Time { return p.Last.AddDate(0, 0, 1) }

// Count is the number of rows of one group.
type Count struct {
	Name  *string // nil for those without one
	Count int64
}

// Overview has all metrics of a period.
type Overview struct {
	Leads       Leads
	BlogPosts   map[string]int64 // by status
	SocialPosts map[string]int64
	Tickets     map[string]int64 // nil where the product has none
	Deliveries  Deliveries
	Followers   *Followers // nil where the product has none
}

// Deliveries counts those that ended in the period, and those that were created in it and are under way.
type Deliveries struct{ Succeeded, Dead, Cancelled, UnderWay int64 }

// Followers is the total number of followers of the tracked accounts.
type Followers struct{ Accounts, AtStart, AtEnd int64 }

// Leads counts the leads that were created in the period.
type Leads struct {
	Total              int64
	BySource, ByStatus []Count
}

// most limits the listed sources and statuses: callers name them, so there may be as many as leads.
const most = 100

func total(counts map[string]int64) int64 {
	var sum int64
	for _, n := range counts {
		sum += n
	}
	return sum
}

// successRate returns the share of succeeded among completed deliveries; nil when there are none.
func successRate(succeeded, dead int64) *float64 {
	if succeeded+dead == 0 {
		return nil
	}
	rate := float64(succeeded) / float64(succeeded+dead)
	return &rate
}
