package db_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/id"
	"github.com/hookline/hookline/internal/page"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/testkit/engine"
)

// linked is a row of a resource that refers to others, maybe to none.
type linked struct {
	ID          string `gorm:"serializer:lead"`
	TenantID    string `gorm:"serializer:tnt"`
	Environment principal.Environment
	Name        string
	TicketID    string  `gorm:"serializer:tkt"` // empty for none
	MemberID    *string `gorm:"serializer:usr"`
	CreatedAt   db.Time
}

// TableName implements GORM's Tabler.
func (linked) TableName() string { return "linked" }

func (l linked) equal(other linked) bool {
	member := (l.MemberID == nil) == (other.MemberID == nil) && (l.MemberID == nil || *l.MemberID == *other.MemberID)
	l.MemberID, other.MemberID = nil, nil
	return member && l == other
}

// link makes the table of linked and four rows in it: one without references, and three with them.
func link(t *testing.T, d *db.DB) []linked {
	t.Helper()
	kind := "text"
	if d.Postgres() {
		kind = "uuid"
	}
	rows := make([]linked, 4)
	for i := range rows {
		rows[i] = linked{ID: id.New(id.Lead), TenantID: id.New(id.Tenant), Environment: principal.Live, Name: "x",
			CreatedAt: db.At(time.UnixMicro(int64(i + 1)))}
		if i > 0 {
			member := id.New(id.Member)
			rows[i].TicketID, rows[i].MemberID = id.New(id.Ticket), &member
		}
	}
	err := d.Tx(t.Context(), func(tx *gorm.DB) error {
		made := tx.Exec("CREATE TABLE linked (id " + kind + " PRIMARY KEY, tenant_id " + kind + " NOT NULL, " +
			"environment text NOT NULL, name text NOT NULL, ticket_id " + kind + ", member_id " + kind +
			", created_at bigint)")
		return errors.Join(made.Error, db.InsertAll(tx, rows[:1]), db.InsertAll(tx, rows[1:2]),
			db.InsertAll(tx, rows[2:]))
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// wantLinked fails the test unless a query finds the rows, in the order of their ids.
func wantLinked(t *testing.T, name string, q *gorm.DB, want []linked) {
	t.Helper()
	var got []linked
	if err := q.Order("id").Find(&got).Error; err != nil || !slices.EqualFunc(got, want, linked.equal) {
		t.Errorf("%s: got %+v, %v, want %+v", name, got, err, want)
	}
}

func TestAnEmptyReferenceIsNULL(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := open(t, e)
		rows := link(t, d)
		q := d.Read(t.Context())
		wantLinked(t, "all", q, rows)
		wantLinked(t, "none", q.Where("ticket_id IS NULL AND member_id IS NULL"), rows[:1])
		for i := range rows { // each gets what another has
			rows[i].TicketID, rows[len(rows)-1-i].MemberID = rows[(i+1)%4].TicketID, rows[i].MemberID
		}
		err := d.Tx(t.Context(), func(tx *gorm.DB) error {
			return errors.Join(db.Upsert(tx, rows[:1], []string{"id"}, []string{"ticket_id", "member_id"}),
				db.Upsert(tx, rows[1:3], []string{"id"}, []string{"ticket_id", "member_id"}),
				db.ByID(tx.Model(&linked{}), rows[3].ID).Select("ticket_id", "member_id").Updates(&rows[3]).Error)
		})
		if err != nil {
			t.Fatal(err)
		}
		wantLinked(t, "changed", q, rows)
	})
}

func TestConditionsOnIDsTakeTypeIDs(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := open(t, e)
		rows := link(t, d)
		q := d.Read(t.Context())
		one := rows[1]
		u, err := id.Parse(one.ID)
		if err != nil {
			t.Fatal(err)
		}
		none := []string{"", "nothing", id.New(id.Lead), u.TypeID(id.Ticket), u.TypeID("x"), u.String(),
			strings.ToUpper(one.ID), one.ID + "0", "0" + one.ID}
		for name, c := range map[string]struct {
			of   func(leadID string) *gorm.DB
			want []linked
		}{
			"ByID":          {func(i string) *gorm.DB { return db.ByID(q, i) }, rows[1:2]},
			"qualified":     {func(i string) *gorm.DB { return db.WhereID(q.Table("linked l"), "l.id", i) }, rows[1:2]},
			"WhereOptional": {func(i string) *gorm.DB { return db.WhereOptional(q, map[string]string{"id": i}) }, rows[1:2]},
			"WhereIn":       {func(i string) *gorm.DB { return db.WhereIn(q, "id", []string{i}) }, rows[1:2]},
			"WhereIn of two": {func(i string) *gorm.DB { return db.WhereIn(q, "id", []string{i, id.New(id.Lead)}) },
				rows[1:2]},
			"WhereIn of all": {func(i string) *gorm.DB {
				return db.WhereIn(q, "id", []string{rows[3].ID, i, "nothing", rows[2].ID})
			}, rows[1:]},
			"tuple": {func(i string) *gorm.DB {
				return db.WhereInTuples(q, []string{"tenant_id", "name", "id"}, [][]string{{one.TenantID, "x", i}})
			}, rows[1:2]},
			"tuples": {func(i string) *gorm.DB {
				return db.WhereInTuples(q, []string{"tenant_id", "name", "id"}, [][]string{{one.TenantID, "x", i},
					{one.TenantID, "y", i}, {"nothing", "x", i}, {rows[2].TenantID, "x", i},
					{rows[3].TenantID, "x", rows[3].ID}})
			}, []linked{one, rows[3]}},
			"subquery": {func(i string) *gorm.DB {
				return q.Where("id IN (?)", db.ByID(q.Session(&gorm.Session{}).Model(&linked{}), i).Select("id"))
			}, rows[1:2]},
			"not": {func(i string) *gorm.DB { return q.Not(db.ByID(q, i)) }, []linked{rows[0], rows[2], rows[3]}},
		} {
			wantLinked(t, name, c.of(one.ID), c.want)
			others := slices.DeleteFunc(slices.Clone(c.want), func(l linked) bool { return l.ID == one.ID })
			if name == "not" {
				others = rows
			}
			for _, bad := range none {
				if bad != "" || name != "WhereOptional" {
					wantLinked(t, name+" with "+bad, c.of(bad), others)
				}
			}
		}
		wantLinked(t, "a reference", db.WhereID(q, "ticket_id", one.TicketID), rows[1:2])
		wantLinked(t, "a reference that may be nil", db.WhereID(q, "member_id", *one.MemberID), rows[1:2])
		wantLinked(t, "a table of texts and UUIDs", db.WhereOptional(q, map[string]string{"name": "x",
			"ticket_id": one.TicketID}), rows[1:2])
		var found []linked
		if err := db.WhereID(q, "name", one.ID).Find(&found).Error; err == nil {
			t.Error("WhereID on a column of texts: got no error, want one")
		}
	})
}

func TestAUUIDIsNotComparedWithAText(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := open(t, e)
		rows := link(t, d)
		typeID, nobody := rows[1].ID, id.New(id.Member)
		one := func(q *gorm.DB) *gorm.DB { return q.Model(&linked{}).Where("id = ?", typeID) }
		find := func(condition any, args ...any) func(*gorm.DB) error {
			return func(q *gorm.DB) error { return q.Where(condition, args...).Find(&[]linked{}).Error }
		}
		for name, statement := range map[string]func(q *gorm.DB) error{
			"=":              find("id = ?", typeID),
			"= after others": find("name = ? AND id=?", "x", typeID),
			"<>":             find("linked.id <> ?", typeID),
			">":              find("id > ?", typeID),
			"IN":             find("id IN ?", []string{typeID}),
			"IN of several":  find("id IN (?, ?)", id.UUID{}, typeID),
			"a pointer":      find("member_id = ?", &nobody),
			"clause.Eq":      find(clause.Eq{Column: "id", Value: typeID}),
			"not":            func(q *gorm.DB) error { return q.Not("id = ?", typeID).Find(&[]linked{}).Error },
			"subquery": func(q *gorm.DB) error {
				return q.Where("id IN (?)", one(q.Session(&gorm.Session{})).Select("id")).Find(&[]linked{}).Error
			},
			"count":  func(q *gorm.DB) error { return one(q).Count(new(int64)).Error },
			"update": func(q *gorm.DB) error { return one(q).Update("name", "y").Error },
			"delete": func(q *gorm.DB) error { return one(q).Delete(&linked{}).Error },
			"set": func(q *gorm.DB) error {
				values := map[string]any{"name": "y", "ticket_id": rows[2].TicketID}
				return db.ByID(q.Model(&linked{}), typeID).Updates(values).Error
			},
		} {
			if err := d.Tx(t.Context(), statement); err == nil {
				t.Errorf("%s: got no error, want one", name)
			}
		}
		wantLinked(t, "afterwards", d.Read(t.Context()), rows)
		wantLinked(t, "texts", d.Read(t.Context()).Where("name = ? AND name IN ? AND environment <> ?", "x",
			[]string{"x", typeID}, typeID), rows)
	})
}

func TestALogOfUUIDsIsReadFromItsCursorsAlone(t *testing.T) {
	t.Parallel()
	engine.Each(t, func(t *testing.T, e engine.Engine) {
		d := open(t, e)
		rows := link(t, d)
		cursor := func(l linked) page.Cursor { return page.Cursor{At: l.CreatedAt.Time, ID: l.ID} }
		after := cursor(rows[1])
		for name, c := range map[string]struct {
			read func(*gorm.DB, page.Log, func(linked) page.Cursor) ([]linked, *string, error)
			want []linked
		}{
			"newest first": {db.PaginateKeyset[linked], rows[:1]},
			"oldest first": {db.PaginateKeysetAsc[linked], rows[2:]},
		} {
			got, _, err := c.read(d.Read(t.Context()), page.Log{After: &after, Limit: 5}, cursor)
			if err != nil || !slices.EqualFunc(got, c.want, linked.equal) {
				t.Errorf("%s: got %+v, %v, want %+v", name, got, err, c.want)
			}
			for _, bad := range []string{"nothing", id.New(id.Ticket)} {
				wrong := page.Log{After: &page.Cursor{At: after.At, ID: bad}, Limit: 5}
				_, _, err := c.read(d.Read(t.Context()), wrong, cursor)
				var p *problem.Error
				if !errors.As(err, &p) || p.Code != problem.ValidationFailed {
					t.Errorf("%s, from %q: got %v, want a problem with the cursor", name, bad, err)
				}
			}
		}
	})
}
