// Package tag has the tags of a tenant, and which tickets have them.
package tag

import (
	"cmp"
	"slices"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/search"
)

// limit is the maximum of tags of a ticket.
const limit = 50

// Tag is a row of tags. NameKey is the name as it is compared.
type Tag struct {
	ID          string `gorm:"serializer:tag"`
	TenantID    string `gorm:"serializer:tnt"`
	Environment principal.Environment
	Name        string
	NameKey     string
	CreatedAt   db.Time
}

// TableName implements GORM's Tabler.
func (Tag) TableName() string { return "tags" }

// Tagging is a row of ticket_tags: a ticket has a tag.
type Tagging struct {
	TenantID    string `gorm:"serializer:tnt"`
	Environment principal.Environment
	TicketID    string `gorm:"serializer:tkt"`
	TagID       string `gorm:"serializer:tag"`
	CreatedAt   db.Time
}

// TableName implements GORM's Tabler.
func (Tagging) TableName() string { return "ticket_tags" }

func key(name string) string { return search.Fold(name) }

// byName sorts tags in an order that is the same on both engines.
func byName(tags []Tag) {
	slices.SortFunc(tags, func(a, b Tag) int {
		return cmp.Or(cmp.Compare(a.NameKey, b.NameKey),
			cmp.Compare(a.ID, b.ID))
	})
}

func names(tags []Tag) []string {
	out := make([]string, 0, len(tags))
	for _, t := range tags {
		out = append(out, t.Name)
	}
	return out
}
