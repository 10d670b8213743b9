package db

import (
	"context"
	"database/sql/driver"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"

	"github.com/hookline/hookline/internal/id"
)

// uuidSerializer stores a TypeID with a known prefix, in a field of a model that is a string or a *string, in a column
// of the type uuid. An empty string, or nil, is NULL. A model asks for it with the tag gorm:"serializer:evt", where evt
// is the prefix.
//
// A condition on such a column takes an id.UUID. ByID, WhereID, WhereIn, WhereInTuples, WhereOptional and the pages of
// logs take TypeIDs: they look up in the statement's model which columns are UUIDs.
type uuidSerializer struct{ prefix string }

// The nouns whose ids are stored as UUIDs, at least where other rows refer to them.
func init() { //nolint:gochecknoinits // GORM's registry of serializers is global
	for _, prefix := range []string{id.Tenant, id.Event, id.Endpoint, id.Delivery, id.Lead, id.Inbox, id.Ticket,
		id.Message, id.Tag, id.TrackedAccount, id.Snapshot, id.DirectMessage, id.TrackerJob, id.AgentRun, id.Invoice,
		id.Member, id.Credit, id.Job} {
		schema.RegisterSerializer(prefix, uuidSerializer{prefix})
	}
}

// Scan implements schema.SerializerInterface.
func (s uuidSerializer) Scan(ctx context.Context, field *schema.Field, dst reflect.Value, v any) error {
	to := field.ReflectValueOf(ctx, dst)
	if v == nil {
		to.SetZero()
		return nil
	}
	var u id.UUID
	if err := u.Scan(v); err != nil {
		return err
	}
	if to.Kind() == reflect.Pointer {
		to.Set(reflect.New(to.Type().Elem()))
		to = to.Elem()
	}
	to.SetString(u.TypeID(s.prefix))
	return nil
}

// Value implements schema.SerializerInterface.
func (s uuidSerializer) Value(_ context.Context, field *schema.Field, _ reflect.Value, v any) (any, error) {
	text, _ := v.(string)
	if p, ok := v.(*string); ok && p != nil {
		text = *p
	}
	if text == "" {
		return nil, nil
	}
	u, err := id.ParseAs(s.prefix, text)
	if err != nil {
		return nil, fmt.Errorf("db: %s: %q: %w", field.Name, text, err)
	}
	return u.String(), nil
}

// uuidField says whether a model's field is stored as a UUID.
func uuidField(f *schema.Field) bool {
	if f == nil {
		return false
	}
	_, ok := f.Serializer.(uuidSerializer)
	return ok || f.FieldType == reflect.TypeFor[id.UUID]()
}

// uuidTables are the tables whose tenant_id is a UUID; partitions of them have the day after their name.
var uuidTables = []string{"events", "deliveries", "attempts", "publisher_ids", "delivery_counts", "leads",
	"support_inboxes", "tickets", "ticket_messages", "tags", "ticket_tags", "tracked_accounts", "tracking_snapshots",
	"tracking_followers", "direct_messages", "tracker_jobs", "posts", "agent_runs", "invoices"}

// inUUIDs says whether the table of a statement without a model has UUIDs.
func inUUIDs(stmt *gorm.Statement) bool {
	name, _, _ := strings.Cut(stmt.Table, " ")
	if stmt.TableExpr != nil {
		name, _, _ = strings.Cut(stmt.TableExpr.SQL, " ")
	}
	name = strings.Trim(name, "\"`") // the engines quote differently
	for _, table := range uuidTables {
		day, ok := strings.CutPrefix(name, table)
		if ok && (day == "" || strings.Trim(day, "0123456789") == "_") {
			return true
		}
	}
	return false
}

// prefixOf returns the prefix of the TypeIDs that a column of a statement stores as UUIDs; empty for other columns. Of
// a statement without a model it knows the tenant alone.
func prefixOf(stmt *gorm.Statement, column string) string {
	if stmt.Schema == nil && column == tenantColumn && inUUIDs(stmt) {
		return id.Tenant
	}
	f := fieldOf(stmt, column)
	if f == nil {
		return ""
	}
	s, _ := f.Serializer.(uuidSerializer)
	return s.prefix
}

// fieldOf returns the field of a statement's model that a column has, whose name may be qualified; nil without one.
func fieldOf(stmt *gorm.Statement, column string) *schema.Field {
	if stmt.Schema == nil {
		return nil
	}
	return stmt.Schema.FieldsByDBName[column[strings.LastIndexByte(column, '.')+1:]]
}

// UUIDs is a uuid[] parameter.
type UUIDs []id.UUID

// Value implements driver.Valuer.
func (a UUIDs) Value() (driver.Value, error) {
	out := make([]byte, 0, 2+37*len(a))
	out = append(out, '{')
	for i, u := range a {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, u.String()...)
	}
	return string(append(out, '}')), nil
}

// WhereUUIDs narrows a query to rows whose column equals one of the ids, as WhereIn does for texts.
func WhereUUIDs(q *gorm.DB, column string, ids []id.UUID) *gorm.DB {
	switch {
	case q.Name() != "postgres":
		return q.Where(column+" IN ?", ids)
	case len(ids) == 1:
		return q.Where(column+" = ?", ids[0])
	}
	return q.Where(column+" = ANY(CAST(? AS uuid[]))", UUIDs(ids))
}

// WhereLogUUIDs is WhereUUIDs for a log that is partitioned by the column. The range of the ids lets PostgreSQL leave
// out the partitions of other days, also in a plan that it keeps.
func WhereLogUUIDs(q *gorm.DB, column string, ids []id.UUID) *gorm.DB {
	if len(ids) == 0 {
		return q.Where("1 = 0")
	}
	first, last := slices.MinFunc(ids, id.UUID.Compare), slices.MaxFunc(ids, id.UUID.Compare)
	return WhereUUIDs(q, column, ids).Where(column+" BETWEEN ? AND ?", first, last)
}
