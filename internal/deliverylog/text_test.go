package deliverylog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/deliverylog"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// holding stores events with the data, a second apart, each with a delivery, and returns the deliveries' ids.
func (f *fixture) holding(t *testing.T, data ...string) []string {
	t.Helper()
	hook := f.endpoint(t, f.scope)
	ids := make([]string, len(data))
	for i, text := range data {
		e := f.event(t, f.scope, f.now.Add(time.Duration(i-len(data))*time.Second), fmt.Sprint("text-", i), hook)
		f.tx(t, func(tx *gorm.DB) error {
			return db.ByID(db.Scope(tx.Model(&event.Event{}), f.scope), e.ID).Update("data", text).Error
		})
		d := of(t, e, hook, delivery.Succeeded, "", 200)
		f.insert(t, d)
		ids[i] = d.ID
	}
	return ids
}

func TestDeliveriesAreFoundByATextInWhateverFormItIsWritten(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		f := newFixture(t, e)
		ids := f.holding(t, `{"name":"ÄÖÜ Straße 田中太郎 Cafe`+"\u0301"+`"}`,
			`{"name":"\u00c4\u00d6\u00dc Stra\u00dfe \u7530\u4e2d Caf\u00e9", "a":"50% \u0026 more"}`,
			`{"name":"AOU"}`)
		both := ids[:2]
		for text, want := range map[string][]string{
			"ÄÖÜ": both, "äöü": both, "a\u0308O\u0308ü": both, "STRASSE": both, "straße": both, "田中": both,
			"café": both, "CAFE\u0301": both, "aou": ids[2:], `\u00C4`: ids[1:2], "& MORE": ids[1:2], "50%": ids[1:2],
			"5_%": nil, "ÄÖÜ AOU": nil,
		} {
			got, _ := f.walk(t, deliverylog.Filter{Text: text}, 1)
			slices.Sort(got)
			if want = slices.Sorted(slices.Values(want)); !slices.Equal(got, want) {
				t.Errorf("text %q: got %v, want %v", text, got, want)
			}
			for i, id := range ids {
				of, _ := f.walk(t, deliverylog.Filter{Text: text, EventID: fmt.Sprint("text-", i)}, 10)
				if slices.Contains(of, id) != slices.Contains(want, id) {
					t.Errorf("text %q among the deliveries of event %d: got %v, want as in the log", text, i, of)
				}
			}
		}
	})
}

func TestASearchReadsABoundedAmountOfData(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		f := newFixture(t, e)
		large := `{"a":"` + strings.Repeat("x", 3<<20) + `"}`
		ids := f.holding(t, `{"a":"needle"}`, large, `{"a":"needle"}`, large)
		got, pages := f.walk(t, deliverylog.Filter{Text: "NEEDLE"}, 10)
		if !slices.Equal(got, []string{ids[2], ids[0]}) || pages != 2 {
			t.Errorf("got %v in %d pages, want %v and %v in two", got, pages, ids[2], ids[0])
		}
	})
}
