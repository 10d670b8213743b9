package db_test

import (
	"strings"
	"testing"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/testkit/engine"
)

func TestLeadsFromBeforeTheSearchAreFound(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := open(t, e)
		for name := "later"; !strings.Contains(name, "00016"); {
			var err error
			if name, err = d.MigrateDown(t.Context()); err != nil || name == "" {
				t.Fatalf("%q, %v", name, err)
			}
		}
		err := d.Tx(t.Context(), func(tx *gorm.DB) error {
			for _, sql := range []string{
				`INSERT INTO tenants (id, name, plan, profile, created_at, updated_at, overrides, deliveries_paused) VALUES ('tnt_1', 'x', 'business', 'hookline', 1, 1, '{}', false)`,
				`INSERT INTO leads (id, tenant_id, environment, name, email, score, status, created_at, updated_at) VALUES
					('lead_1', 'tnt_1', 'live', 'Ada Lovelace', 'Ada.L@Example.com', 0, 'new', 1, 1), ('lead_2', 'tnt_1', 'test', NULL, NULL, 0, 'new', 1, 1)`,
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
		if _, err := d.MigrateUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		words := strings.Join(texts(t, d, `SELECT word || ' of ' || item_id || ' ' || kind || ' ' || environment FROM search_words`), "; ")
		var want []string
		for _, w := range []string{"ada", "com", "example", "l", "lovelace"} {
			want = append(want, w+" of lead_1 lead live")
		}
		if words != strings.Join(want, "; ") {
			t.Errorf("%s", words)
		}
		if keys := texts(t, d, "SELECT id || ' ' || email_key FROM leads WHERE email_key IS NOT NULL"); len(keys) != 1 || keys[0] != "lead_1 ada.l@example.com" {
			t.Errorf("%v", keys)
		}
	})
}
