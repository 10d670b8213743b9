package db

import (
	"context"
	"database/sql/driver"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
	"gorm.io/gorm/schema"

	"github.com/hookline/hookline/internal/id"
)

// uuidSerializer stores a TypeID with a known prefix, in a text field of a model, in a column of the type uuid. A model
// asks for it with the tag gorm:"serializer:evt", where evt is the prefix. A condition on such a column takes an
// id.UUID.
type uuidSerializer struct{ prefix string }

// The nouns whose ids are stored as UUIDs.
func init() { //nolint:gochecknoinits // GORM's registry of serializers is global
	for _, prefix := range []string{id.Tenant, id.Event, id.Endpoint, id.Delivery} {
		schema.RegisterSerializer(prefix, uuidSerializer{prefix})
	}
}

// Scan implements schema.SerializerInterface.
func (s uuidSerializer) Scan(ctx context.Context, field *schema.Field, dst reflect.Value, v any) error {
	if v == nil {
		return field.Set(ctx, dst, "")
	}
	var u id.UUID
	if err := u.Scan(v); err != nil {
		return err
	}
	field.ReflectValueOf(ctx, dst).SetString(u.TypeID(s.prefix))
	return nil
}

// Value implements schema.SerializerInterface.
func (s uuidSerializer) Value(_ context.Context, field *schema.Field, _ reflect.Value, v any) (any, error) {
	text, _ := v.(string)
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
	return ok
}

// uuidTables are the tables whose tenant_id is a UUID; partitions of them have the day after their name.
var uuidTables = []string{"events", "deliveries", "attempts", "publisher_ids", "delivery_counts"}

// inUUIDs says whether the table of a statement has UUIDs.
func inUUIDs(stmt *gorm.Statement) bool {
	if stmt.Schema != nil {
		return uuidField(stmt.Schema.FieldsByDBName[tenantColumn])
	}
	name, _, _ := strings.Cut(stmt.Table, " ")
	if stmt.TableExpr != nil {
		name, _, _ = strings.Cut(stmt.TableExpr.SQL, " ")
	}
	name = strings.Trim(name, "\"`") // the engines quote differently
	for _, table := range uuidTables {
		if day, ok := strings.CutPrefix(name, table); ok && (day == "" || day[0] == '_') {
			return true
		}
	}
	return false
}

// ofTenant is the condition on the tenant of a table, whichever form its ids have.
type ofTenant struct{ tenantID string }

// Build implements clause.Expression.
func (c ofTenant) Build(b clause.Builder) {
	var value any = c.tenantID
	if stmt, ok := b.(*gorm.Statement); ok && inUUIDs(stmt) {
		u, err := id.Parse(c.tenantID)
		if err != nil {
			_ = stmt.AddError(fmt.Errorf("db: tenant %q: %w", c.tenantID, err))
		}
		value = u
	}
	clause.Eq{Column: clause.Column{Table: clause.CurrentTable, Name: tenantColumn}, Value: value}.Build(b)
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

// WhereID narrows a query to the row with a TypeID. A text that is none finds nothing.
func WhereID(q *gorm.DB, column, typeID string) *gorm.DB {
	u, err := id.Parse(typeID)
	if err != nil {
		return q.Where("1 = 0")
	}
	return q.Where(clause.Eq{Column: column, Value: u})
}
