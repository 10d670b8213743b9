package lead_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/resource/lead"
	"github.com/hookline/hookline/internal/search"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// fill writes many leads of several tenants, so that a planner has a reason to choose.
func fill(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.Tx(t.Context(), func(tx *gorm.DB) error {
		for _, sql := range []string{
			`INSERT INTO leads (id, tenant_id, environment, name, email, email_key, external_id, score, source, status, words, created_at, updated_at)
				WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
				SELECT ` + engine.NumberedSQL(d, "i") + ", " + engine.NumberedSQL(d, "i % 4") + `, 'live', 'Name ' || CAST(i AS text), 'a' || CAST(i AS text) || '@example.com',
				'a' || CAST(i AS text) || '@example.com', 'crm-' || CAST(i AS text), i % 1000, 'source ' || CAST(i % 13 AS text), 'status ' || CAST(i % 7 AS text), 'w' || CAST(i AS text),
				CAST(i AS bigint) * 1000000, CAST((i * 7) % 20000 AS bigint) * 1000000 FROM n`,
			"ANALYZE",
		} {
			if err := tx.Exec(sql).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEachFilterOfLeadsReadsAnIndex(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := engine.Database(t, e)
		fill(t, d)
		at := func(seconds int64) time.Time { return time.Unix(seconds, 0) }
		one, two := int32(500), int32(950)
		scope := principal.Scope{TenantID: engine.Numbered(id.Tenant, 1), Environment: principal.Live}
		for name, q := range map[string]struct {
			f      lead.Filter
			sorted bool // by the index, so that a page costs a page
		}{
			"none":                {lead.Filter{}, true},
			"oldest first":        {lead.Filter{Sort: "created_at"}, true},
			"newest change first": {lead.Filter{Sort: "-updated_at"}, true},
			"highest score first": {lead.Filter{Sort: "-score"}, true},
			"lowest score first":  {lead.Filter{Sort: "score"}, true},
			"status":              {lead.Filter{Status: "status 3"}, true},
			"source":              {lead.Filter{Source: "source 3"}, true},
			"created":             {lead.Filter{CreatedFrom: at(500), CreatedTo: at(19000)}, true},
			"updated, so sorted":  {lead.Filter{UpdatedFrom: at(500), UpdatedTo: at(19000), Sort: "-updated_at"}, true},
			"score, so sorted":    {lead.Filter{ScoreMin: &one, ScoreMax: &two, Sort: "-score"}, true},
			"email":               {lead.Filter{Email: "a400@example.com"}, false},
			"external id":         {lead.Filter{ExternalID: "crm-401"}, false},
			"updated":             {lead.Filter{UpdatedFrom: at(500), UpdatedTo: at(510)}, false},
			"score":               {lead.Filter{ScoreMin: &one, ScoreMax: &one}, false},
			"a word":              {lead.Filter{Terms: []string{"w10040"}}, false},
		} {
			plan := engine.Plan(t, d, lead.ListQuery(q.f, d.Read(t.Context()).Session(&gorm.Session{DryRun: true}),
				scope).Limit(25), &[]lead.Lead{})
			plan = strings.ReplaceAll(plan, "SCAN leads_search VIRTUAL TABLE INDEX", "SEARCH leads_search")
			bad := []string{"Seq Scan", "SCAN"}
			if q.sorted {
				bad = append(bad, "Sort  (", "TEMP B-TREE")
			}
			if i := slices.IndexFunc(bad, func(b string) bool { return strings.Contains(plan, b) }); i >= 0 {
				t.Errorf("%s: %s in\n%s", name, bad[i], plan)
			}
		}
	})
}

func TestASearchForARareWordDoesNotReadAllLeads(t *testing.T) {
	t.Parallel()
	d := engine.Database(t, engine.Servers) // SQLite always searches first
	scope := principal.Scope{TenantID: engine.Numbered(id.Tenant, 1), Environment: principal.Live}
	common, rare := "common", "unheard"
	err := d.Tx(t.Context(), func(tx *gorm.DB) error {
		for _, one := range []struct {
			sql  string
			args []any
		}{
			{`INSERT INTO leads (id, tenant_id, environment, score, status, words, created_at, updated_at)
				SELECT ` + engine.NumberedSQL(d, "i") + ", " + engine.NumberedSQL(d, "1") + `, 'live', 0, 'new', CASE i WHEN 1 THEN ? ELSE ? END, i, i
				FROM generate_series(1, 40000) i`, []any{search.Tokens(scope, &rare), search.Tokens(scope, &common)}},
			{"ANALYZE leads", nil},
		} {
			if err := tx.Exec(one.sql, one.args...).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = d.Tx(t.Context(), func(tx *gorm.DB) error {
		rows, total, err := lead.NewStore(d, nil, time.Now).List(db.Context(tx), scope, page.Page{Number: 1, Size: 25},
			lead.Filter{Terms: []string{rare}})
		if err != nil || total != 1 || len(rows) != 1 {
			t.Errorf("search: got %d of %d leads, %v, want the one", len(rows), total, err)
		}
		var read int64
		err = tx.Raw("SELECT sum(pg_stat_get_xact_tuples_returned(indexrelid)) FROM pg_index WHERE indrelid = " +
			"'leads'::regclass").Scan(&read).Error
		if read > 100 {
			t.Errorf("entries of indexes that were read: got %d, want a few", read)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
