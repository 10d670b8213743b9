package deliverylog

import (
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

// Stats is how deliveries went: those that ended in the period, by when they ended, and those that are under way, in
// the last part. Series begins at From and has no gaps.
type Stats struct {
	From, To   time.Time
	Step       time.Duration
	Complete   bool // whether all that is under way was counted
	Total      Tally
	Latency    Histogram // from the event to its arrival
	Response   Histogram // of the requests that were answered
	Previous   Previous
	Throttled  int // of what is under way, deferred by a throttle
	Series     []StatsPoint
	Classes    [6]int // attempts by the first digit of the answer's status; 0 for none
	EventTypes []TypeStats
	Endpoints  []EndpointStats
	ByStatus   map[delivery.Status]int
}

// Previous is how deliveries went that ended in the period before.
type Previous struct {
	Succeeded, Dead, Cancelled int
	Latency, Response          Histogram
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
	Latency, Response Histogram
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

// Stats counts the deliveries of a period that ends now, of the endpoints with the ids, or of all without any.
func (s *Store) Stats(ctx context.Context, scope principal.Scope, p Period, endpointIDs ...string) (Stats, error) {
	r, live, err := s.statsReader(ctx, scope, p, endpointIDs)
	if err != nil {
		return Stats{}, err
	}
	for _, step := range []func() error{r.readSeries, r.readTypes, r.readEndpoints} {
		if err := step(); err != nil {
			return *r.stats, err
		}
	}
	for _, l := range live {
		r.addLive(l)
	}
	o := r.stats
	o.EventTypes, o.Endpoints = sortedTypes(r.types), sortedEndpoints(r.endpoints)
	o.Endpoints = o.Endpoints[:min(len(o.Endpoints), statsEndpoints)]
	return *o, r.readEndpointSeries(live)
}

// rankPeriod is the period by which endpoints are ordered: that of the rates that lists of them show.
const rankPeriod = "24h"

// MostFailing lists the endpoints that had deliveries in the last 24 hours, in the order of Stats: the highest share of
// failed deliveries first.
func (s *Store) MostFailing(ctx context.Context, scope principal.Scope) ([]string, error) {
	r, live, err := s.statsReader(ctx, scope, Periods[rankPeriod], nil)
	if err != nil {
		return nil, err
	}
	if err := r.readEndpoints(); err != nil {
		return nil, err
	}
	for _, l := range live {
		r.addLive(l)
	}
	all := sortedEndpoints(r.endpoints)
	ids := make([]string, len(all))
	for i, e := range all {
		ids[i] = e.EndpointID
	}
	return ids, nil
}

// statsReader returns a reader of statistics with nothing read yet, and the deliveries that are under way.
func (s *Store) statsReader(ctx context.Context, scope principal.Scope, p Period,
	endpointIDs []string) (*statsReader, []liveRow, error) {
	if err := scope.Check(); err != nil {
		return nil, nil, err
	}
	to := s.now().UTC()
	o := &Stats{From: to.Add(-p.Length).Truncate(p.Step).Add(p.Step), To: to, Step: p.Step,
		ByStatus: map[delivery.Status]int{}}
	for at := o.From; !at.After(to); at = at.Add(p.Step) {
		o.Series = append(o.Series, StatsPoint{At: at})
	}
	own, err := s.endpoints.OwnOf(s.db.Read(ctx), scope)
	if err != nil {
		return nil, nil, err
	}
	_, limited := own.Limited()
	r := &statsReader{stats: o, types: map[string]*TypeStats{}, endpoints: map[string]*EndpointStats{},
		ofEndpoints: limited || len(endpointIDs) > 0,
		since: func(from time.Time) *gorm.DB {
			q := db.Scope(s.db.Read(ctx).Table("delivery_counts"), scope).
				Where("seconds = ? AND at >= ?", int(p.Step/time.Second), db.At(from))
			return own.Narrow(ofEndpoints(q, endpointIDs))
		}}
	live, complete, err := s.live(ctx, scope, func(other string) bool {
		return (len(endpointIDs) == 0 || slices.Contains(endpointIDs, other)) && own.Has(other)
	})
	o.Complete = complete
	return r, live, err
}

// ofEndpoints narrows a query to the endpoints with the ids; to all without any.
func ofEndpoints(q *gorm.DB, endpointIDs []string) *gorm.DB {
	if len(endpointIDs) == 0 {
		return q
	}
	var ids []id.UUID
	for _, text := range endpointIDs {
		if u, err := id.ParseAs(id.Endpoint, text); err == nil {
			ids = append(ids, u)
		}
	}
	if len(ids) == 0 {
		return q.Where("1 = 0")
	}
	return db.WhereUUIDs(q, "endpoint_id", ids)
}

// statsReader reads delivery_counts into Stats.
type statsReader struct {
	stats       *Stats
	ofEndpoints bool                     // of some of the tenant's endpoints
	since       func(time.Time) *gorm.DB // the rows from a time on, also those that are sums
	types       map[string]*TypeStats
	endpoints   map[string]*EndpointStats
}

// query are the rows of the period.
func (r *statsReader) query() *gorm.DB { return r.since(r.stats.From) }

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

// readSeries reads the sums of each step of the period and of the one before it, of the tenant or of some of its
// endpoints.
func (r *statsReader) readSeries() error {
	o := r.stats
	q := r.since(o.From.Add(-time.Duration(len(o.Series)) * o.Step))
	if r.ofEndpoints {
		q = q.Where("event_type <> ''")
	} else {
		q = q.Where("event_type = ''")
	}
	var at int64
	var sums [countSums]int64
	return each(q.Select("at, "+sumOf(sumColumns)).Group("at"), []any{&at}, sums[:], func() {
		if at < o.From.UnixMicro() {
			o.Previous.add(sums)
		} else if i := r.part(at); i >= 0 {
			o.addStep(i, sums)
		}
	})
}

// addStep adds what was counted in the part of the series at i.
func (s *Stats) addStep(i int, sums [countSums]int64) {
	for k, status := range endStatuses {
		n := int(sums[k])
		s.Total.add(status, n)
		s.ByStatus[status] += n
		s.Series[i].add(status, n)
	}
	for class := range s.Classes {
		s.Classes[class] += int(sums[countClass+class])
	}
	s.Latency.add(sums[countLatency:countResponse])
	s.Series[i].Latency.add(sums[countLatency:countResponse])
	s.Response.add(sums[countResponse:])
	s.Series[i].Response.add(sums[countResponse:])
}

func (p *Previous) add(sums [countSums]int64) {
	p.Succeeded += int(sums[countSucceeded])
	p.Dead += int(sums[countDead])
	p.Cancelled += int(sums[countCancelled])
	p.Latency.add(sums[countLatency:countResponse])
	p.Response.add(sums[countResponse:])
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
	if l.Admission == delivery.Deferred {
		o.Throttled += l.Count
	}
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
