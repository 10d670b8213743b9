// Package search finds items by prefixes of their words, identically on both engines. The words are rows of one table,
// written in the transaction that writes the item, so that the index is always current.
package search

import (
	"slices"
	"strings"
	"unicode"

	"gorm.io/gorm"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// The limits: characters of a word, words of an item, and words of a query.
const (
	wordLength = 40
	itemWords  = 200
	termCount  = 10
)

// Kind is a kind of items: the rows of one table, whose ids are in its column id.
type Kind string

// Item is an item with its searchable texts; nil ones are ignored.
type Item struct {
	ID    string
	Texts []*string
}

// Word is a row of search_words.
type Word struct {
	TenantID    string
	Environment principal.Environment
	Kind        Kind
	Word        string
	ItemID      string
}

// TableName implements GORM's Tabler.
func (Word) TableName() string { return "search_words" }

// Words returns the distinct words of a text in lower case, split at everything but letters and digits.
func Words(text string) []string {
	var out []string
	seen := map[string]bool{}
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) &&
			!unicode.IsDigit(r) && !unicode.IsMark(r)
	}) {
		if runes := []rune(w); len(runes) > wordLength {
			w = string(runes[:wordLength])
		}
		if !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}

// Terms returns the words of a query parameter; it fails with a problem when there are none or too many.
func Terms(parameter, text string) ([]string, error) {
	terms := Words(text)
	switch {
	case len(terms) == 0:
		return nil, problem.Invalid(problem.Detail{Field: parameter, Message: "must have a letter or a digit"})
	case len(terms) > termCount:
		return nil, problem.Invalid(problem.Detail{Field: parameter, Message: "must have at most 10 words"})
	}
	return terms, nil
}

// Add indexes items.
func (k Kind) Add(tx *gorm.DB, scope principal.Scope, items ...Item) error {
	var rows []Word
	for _, it := range items {
		texts := make([]string, 0, len(it.Texts))
		for _, t := range it.Texts {
			if t != nil {
				texts = append(texts, *t)
			}
		}
		words := Words(strings.Join(texts, " "))
		for _, w := range words[:min(len(words), itemWords)] {
			rows = append(rows, Word{scope.TenantID, scope.Environment, k, w, it.ID})
		}
	}
	return db.InsertAll(tx, rows)
}

// Replace replaces the index of an item.
func (k Kind) Replace(tx *gorm.DB, scope principal.Scope, it Item) error {
	if err := k.Remove(tx, scope, it.ID); err != nil {
		return err
	}
	return k.Add(tx, scope, it)
}

// Remove removes an item from the index.
func (k Kind) Remove(tx *gorm.DB, scope principal.Scope, itemID string) error {
	return db.Scope(tx, scope).Where("item_id = ? AND kind = ?", itemID, k).Delete(&Word{}).Error
}

// Narrow narrows a query to the items in which each term is a prefix of a word.
func (k Kind) Narrow(q *gorm.DB, scope principal.Scope, terms []string) *gorm.DB {
	for _, term := range slices.Sorted(slices.Values(terms)) {
		found := db.Scope(q.Session(&gorm.Session{NewDB: true}).Model(&Word{}), scope).Select("item_id").
			Where("kind = ? AND word >= ? AND word < ?", k, term, term+string(unicode.MaxRune))
		q = q.Where("id IN (?)", found)
	}
	return q
}
