package rotation

import (
	"testing"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/internal/testkit/engine"
)

func TestAConcurrentChangeWins(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := engine.Database(t, e)
		ring, err := secret.ParseRing(secret.GenerateKey() + "," + secret.GenerateKey())
		if err != nil {
			t.Fatal(err)
		}
		r, columns := New(d, ring, nil, nil, nil, 0), Columns()
		check, first, old := columns[len(columns)-1], ring.IDs()[0], ring.IDs()[1]
		store := func(id secret.KeyID) {
			t.Helper()
			if err := Check(t.Context(), d, ring); err != nil {
				t.Fatal(err)
			}
			exec(t, d, func(tx *gorm.DB) error {
				sealed, err := ring.Reseal(id, secret.KeyCheck, stored(t, tx), checkName)
				if err != nil {
					return err
				}
				return tx.Exec("UPDATE settings SET value = ? WHERE name = ?", sealed, checkName).Error
			})
		}
		store(old)
		var rows []row
		exec(t, d, func(tx *gorm.DB) error {
			rows, err = read(tx, check, []secret.KeyID{old}, nil, 10)
			return err
		})
		if len(rows) != 1 {
			t.Fatalf("values under the old key: got %d, want 1", len(rows))
		}
		store(old) // seals it again, so that the value is another one
		var changed []byte
		exec(t, d, func(tx *gorm.DB) error {
			changed = stored(t, tx)
			result, err := r.reseal(tx, check, first, rows)
			if result.Done != 0 || result.Skipped[skipChanged] != 1 {
				t.Errorf("value that was changed meanwhile: got %+v, want it skipped", result)
			}
			return err
		})
		exec(t, d, func(tx *gorm.DB) error {
			if got := stored(t, tx); string(got) != string(changed) {
				t.Errorf("value: got %x, want that of the concurrent change, %x", got, changed)
			}
			return nil
		})
	})
}

func stored(t *testing.T, tx *gorm.DB) []byte {
	t.Helper()
	var sealed []byte
	if err := tx.Raw("SELECT value FROM settings WHERE name = ?", checkName).Row().Scan(&sealed); err != nil {
		t.Fatal(err)
	}
	return sealed
}

func exec(t *testing.T, d *db.DB, fn func(tx *gorm.DB) error) {
	t.Helper()
	if err := d.Tx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}
