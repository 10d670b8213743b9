package analytics

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/principal"
)

// Store queries the metrics.
type Store struct{ db *db.DB }

// NewStore makes a Store.
func NewStore(database *db.DB) *Store { return &Store{db: database} }

// metric is one query, and the field of the overview for its result.
type metric struct {
	name     string
	resource string                              // of the contract; empty for what all products have
	query    func(q *gorm.DB, p Period) *gorm.DB // q is narrowed to the tenant and environment
	take     func(o *Overview, rows []row)
}

// row is one group of a metric.
type row struct {
	Kind   string
	Status string
	Name   *string // what callers name it; nil for those without one
	Count  int64
	Before int64 // as many at the start of the period
	Of     int64 // how many things were counted together

	Succeeded, Dead, Cancelled int64 // of deliveries
}

// metrics are all metrics of the overview. TestEachMetricReadsAnIndex checks each.
var metrics = []metric{
	{"leads", "leads", leads, takeLeads},
	{"content", "content", func(q *gorm.DB, p Period) *gorm.DB {
		return within(q.Table("posts"), p).Where("kind IN ? AND status IN ?", []string{"blog", "social"}, postStatuses).
			Select("kind, status, count(*) AS count").Group("kind, status")
	}, takePosts},
	{"tickets", "support", func(q *gorm.DB, p Period) *gorm.DB {
		return within(q.Table("tickets"), p).Where("status IN ?", ticketStatuses).Select("status, count(*) AS count").
			Group("status")
	}, func(o *Overview, rows []row) { o.Tickets = byStatus(rows) }},
	{"followers", "tracking", followers, func(o *Overview, rows []row) {
		for _, r := range rows {
			o.Followers = &Followers{Accounts: r.Of, AtStart: r.Before, AtEnd: r.Count}
		}
	}},
	{"deliveries that ended", "", deliveriesThatEnded, func(o *Overview, rows []row) {
		for _, r := range rows {
			o.Deliveries.Succeeded, o.Deliveries.Dead, o.Deliveries.Cancelled = r.Succeeded, r.Dead, r.Cancelled
		}
	}},
	{"deliveries under way", "", deliveriesUnderWay, func(o *Overview, rows []row) { o.Deliveries.UnderWay = sum(rows) }},
}

var (
	postStatuses   = []string{"generating", "draft", "approved", "published", "failed"}
	ticketStatuses = []string{"open", "pending", "resolved", "closed"}
)

func within(q *gorm.DB, p Period) *gorm.DB {
	return db.WhereTimeRange(q, "created_at", p.First, p.end())
}

// leads counts leads in one pass, by source and status together, and sums that up. Callers choose both texts, so there
// may be as many as leads: only the most frequent are read.
func leads(q *gorm.DB, p Period) *gorm.DB {
	const by = " SELECT * FROM (SELECT '%[1]s' AS kind, %[1]s AS name, CAST(sum(n) AS bigint) AS count FROM counted " +
		"GROUP BY %[1]s ORDER BY 3 DESC, 2 NULLS FIRST LIMIT ?) AS %[1]s_counts"
	counted := within(q.Table("leads"), p).Select("source, status, count(*) AS n").Group("source, status")
	return q.Session(&gorm.Session{NewDB: true}).Raw("WITH counted AS MATERIALIZED (?) SELECT 'total' AS kind, "+
		"NULL AS name, CAST(coalesce(sum(n), 0) AS bigint) AS count FROM counted UNION ALL"+
		fmt.Sprintf(by, "source")+" UNION ALL"+fmt.Sprintf(by, "status"), counted, most, most)
}

func takeLeads(o *Overview, rows []row) {
	kinds := byKind(rows)
	o.Leads.Total = sum(kinds["total"])
	o.Leads.BySource, o.Leads.ByStatus = counts(kinds["source"]), counts(kinds["status"])
}

// followers sums the counts of each account's last snapshots before the end and before the start of the period. The
// time of the tracking counts, not that of the upload.
func followers(q *gorm.DB, p Period) *gorm.DB {
	const snapshot = "(SELECT follower_count FROM tracking_snapshots s WHERE s.tenant_id = " +
		"tracked_accounts.tenant_id " +
		"AND s.environment = tracked_accounts.environment AND s.tracked_account_id = tracked_accounts.id AND " +
		"s.status = 'finished' "
	accounts := q.Table("tracked_accounts").Select(
		snapshot+"AND s.tracked_at < ? ORDER BY s.tracked_at DESC, s.id DESC LIMIT 1) AS latest, coalesce("+
			snapshot+"AND s.tracked_at < ? ORDER BY s.tracked_at DESC, s.id DESC LIMIT 1), "+
			snapshot+"ORDER BY s.tracked_at, s.id LIMIT 1)) AS earlier", db.At(p.end()), db.At(p.First))
	return q.Session(&gorm.Session{NewDB: true}).Table("(?) AS a", accounts).Where("latest IS NOT NULL").
		Select("count(*) AS of, coalesce(sum(latest), 0) AS count, coalesce(sum(earlier), 0) AS before")
}

// deliveriesThatEnded reads the sums of days that deliverylog.Counter adds to.
func deliveriesThatEnded(q *gorm.DB, p Period) *gorm.DB {
	const day = 24 * 60 * 60
	q = q.Table("delivery_counts").Where("seconds = ? AND event_type = ''", day)
	return db.WhereTimeRange(q, "at", p.First, p.end()).Select(
		"CAST(coalesce(sum(succeeded), 0) AS bigint) AS succeeded, CAST(coalesce(sum(dead), 0) AS bigint) AS dead, " +
			"CAST(coalesce(sum(cancelled), 0) AS bigint) AS cancelled")
}

// underWayMost is how many deliveries that are under way are counted in each status, at most.
const underWayMost = 10_000

// deliveriesUnderWay counts deliveries of the period that are not over, from entries of an index. Their ids have the
// time at which they were created.
func deliveriesUnderWay(q *gorm.DB, p Period) *gorm.DB {
	var parts []any
	for _, status := range []string{"pending", "delivering", "retrying"} {
		parts = append(parts, q.Session(&gorm.Session{}).Table("deliveries").
			Where("status <> 'succeeded' AND status = ? AND id >= ? AND id < ?", status, id.From(p.First),
				id.From(p.end())).
			Select("id").Limit(underWayMost))
	}
	return q.Session(&gorm.Session{NewDB: true}).Table("(SELECT id FROM (?) AS a UNION ALL SELECT id FROM (?) AS b "+
		"UNION ALL SELECT id FROM (?) AS c) AS d", parts...).Select("count(*) AS count")
}

// Overview counts everything of a period that belongs to resources which sells reports, one query for each metric.
func (s *Store) Overview(ctx context.Context, scope principal.Scope, p Period,
	sells func(resource string) bool) (Overview, error) {
	var o Overview
	for _, f := range metrics {
		if !sells(f.resource) {
			continue
		}
		var rows []row
		if err := f.query(db.Scope(s.db.Read(ctx), scope), p).Scan(&rows).Error; err != nil {
			return o, err
		}
		f.take(&o, rows)
	}
	return o, nil
}

func byStatus(rows []row) map[string]int64 {
	out := map[string]int64{}
	for _, r := range rows {
		out[r.Status] += r.Count
	}
	return out
}

func sum(rows []row) (n int64) {
	for _, r := range rows {
		n += r.Count
	}
	return n
}

func counts(rows []row) []Count {
	out := make([]Count, 0, len(rows))
	for _, r := range rows {
		out = append(out, Count{r.Name, r.Count})
	}
	return out
}

func byKind(rows []row) map[string][]row {
	out := map[string][]row{}
	for _, r := range rows {
		out[r.Kind] = append(out[r.Kind], r)
	}
	return out
}

func takePosts(o *Overview, rows []row) {
	kinds := byKind(rows)
	o.BlogPosts, o.SocialPosts = byStatus(kinds["blog"]), byStatus(kinds["social"])
}
