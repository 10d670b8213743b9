package delivery

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
)

const (
	// statsMost is how many deliveries are counted at most, so that what a period costs has a limit.
	statsMost = 100_000
	// statsTypes and statsEndpoints are how many of them an answer names.
	statsTypes     = 20
	statsEndpoints = 100
)

// StatsPeriod is how far back figures go, and how long each part of them is.
type StatsPeriod struct{ Length, Step time.Duration }

// StatsPeriods are those that the contract names.
var StatsPeriods = map[string]StatsPeriod{
	"1h": {time.Hour, 2 * time.Minute}, "24h": {24 * time.Hour, time.Hour},
	"7d": {7 * 24 * time.Hour, 6 * time.Hour}, "30d": {30 * 24 * time.Hour, 24 * time.Hour},
}

// latencySteps are the milliseconds that latencies are rounded up to.
var latencySteps = []int{10, 25, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000, 30_000,
	60_000, 300_000, 1_800_000, 7_200_000, 86_400_000}

// Stats is how deliveries went. Series begins at From and has no gaps.
type Stats struct {
	From, To    time.Time
	Step        time.Duration
	Complete    bool
	Total       Tally
	Latency     Histogram
	Series      []StatsPoint
	Classes     map[int]int // by the first digit of the answer's status; 0 for none
	EventTypes  []TypeStats
	Endpoints   []EndpointStats
	ByStatus    map[Status]int
	firstBucket int64
}

// Tally is how many deliveries went well, are failing or dead, and everything else.
type Tally struct{ Succeeded, Failed, Other int }

// All is how many there are.
func (t Tally) All() int { return t.Succeeded + t.Failed + t.Other }

// Rate is the share of successes among what was decided or is failing; nil when there is none.
func (t Tally) Rate() *float64 {
	if t.Succeeded+t.Failed == 0 {
		return nil
	}
	rate := math.Round(float64(t.Succeeded)/float64(t.Succeeded+t.Failed)*10_000) / 10_000
	return &rate
}

func (t *Tally) add(s Status, n int) {
	switch s {
	case Succeeded:
		t.Succeeded += n
	case Dead, Retrying:
		t.Failed += n
	case Pending, Delivering, Cancelled:
		t.Other += n
	}
}

// StatsPoint is a part of the period.
type StatsPoint struct {
	At time.Time
	Tally
	Latency Histogram
}

// TypeStats and EndpointStats are the figures of one event type and of one endpoint.
type TypeStats struct {
	EventType string
	Tally
}

// EndpointStats has a Tally for each part of the series, too.
type EndpointStats struct {
	EndpointID string
	Tally
	Last   time.Time
	Series []Tally
}

// Histogram counts durations by latencySteps; the last place is for all that is longer.
type Histogram map[int]int

// Quantile is the step that so many are not beyond; nil when there are none.
func (h Histogram) Quantile(q float64) *int {
	total := 0
	for _, n := range h {
		total += n
	}
	if total == 0 {
		return nil
	}
	left := int(math.Ceil(q * float64(total)))
	for i := range latencySteps {
		if left -= h[i]; left <= 0 {
			return &latencySteps[i]
		}
	}
	return &latencySteps[len(latencySteps)-1]
}

// statsRow is a group of deliveries that are alike.
type statsRow struct {
	Bucket     int64
	EndpointID string
	EventType  string
	Status     Status
	Class      int
	Latency    int // place in latencySteps; -1 for what has not succeeded
	Count      int
	Last       db.Time
	Tried      bool
}

// latencyCase is SQL for the place in latencySteps of how long a delivery took.
func latencyCase() string {
	text := "CASE WHEN status <> 'succeeded' OR finished_at IS NULL THEN -1"
	for i, ms := range latencySteps {
		text += " WHEN finished_at - created_at <= " + strconv.Itoa(ms*1000) + " THEN " + strconv.Itoa(i)
	}
	return text + " ELSE " + strconv.Itoa(len(latencySteps)) + " END"
}

// statsQuery groups the newest deliveries of a period. The limit is inside, so that an index is read from its end only.
func statsQuery(q *gorm.DB, scope principal.Scope, endpointID string, from time.Time, step time.Duration) *gorm.DB {
	newest := db.Scope(q.Session(&gorm.Session{}), scope).Table("deliveries").
		Select("created_at, finished_at, endpoint_id, event_type, status, response_status, attempt_count").
		Where("created_at >= ?", db.At(from)).Order("created_at DESC, id DESC").Limit(statsMost)
	if endpointID != "" {
		newest = newest.Where("endpoint_id = ?", endpointID)
	}
	return q.Session(&gorm.Session{NewDB: true}).Table("(?) AS d", newest).Select(
		"created_at / ? AS bucket, endpoint_id, event_type, status, coalesce(response_status, 0) / 100 AS class, "+
			"attempt_count > 0 AS tried, "+
			latencyCase()+" AS latency, count(*) AS count, max(created_at) AS last", step.Microseconds()).
		Group("1, 2, 3, 4, 5, 6, 7")
}

// Stats counts the deliveries of a period that ends now; endpointID limits them to one endpoint when it is not empty.
func (s *Store) Stats(ctx context.Context, scope principal.Scope, p StatsPeriod, endpointID string) (Stats, error) {
	if err := scope.Check(); err != nil {
		return Stats{}, err
	}
	to := s.now().UTC()
	from := to.Add(-p.Length).Truncate(p.Step).Add(p.Step)
	var rows []statsRow
	err := statsQuery(s.db.Read(ctx), scope, endpointID, from, p.Step).Scan(&rows).Error
	return summarize(rows, from, to, p.Step), err
}

// summarize adds the groups up.
func summarize(rows []statsRow, from, to time.Time, step time.Duration) Stats {
	o := Stats{From: from, To: to, Step: step, Complete: true, Latency: Histogram{}, Classes: map[int]int{},
		ByStatus: map[Status]int{}}
	count := 0
	oldest := to.UnixMicro() / step.Microseconds()
	for _, r := range rows {
		count += r.Count
		oldest = min(oldest, r.Bucket)
	}
	o.firstBucket = from.UnixMicro() / step.Microseconds()
	if count >= statsMost {
		o.Complete, o.firstBucket = false, oldest
		o.From = time.UnixMicro(oldest * step.Microseconds()).UTC()
	}
	for at := o.From; !at.After(to); at = at.Add(step) {
		o.Series = append(o.Series, StatsPoint{At: at, Latency: Histogram{}})
	}
	types, endpoints := map[string]*TypeStats{}, map[string]*EndpointStats{}
	for _, r := range rows {
		o.count(r, types, endpoints)
	}
	o.EventTypes, o.Endpoints = sortedTypes(types), sortedEndpoints(endpoints)
	return o
}

func (o *Stats) count(r statsRow, types map[string]*TypeStats, endpoints map[string]*EndpointStats) {
	at := int(r.Bucket - o.firstBucket)
	if at < 0 || at >= len(o.Series) {
		return // clocks of other processes may be ahead
	}
	o.Total.add(r.Status, r.Count)
	o.ByStatus[r.Status] += r.Count
	o.Series[at].add(r.Status, r.Count)
	if r.Tried {
		o.Classes[r.Class] += r.Count
	}
	if r.Latency >= 0 {
		o.Latency[r.Latency] += r.Count
		o.Series[at].Latency[r.Latency] += r.Count
	}
	if types[r.EventType] == nil {
		types[r.EventType] = &TypeStats{EventType: r.EventType}
	}
	types[r.EventType].add(r.Status, r.Count)
	e := endpoints[r.EndpointID]
	if e == nil {
		e = &EndpointStats{EndpointID: r.EndpointID, Series: make([]Tally, len(o.Series))}
		endpoints[r.EndpointID] = e
	}
	e.add(r.Status, r.Count)
	e.Series[at].add(r.Status, r.Count)
	if r.Last.After(e.Last) {
		e.Last = r.Last.Time
	}
}

func sortedTypes(m map[string]*TypeStats) []TypeStats {
	out := make([]TypeStats, 0, len(m))
	for _, t := range m {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b TypeStats) int {
		return cmp.Or(cmp.Compare(b.All(), a.All()), cmp.Compare(a.EventType, b.EventType))
	})
	return out[:min(len(out), statsTypes)]
}

func sortedEndpoints(m map[string]*EndpointStats) []EndpointStats {
	out := make([]EndpointStats, 0, len(m))
	for _, e := range m {
		out = append(out, *e)
	}
	share := func(e EndpointStats) float64 { return float64(e.Failed) / float64(max(1, e.Failed+e.Succeeded)) }
	slices.SortFunc(out, func(a, b EndpointStats) int {
		return cmp.Or(cmp.Compare(share(b), share(a)), cmp.Compare(b.All(), a.All()), cmp.Compare(a.EndpointID,
			b.EndpointID))
	})
	return out[:min(len(out), statsEndpoints)]
}
