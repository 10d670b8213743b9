package deliverylog

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
)

const (
	// liveMost is how many deliveries that are under way are counted at most, so that an answer takes a bounded time.
	liveMost = 5_000
	// statsTypes and statsEndpoints are how many of them an answer names.
	statsTypes     = 20
	statsEndpoints = 100
)

// Period is how far back statistics go, and how long each part of them is.
type Period struct{ Length, Step time.Duration }

// Periods are those that the contract names. Counts are kept in steps of these lengths.
var Periods = map[string]Period{
	"1h": {time.Hour, 2 * time.Minute}, "24h": {24 * time.Hour, time.Hour},
	"7d": {7 * 24 * time.Hour, 6 * time.Hour}, "30d": {30 * 24 * time.Hour, 24 * time.Hour},
}

// latencySteps are the milliseconds that latencies are rounded up to.
var latencySteps = []int{10, 25, 50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 10_000, 30_000,
	60_000, 300_000, 1_800_000, 7_200_000, 86_400_000}

// latencyStep is the place of a latency in latencySteps, or the one after the last.
func latencyStep(d time.Duration) int {
	i, _ := slices.BinarySearchFunc(latencySteps, d, func(ms int, d time.Duration) int {
		return cmp.Compare(time.Duration(ms)*time.Millisecond, d)
	})
	return i
}

// Stats is how deliveries went: those that ended in the period, by when they ended, and those that are under way, in
// the last part. Series begins at From and has no gaps.
type Stats struct {
	From, To   time.Time
	Step       time.Duration
	Complete   bool // whether all that is under way was counted
	Total      Tally
	Latency    Histogram
	Series     []StatsPoint
	Classes    [6]int // attempts by the first digit of the answer's status; 0 for none
	EventTypes []TypeStats
	Endpoints  []EndpointStats
	ByStatus   map[delivery.Status]int
}

// Tally is how many deliveries went well, are failing or dead, and everything else.
type Tally struct{ Succeeded, Failed, Other int }

// All is how many there are.
func (t Tally) All() int { return t.Succeeded + t.Failed + t.Other }

// Rate is the share of successes among what ended or is failing; nil when there is none.
func (t Tally) Rate() *float64 { return share(t.Succeeded, t.Succeeded+t.Failed) }

// share is n of all to four digits, nil of none.
func share(n, all int) *float64 {
	if all == 0 {
		return nil
	}
	s := math.Round(float64(n)/float64(all)*10_000) / 10_000
	return &s
}

func (t *Tally) add(s delivery.Status, n int) {
	switch s {
	case delivery.Succeeded:
		t.Succeeded += n
	case delivery.Dead, delivery.Retrying:
		t.Failed += n
	case delivery.Pending, delivery.Delivering, delivery.Cancelled:
		t.Other += n
	}
}

// StatsPoint is a part of the period.
type StatsPoint struct {
	At time.Time
	Tally
	Latency Histogram
}

// TypeStats is how deliveries of one event type went.
type TypeStats struct {
	EventType string
	Tally
}

// EndpointStats is how deliveries to one endpoint went, also in each part of the series.
type EndpointStats struct {
	EndpointID string
	Tally
	ByStatus map[delivery.Status]int
	Last     time.Time
	Series   []Tally
}

// Histogram counts durations by latencySteps; the last place is for all that is longer.
type Histogram [countSums - countLatency]int

// Quantile is the step in milliseconds that a share of the durations is not beyond; nil when there are none.
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

// Stats counts the deliveries of a period that ends now; endpointID limits them to one endpoint when it is not empty.
func (s *Store) Stats(ctx context.Context, scope principal.Scope, p Period, endpointID string) (Stats, error) {
	if err := scope.Check(); err != nil {
		return Stats{}, err
	}
	to := s.now().UTC()
	o := Stats{From: to.Add(-p.Length).Truncate(p.Step).Add(p.Step), To: to, Step: p.Step, Complete: true,
		ByStatus: map[delivery.Status]int{}}
	for at := o.From; !at.After(to); at = at.Add(p.Step) {
		o.Series = append(o.Series, StatsPoint{At: at})
	}
	own, err := s.endpoints.OwnOf(s.db.Read(ctx), scope)
	if err != nil {
		return Stats{}, err
	}
	_, limited := own.Limited()
	r := statsReader{stats: &o, types: map[string]*TypeStats{}, endpoints: map[string]*EndpointStats{},
		query: func() *gorm.DB {
			q := db.Scope(s.db.Read(ctx).Table("delivery_counts"), scope).
				Where("seconds = ? AND at >= ?", int(p.Step/time.Second), db.At(o.From))
			if endpointID != "" {
				q = db.WhereID(q, "endpoint_id", endpointID)
			}
			return own.Narrow(q)
		}}
	live, complete, err := s.live(ctx, scope, func(other string) bool {
		return (endpointID == "" || endpointID == other) && own.Has(other)
	})
	if err != nil {
		return o, err
	}
	o.Complete = complete
	for _, step := range []func() error{func() error { return r.readSeries(endpointID != "" || limited) }, r.readTypes,
		r.readEndpoints} {
		if err := step(); err != nil {
			return o, err
		}
	}
	for _, l := range live {
		r.addLive(l)
	}
	o.EventTypes, o.Endpoints = sortedTypes(r.types), sortedEndpoints(r.endpoints)
	return o, r.readEndpointSeries(live)
}

// liveRow is a group of deliveries that are under way.
type liveRow struct {
	Status     delivery.Status
	EndpointID string `gorm:"serializer:whe"`
	EventType  string
	Count      int
	Last       db.Time
}

// live counts at most liveMost deliveries that are under way, of the endpoints that are wanted, and says whether these
// are all.
func (s *Store) live(ctx context.Context, scope principal.Scope, wanted func(endpointID string) bool) ([]liveRow, bool,
	error) {
	var all []liveRow
	left := liveMost
	for _, status := range []delivery.Status{delivery.Retrying, delivery.Delivering, delivery.Pending} {
		newest := db.Scope(s.db.Read(ctx).Model(&delivery.Delivery{}), scope).
			Select("tenant_id", "environment", "status", "endpoint_id", "event_type", "created_at").
			Where(notSucceeded+" AND status = ?", status).Order("id DESC").Limit(left)
		var rows []liveRow
		err := s.db.Read(ctx).Table("(?) AS d", newest).Select("status, endpoint_id, event_type, count(*) AS count, " +
			"max(created_at) AS last").Group("status, endpoint_id, event_type").Find(&rows).Error
		if err != nil {
			return nil, false, err
		}
		for _, r := range rows {
			left -= r.Count
			if wanted(r.EndpointID) {
				all = append(all, r)
			}
		}
		if left <= 0 {
			return all, false, nil
		}
	}
	return all, true, nil
}

// statsReader reads delivery_counts into Stats.
type statsReader struct {
	stats     *Stats
	query     func() *gorm.DB // the rows of the period, also those that are sums
	types     map[string]*TypeStats
	endpoints map[string]*EndpointStats
}

// sumOf is SQL for the sums of columns.
func sumOf(columns []string) string {
	out := make([]string, len(columns))
	for i, name := range columns {
		out[i] = "CAST(sum(" + name + ") AS bigint)"
	}
	return strings.Join(out, ", ")
}

// ends are the columns that count how deliveries ended, in the order of endStatuses.
var (
	ends        = sumOf(sumColumns[:countFailures])
	endStatuses = [countFailures]delivery.Status{delivery.Succeeded, delivery.Dead, delivery.Cancelled}
)

// each scans the rows of a query: what keys point to, then sums.
func each(q *gorm.DB, keys []any, sums []int64, row func()) error {
	rows, err := q.Rows()
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for i := range sums {
		keys = append(keys, &sums[i])
	}
	for rows.Next() {
		if err := rows.Scan(keys...); err != nil {
			return err
		}
		row()
	}
	return rows.Err()
}

// part is the place of a time in the series; -1 when it has none: clocks of other processes may be ahead.
func (r *statsReader) part(at int64) int {
	i := int((at - r.stats.From.UnixMicro()) / r.stats.Step.Microseconds())
	if i < 0 || i >= len(r.stats.Series) {
		return -1
	}
	return i
}

// readSeries reads the sums of each step, of the tenant or of some of its endpoints.
func (r *statsReader) readSeries(ofEndpoints bool) error {
	q := r.query().Where("event_type = ''")
	if ofEndpoints {
		q = r.query().Where("event_type <> ''")
	}
	var at int64
	var sums [countSums]int64
	o := r.stats
	return each(q.Select("at, "+sumOf(sumColumns)).Group("at"), []any{&at}, sums[:], func() {
		i := r.part(at)
		if i < 0 {
			return
		}
		for k, status := range endStatuses {
			n := int(sums[k])
			o.Total.add(status, n)
			o.ByStatus[status] += n
			o.Series[i].add(status, n)
		}
		for class := range o.Classes {
			o.Classes[class] += int(sums[countClass+class])
		}
		for step := range o.Latency {
			o.Latency[step] += int(sums[countLatency+step])
			o.Series[i].Latency[step] += int(sums[countLatency+step])
		}
	})
}

func (r *statsReader) readTypes() error {
	var name string
	var sums [countFailures]int64
	q := r.query().Where("event_type <> ''").Select("event_type, " + ends).Group("event_type")
	return each(q, []any{&name}, sums[:], func() {
		t := &TypeStats{EventType: name}
		for k, status := range endStatuses {
			t.add(status, int(sums[k]))
		}
		r.types[name] = t
	})
}

func (r *statsReader) readEndpoints() error {
	var u id.UUID
	var last db.Time
	var sums [countFailures]int64
	q := r.query().Where("event_type <> ''").Select("endpoint_id, max(last_at), " + ends).Group("endpoint_id")
	return each(q, []any{&u, &last}, sums[:], func() {
		e := &EndpointStats{EndpointID: u.TypeID(id.Endpoint), Last: last.Time, ByStatus: map[delivery.Status]int{}}
		for k, status := range endStatuses {
			e.add(status, int(sums[k]))
			e.ByStatus[status] += int(sums[k])
		}
		r.endpoints[e.EndpointID] = e
	})
}

// readEndpointSeries reads the series of the endpoints that are named.
func (r *statsReader) readEndpointSeries(live []liveRow) error {
	at := map[string]int{}
	var ids []id.UUID
	for i := range r.stats.Endpoints {
		e := &r.stats.Endpoints[i]
		e.Series = make([]Tally, len(r.stats.Series))
		u, err := id.Parse(e.EndpointID)
		if err != nil {
			return err
		}
		at[e.EndpointID], ids = i, append(ids, u)
	}
	if len(ids) == 0 {
		return nil
	}
	for _, l := range live {
		if i, named := at[l.EndpointID]; named {
			r.stats.Endpoints[i].Series[len(r.stats.Series)-1].add(l.Status, l.Count)
		}
	}
	var u id.UUID
	var step int64
	var sums [countFailures]int64
	q := db.WhereUUIDs(r.query().Where("event_type <> ''"), "endpoint_id", ids).
		Select("endpoint_id, at, " + ends).Group("endpoint_id, at")
	return each(q, []any{&u, &step}, sums[:], func() {
		if i := r.part(step); i >= 0 {
			for k, status := range endStatuses {
				r.stats.Endpoints[at[u.TypeID(id.Endpoint)]].Series[i].add(status, int(sums[k]))
			}
		}
	})
}

// addLive adds deliveries that are under way.
func (r *statsReader) addLive(l liveRow) {
	o := r.stats
	o.Total.add(l.Status, l.Count)
	o.ByStatus[l.Status] += l.Count
	o.Series[len(o.Series)-1].add(l.Status, l.Count)
	t := r.types[l.EventType]
	if t == nil {
		t = &TypeStats{EventType: l.EventType}
		r.types[l.EventType] = t
	}
	t.add(l.Status, l.Count)
	e := r.endpoints[l.EndpointID]
	if e == nil {
		e = &EndpointStats{EndpointID: l.EndpointID, ByStatus: map[delivery.Status]int{}}
		r.endpoints[l.EndpointID] = e
	}
	e.add(l.Status, l.Count)
	e.ByStatus[l.Status] += l.Count
	if l.Last.After(e.Last) {
		e.Last = l.Last.Time
	}
}
