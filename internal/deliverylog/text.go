package deliverylog

import (
	"context"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/delivery"
	"github.com/hookline/hookline/internal/search"
)

// textBytes is how many bytes of data a walk reads before it stops with a cursor. Folding costs up to a tenth of a
// microsecond for each byte that is not ASCII.
const textBytes = 4 << 20

// searched is SQL for the text of a delivery that is searched: the data of its event, or what a test sent.
const searched = "coalesce(test_body, (SELECT e.data FROM events e WHERE e.id = deliveries.event_id), '')"

// withText returns at most limit+1 rows of a query on deliveries, which is in the order of the list, whose text
// contains another one. The texts are compared here and not by the engines, which fold letters by a locale
// (PostgreSQL) or those of ASCII alone (SQLite). The rows stop where textBytes were read.
func (s *Store) withText(ctx context.Context, q *gorm.DB, limit int, text string) (found, error) {
	var out found
	rows, err := q.Model(&delivery.Delivery{}).Select("deliveries.*, " + searched + " AS searched").Rows()
	if err != nil {
		return out, err
	}
	defer func() { _ = rows.Close() }()
	folded, left := search.Fold(text), textBytes
	var previous string // event, whose deliveries follow each other
	var has bool
	for rows.Next() {
		var row struct {
			delivery.Delivery

			Searched string
		}
		if err := s.db.Read(ctx).ScanRows(rows, &row); err != nil {
			return out, err
		}
		if row.EventID != previous {
			previous, has = row.EventID, contains(row.Searched, folded)
		}
		if has {
			out.rows = append(out.rows, row.Delivery)
		}
		if len(out.rows) > limit {
			break
		}
		if left -= len(row.Searched); left <= 0 {
			out.stop = uuidOf(row.Delivery)
			break
		}
	}
	return out, rows.Err()
}

// contains reports whether JSON contains a folded text, as it is written or as it is read: clients may write a letter
// as an escape such as \u00e4.
func contains(data, folded string) bool {
	if strings.Contains(search.Fold(data), folded) {
		return true
	}
	if !strings.Contains(data, `\u`) {
		return false
	}
	read := jsontext.Value(data)
	err := read.Format(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return err == nil && strings.Contains(search.Fold(string(read)), folded)
}
