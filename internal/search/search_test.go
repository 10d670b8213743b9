package search_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/search"
)

func TestATextIsSplitIntoItsWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                                 nil,
		" \t-@.*":                          nil,
		"Ada Lovelace":                     {"ada", "lovelace"},
		"ada+test@Example.COM":             {"ada", "test", "example", "com"},
		"Ada ada ADA":                      {"ada"},
		"Zoë Ärger 株式会社":                   {"zoë", "ärger", "株式会社"},
		"e\u0301tude":                      {"e\u0301tude"},
		"+44 (0)1234":                      {"44", "0", "1234"},
		"O'Brien":                          {"o", "brien"},
		"%_' OR 1=1":                       {"or", "1"},
		strings.Repeat("ä", 50):            {strings.Repeat("ä", 40)},
		"long" + strings.Repeat("x", 1000): {"long" + strings.Repeat("x", 36)},
	} {
		if got := search.Words(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q instead of %q", text, got, want)
		}
	}
}

func TestSomethingMustBeAskedForAndNotTooMuch(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{"a": true, "1 2 3 4 5 6 7 8 9 10": true, "***": false, " ": false,
		"1 2 3 4 5 6 7 8 9 10 11": false} {
		if _, err := search.Terms("q", text); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}
