package engine

import (
	"fmt"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
)

// Numbered is the TypeID with a number, for tests that fill tables by SQL.
func Numbered(prefix string, n int) string {
	u := id.NewUUID()
	if err := u.Scan(numberedStart + fmt.Sprint(numberedFirst+n)); err != nil {
		panic(err) // the number has twelve digits
	}
	return u.TypeID(prefix)
}

// NumberedSQL is the SQL of the UUID of a numbered TypeID as the database stores it. number is the SQL of the number.
func NumberedSQL(d *db.DB, number string) string {
	text := fmt.Sprintf("'%s' || CAST(%d + (%s) AS text)", numberedStart, numberedFirst, number)
	if d.Postgres() {
		return "CAST(" + text + " AS uuid)"
	}
	return text
}

const (
	numberedStart = "00000000-0000-7000-8000-"
	numberedFirst = 100_000_000_000
)
