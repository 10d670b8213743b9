package contract_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/event"
	"github.com/hookline/hookline/internal/profile"
)

// resourceWords are what a text about each resource of the contract says.
var resourceWords = map[string]string{
	"leads":    `leads?`,
	"content":  `(blog|social)[ _-]posts?|agent runs?`,
	"support":  `tickets?|inbox(es)?`,
	"tracking": `followers?|tracked[ _-]accounts?|trackers?|direct[ _-]messages?|snapshots?`,
	"billing":  `invoices?`,
}

// headers are those of products, which no other sends.
var headers = map[string]string{"leadmetrics": "X-Leadmetrics", "inboxops": "X-InboxOps", "leadie": "X-Leadie",
	"leadhooks": "X-Webhook-Signature"}

// theirs are texts about a product's own resource that have the word of another one.
var theirs = map[string]*regexp.Regexp{"leadie": regexp.MustCompile(`total_leads_stored|Number of leads stored`)}

// TestTheDocumentOfAProductSpeaksOnlyItsLanguage looks in every text for names of events, groups, permissions, headers,
// key prefixes and resources that are another product's.
func TestTheDocumentOfAProductSpeaksOnlyItsLanguage(t *testing.T) {
	t.Parallel()
	for _, name := range profile.All() {
		if name == profile.Default {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			foreign, doc := foreignTo(t, name), document(t, name)
			texts := 0
			each(doc, "#", func(path, text string) {
				texts++
				if own := theirs[name]; own != nil {
					text = own.ReplaceAllString(text, "")
				}
				if found := foreign(text); found != "" && !aboutAlerts(path, found) {
					t.Errorf("%s: got %q in %q, want no word of another product", path, found, text)
				}
			})
			if texts < 5000 {
				t.Errorf("texts: got %d, want the whole document", texts)
			}
		})
	}
}

// aboutAlerts reports whether a name is that of a condition of alerts, which also events have, or of an entry of the
// audit log: a product has them whether or not it has the event.
func aboutAlerts(path, name string) bool {
	return event.Operational(name) && !strings.HasPrefix(path, "#/webhooks")
}

// foreignTo returns a function that finds the first word in a text that is not a product's, and "" when all are.
func foreignTo(t *testing.T, name string) func(text string) string {
	t.Helper()
	c, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	p := profile.Of(name)
	own, groups, words := map[string]bool{}, map[string]bool{}, []string{}
	for _, et := range c.EventTypes {
		if p.Offers(et.Name, et.Resource) {
			own[p.EventName(et.Name)] = true
			groups[strings.Split(et.Name, ".")[0]] = true
		}
	}
	for _, permission := range c.PermissionsOf(p.Sells) {
		own[permission] = true
	}
	for _, word := range c.Permissions() {
		words = append(words, regexp.QuoteMeta(word))
	}
	for _, et := range c.EventTypes {
		words = append(words, regexp.QuoteMeta(et.Name), regexp.QuoteMeta(strings.Split(et.Name, ".")[0]+".*"))
	}
	for _, other := range profile.All() {
		for _, called := range profile.Of(other).Names {
			words = append(words, called)
		}
		if !slices.Contains(p.Choices(), other) {
			words = append(words, other)
		}
		if k := profile.Of(other).Keys; k != p.Keys {
			words = append(words, k.Live, k.Test)
		}
		if header, ok := headers[other]; ok && other != name {
			words = append(words, header)
		}
	}
	named := regexp.MustCompile(`(^|[^a-zA-Z0-9_.])(` + strings.Join(longestFirst(words), "|") + `)`)
	var others []string
	for resource, words := range resourceWords {
		if !p.Sells(resource) {
			others = append(others, words)
		}
	}
	resources := regexp.MustCompile(`(?i)\b(` + strings.Join(others, "|") + `)\b`)
	return func(text string) string {
		for _, found := range named.FindAllStringSubmatch(text, -1) {
			group, isGroup := strings.CutSuffix(found[2], ".*")
			if !own[found[2]] && !(isGroup && groups[group]) {
				return found[2]
			}
		}
		return resources.FindString(text)
	}
}

// longestFirst sorts words so that a regular expression finds the longer one of two that begin alike.
func longestFirst(words []string) []string {
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	return words
}

// TestEveryExampleOfADocumentFitsItsSchema after names and data of the product are put into it.
func TestEveryExampleOfADocumentFitsItsSchema(t *testing.T) {
	t.Parallel()
	for _, name := range profile.All() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw, err := json.Marshal(document(t, name))
			if err != nil {
				t.Fatal(err)
			}
			wrong, checked := contract.Mismatches(t, raw)
			for _, text := range wrong {
				t.Error(text)
			}
			if checked < 100 {
				t.Errorf("examples: got %d, want at least 100", checked)
			}
		})
	}
}

func document(t *testing.T, name string) any {
	t.Helper()
	c, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.Publish(profile.Of(name).Edition())
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(d.JSON.Plain, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// each calls a function with every text in a document, those of keys among them.
func each(v any, path string, f func(path, text string)) {
	switch v := v.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			f(path, key)
			each(v[key], path+"/"+key, f)
		}
	case []any:
		for i, item := range v {
			each(item, fmt.Sprintf("%s/%d", path, i), f)
		}
	case string:
		f(path, v)
	}
}
