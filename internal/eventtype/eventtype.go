// Package eventtype has the event types: those of the catalogue, which the contract describes, and those that a tenant
// registers, each with a JSON Schema that the data of its events must fit. An own type belongs to an environment, so a
// change that is tried with a test key can't refuse live events.
package eventtype

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/plan"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/quota"
	"github.com/hookline/hookline/internal/schema"
	"github.com/hookline/hookline/internal/wire"
)

const (
	defaultText = 4_000_000 // characters
	maxSample   = 64 << 10  // bytes
)

// Quota is the quota on a tenant's own types.
var Quota = quota.Counted{Name: plan.EventTypes, Noun: "event type",
	Remedy: "Delete one that was never used, replace several by one with a property for the kind",
	Rows: func(q *gorm.DB, tenantID string, _ time.Time) *gorm.DB {
		return db.Tenant(q.Model(&Own{}), tenantID)
	}}

// Own is a row of event_types: a type that a tenant registered. SchemaText and Sample are JSON, as they were sent.
type Own struct {
	TenantID     string
	Environment  principal.Environment
	Name         string
	GroupName    string
	Description  string
	SchemaText   string
	Sample       string
	CreatedAt    db.Time
	UpdatedAt    db.Time
	DeprecatedAt db.Time // zero while it is not deprecated
}

// TableName implements GORM's Tabler.
func (Own) TableName() string { return "event_types" }

// Type is an event type, of the catalogue or a tenant. Schema is a JSON Schema of the event's data as the caller's
// product writes them; Sample is JSON, data as ours, which Validate takes.
type Type struct {
	Name, Group, Description string
	Schema, Sample           []byte
	Own                      bool
	DeprecatedAt             db.Time
	validate                 func(data []byte) error
}

// Validate fails with a problem that names every place where data, which is JSON, does not fit the type's schema.
func (t Type) Validate(data []byte) error { return t.validate(data) }

// ofCatalogue is a type of the catalogue as it is in a product.
func (t *Types) ofCatalogue(p profile.Profile, known contract.EventType) (Type, error) {
	out := Type{Name: known.Name, Group: known.Group, Description: known.Description, Schema: known.Schema,
		Sample: p.WithOwnKeys(known.Sample), validate: known.Validate}
	if d, ok := t.contract.Delivered(p.Name, p.EventName(known.Name)); ok {
		out.Description, out.Schema = d.Description, d.Schema
	}
	var err error
	out.Schema, err = p.Schema(known.Name, out.Schema)
	return out, err
}

// nameProblems refuse names that mean something else: of events of Hookline itself, and those that a profile has for a
// type of the catalogue, whose tenants would get two types of one name. Only the default profile's tenants know others.
func nameProblems(p profile.Profile, name string) []problem.Detail {
	refuse := func(message string) []problem.Detail { return []problem.Detail{{Field: "type", Message: message}} }
	if event.Operational(name) {
		return refuse("is reserved for events of Hookline itself")
	}
	for _, other := range profile.All() {
		for eventType, called := range profile.Of(other).Names {
			switch {
			case called != name:
			case slices.Contains(p.Choices(), other):
				return refuse("is what the profile " + other + " calls " + eventType + "; take another name")
			default:
				return refuse("is reserved; take another name")
			}
		}
	}
	return nil
}

// groupOf is the first word of a name.
func groupOf(name string) string {
	first, _, _ := strings.Cut(name, ".")
	return first
}

var version = regexp.MustCompile(`^(.*\.v)([0-9]{1,6})$`)

// next is a name for the type that takes the place of another.
func next(name string) string {
	if m := version.FindStringSubmatch(name); m != nil {
		n, _ := strconv.Atoi(m[2])
		return m[1] + strconv.Itoa(n+1)
	}
	return name + ".v2"
}

// Change has the fields of a type to change; nil keeps a field.
type Change struct {
	Description, Group *string
	Schema             *schema.Schema
	SchemaText         []byte
	Sample             []byte
	Deprecated         *bool
}

// apply changes a type, whose present schema is given. It refuses what would break those who read the data.
func (o *Own) apply(c Change, present *schema.Schema, now db.Time) error {
	if c.Schema != nil {
		if wrong := schema.Compatible("schema", present, c.Schema); len(wrong) > 0 {
			refused := problem.New(problem.Conflict,
				"The schema would break consumers of %s: %s. Keep what they rely on and add properties of other "+
					"names, or register a new type, such as %s, and deprecate this one.",
				o.Name, places(len(wrong)), next(o.Name))
			refused.Details = wrong
			return refused
		}
		present, o.SchemaText = c.Schema, string(c.SchemaText)
	}
	if c.Sample != nil {
		o.Sample = string(c.Sample)
	}
	if c.Schema != nil || c.Sample != nil {
		if err := checkSample(o.Name, present, []byte(o.Sample)); err != nil {
			return err
		}
	}
	o.Description, o.GroupName = wire.Or(c.Description, o.Description), wire.Or(c.Group, o.GroupName)
	switch {
	case c.Deprecated == nil:
	case !*c.Deprecated:
		o.DeprecatedAt = db.Time{}
	case o.DeprecatedAt.IsZero():
		o.DeprecatedAt = now
	}
	o.UpdatedAt = now
	return nil
}

func places(n int) string {
	if n == 1 {
		return "1 place"
	}
	return fmt.Sprintf("%d places", n)
}

func checkSample(name string, s *schema.Schema, sample []byte) error {
	wrong := sampleProblems(s, sample)
	switch {
	case len(wrong) == 0:
		return nil
	case len(sample) > maxSample:
		return problem.Invalid(wrong...)
	}
	return problem.Mismatch(name, wrong...)
}

// sampleProblems are all violations of a schema by a sample.
func sampleProblems(s *schema.Schema, sample []byte) []problem.Detail {
	if len(sample) > maxSample {
		return []problem.Detail{{Field: "sample",
			Message: fmt.Sprintf("has %d bytes; a sample can have %d", len(sample), maxSample)}}
	}
	return s.Check("sample", sample)
}

// sorted puts types in the order of their names.
func sorted(types []Type) []Type {
	slices.SortFunc(types, func(a, b Type) int { return cmp.Compare(a.Name, b.Name) })
	return types
}
