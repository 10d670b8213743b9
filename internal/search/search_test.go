package search_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/search"
)

func TestATextIsSplitIntoItsWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                           nil,
		" \t-@.*":                    nil,
		"Ada Lovelace":               {"ada", "lovelace"},
		"ada+test@Example.COM":       {"ada", "test", "example", "com"},
		"Ada ada ADA":                {"ada"},
		"Zoë Ärger 株式会社":             {"zoë", "ärger", "株式会社"},
		"e\u0301tude":                {"étude"},
		"ＡＤＡ ﬁnance ½":               {"ada", "finance", "1", "2"}, // compatibility forms
		"ΟΔΥΣΣΕΥΣ Οδυσσεύς":          {"οδυσσευσ", "οδυσσεύσ"},     // the final sigma is a sigma
		"Straße STRASSE":             {"strasse"},
		"İSTANBUL ıstanbul Istanbul": {"istanbul"},
		"हिन्दी ไทยแลนด์ עברית": {"हिन्दी", "ไทยแลนด์", "עברית"}, // marks are parts of words
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

func TestSearchTermsAreRequiredAndLimited(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{"a": true, "1 2 3 4 5 6 7 8 9 10": true, "***": false, " ": false,
		"1 2 3 4 5 6 7 8 9 10 11": false} {
		if _, err := search.Terms("q", text); (err == nil) != ok {
			t.Errorf("%q: got %v, want allowed: %t", text, err, ok)
		}
	}
}

func TestTokensAreTheWordsBehindTheTagOfTheirScope(t *testing.T) {
	t.Parallel()
	live := principal.Scope{TenantID: "tnt_1", Environment: principal.Live}
	name, email := "Ada Lovelace", "ada@example.com"
	got := strings.Fields(search.Tokens(live, &name, nil, &email))
	if len(got) != 4 || got[0][8:] != "ada" || got[3][8:] != "com" || got[0][:8] != got[3][:8] {
		t.Errorf("tokens %q, want ada, lovelace, example and com, each behind the same tag", got)
	}
	for _, other := range []principal.Scope{{TenantID: "tnt_1", Environment: principal.Test}, {TenantID: "tnt_2",
		Environment: principal.Live}} {
		if search.Tokens(other, &name) == search.Tokens(live, &name) {
			t.Errorf("tokens of %v: got those of %v, want others", other, live)
		}
	}
	var many strings.Builder
	for i := range 300 {
		fmt.Fprintf(&many, "w%d ", i)
	}
	long := many.String()
	if n := len(strings.Fields(search.Tokens(live, &long))); n != 200 {
		t.Errorf("%d tokens of 300 words, want the first 200", n)
	}
	if got := search.Tokens(live); got != "" {
		t.Errorf("tokens of nothing: got %q, want none", got)
	}
}

func TestWordsOfScriptsWithoutSpacesAreFoundByAnyPart(t *testing.T) {
	t.Parallel()
	scope := principal.Scope{TenantID: "tnt_1", Environment: principal.Live}
	for text, want := range map[string][]string{
		"株式会社日本 Ada": {"株式会社日本", "ada", "式会社日本", "会社日本", "社日本", "日本", "本"},
		"サーバー":       {"サーバー", "バー"},
		"삼성전자":       {"삼성전자", "성전자", "전자", "자"},
		"iPhone価格":   {"iphone価格", "価格", "格"},
		"Zoë Ärger":  {"zoë", "ärger"},
	} {
		got := strings.Fields(search.Tokens(scope, &text))
		for i := range got {
			got[i] = got[i][8:]
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

// TestATextIsFoldedInPartsAsItWouldBeAsAWhole tries texts whose letters and marks compose across any part.
func TestATextIsFoldedInPartsAsItWouldBeAsAWhole(t *testing.T) {
	t.Parallel()
	letters := []rune("aKz 1é\u0301\u0327\u0345ßſẞΣςὰ\u0313田ﬁ½Ⅷ가ᄀ\u1161\u11a8\u00a8")
	numbers := rand.New(rand.NewPCG(1, 2))
	texts := []string{"\xff", "a\xffé", "e\u0301\xc3", "é\xc3(é"}
	for range 20_000 {
		var text []rune
		for range numbers.IntN(9) {
			text = append(text, letters[numbers.IntN(len(letters))])
		}
		texts = append(texts, string(text))
	}
	for _, text := range texts {
		want := norm.NFKC.String(cases.Fold().String(norm.NFKC.String(text)))
		if got := search.Fold(text); got != want {
			t.Fatalf("%q: got %q, want %q", text, got, want)
		}
	}
}
