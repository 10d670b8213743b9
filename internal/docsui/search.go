package docsui

import (
	"cmp"
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

// passage is a part of a page that a search finds: what is below one heading.
type passage struct {
	page, title, href string
	text              string
	lowerTitle, lower string
}

// result is a passage that a search found.
type result struct {
	Page, Title, Href string
	Excerpt           template.HTML
}

const (
	longestQuery = 100 // characters; the rest is ignored
	mostWords    = 8
	mostResults  = 30
	// mostSuggestions is how many pages are named in place of one that is not there.
	mostSuggestions = 6
	excerptSize     = 220
)

// index has the passages of all pages of an edition.
func (s *site) index(e *edition) ([]passage, error) {
	made, _ := s.indexes.LoadOrStore(e.name, sync.OnceValues(func() ([]passage, error) {
		var all []passage
		for _, slug := range e.slugs() {
			if slug == reference {
				continue // its pages are there
			}
			p, err := s.page(e, slug)
			if err != nil {
				return nil, err
			}
			all = append(all, passagesOf(p, e.href(slug))...)
		}
		return all, nil
	}))
	return made.(func() ([]passage, error))() //nolint:forcetypeassert // stored above
}

var (
	markedHeading = regexp.MustCompile(`(?m)^#{2,3} .+$`)
	markedSecond  = regexp.MustCompile(`(?m)^## .+$`) // an operation, on pages of the reference
	opening       = regexp.MustCompile("(?m)^```.*$")
	linked        = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// unlinked is Markdown with the texts of links alone.
func unlinked(source string) string { return linked.ReplaceAllString(source, "$1") }

// passagesOf cuts a page at its headings.
func passagesOf(p *shown, href string) []passage {
	var out []passage
	add := func(title, at, text string) {
		text = opening.ReplaceAllString(text, "")
		text = strings.Join(strings.Fields(strings.NewReplacer("`", "", "**", "", "|", " ").Replace(unlinked(text))), " ")
		out = append(out, passage{page: p.Title, title: title, href: at, text: text,
			lowerTitle: strings.ToLower(title), lower: strings.ToLower(text)})
	}
	pattern := markedHeading
	if strings.HasPrefix(p.Slug, reference) {
		pattern = markedSecond
	}
	cuts := pattern.FindAllStringIndex(outsideCode(p.Markdown), -1)
	end := len(p.Markdown)
	if len(cuts) > 0 {
		end = cuts[0][0]
	}
	_, intro, _ := strings.Cut(p.Markdown[:end], "\n")
	add(p.Title, href, intro)
	for i, cut := range cuts {
		end := len(p.Markdown)
		if i+1 < len(cuts) {
			end = cuts[i+1][0]
		}
		if i < len(p.Headings) {
			add(p.Headings[i].Text, href+"#"+p.Headings[i].ID, p.Markdown[cut[1]:end])
		}
	}
	return out
}

var fenced = regexp.MustCompile("(?s)```.*?```")

// outsideCode replaces what is in blocks of code by spaces, so that no line of code looks like a heading.
func outsideCode(source string) string {
	return fenced.ReplaceAllStringFunc(source, func(code string) string { return strings.Repeat(" ", len(code)) })
}

// wordsOf are the words of a query that are searched for.
func wordsOf(query string) []string {
	words := strings.Fields(strings.ToLower(query))
	return words[:min(len(words), mostWords)]
}

// find returns the passages that have all words of a query, the best first.
func find(all []passage, query string) []result {
	words := wordsOf(query)
	var out []result
	for _, p := range best(all, words) {
		out = append(out, result{p.page, p.title, p.href, excerpt(p, words)})
	}
	return out
}

func best(all []passage, words []string) []passage {
	if len(words) == 0 {
		return nil
	}
	type scored struct {
		passage
		score int
	}
	var hits []scored
	for _, p := range all {
		score := 0
		for _, w := range words {
			one := p.score(w)
			if one == 0 {
				score = 0
				break
			}
			score += one
		}
		if score > 0 {
			if p.lowerTitle == strings.Join(words, " ") {
				score += 100
			}
			hits = append(hits, scored{p, score})
		}
	}
	slices.SortStableFunc(hits, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	var out []passage
	for _, h := range hits[:min(len(hits), mostResults)] {
		out = append(out, h.passage)
	}
	return out
}

// Passage is a part of a page: what is below one heading, without its code's fences.
type Passage struct{ Page, Title, Path, Text string }

// Searcher searches the guides and the reference of a profile's edition without a server. It returns at most limit
// passages that have all words of a query, the best first. The index of an edition is made by its first search.
func Searcher(c *contract.Contract) func(profile, query string, limit int) ([]Passage, error) {
	s := newSite(c, nil, nil)
	return func(profile, query string, limit int) ([]Passage, error) {
		e, err := s.edition(profile)
		if err != nil {
			return nil, err
		}
		all, err := s.index(e)
		if err != nil {
			return nil, err
		}
		var out []Passage
		for _, p := range best(all, wordsOf(query)) {
			if len(out) < limit {
				out = append(out, Passage{p.page, p.title, p.href, p.text})
			}
		}
		return out, nil
	}
}

// score says how well a passage fits a word; 0 when it does not have it.
func (p passage) score(word string) int {
	page, stem := strings.ToLower(p.page), stemOf(word)
	score := min(strings.Count(p.lower, word), 4)
	switch {
	case strings.Contains(p.lowerTitle, word):
		return score + 20
	case strings.Contains(p.lowerTitle, stem):
		return score + 15
	case strings.Contains(page, word):
		return score + 10
	case strings.Contains(page, stem):
		return score + 8
	case score == 0 && strings.Contains(p.lower, stem):
		return 1
	}
	return score
}

// stemOf is a word without what makes it plural, so that retry finds retries and errors an error.
func stemOf(word string) string {
	const shortest = 5
	for _, ending := range []string{"ies", "y", "s"} {
		if stem, ok := strings.CutSuffix(word, ending); ok && len(word) >= shortest {
			return stem
		}
	}
	return word
}

// excerpt is the text around the first word that was found, with all of them marked.
func excerpt(p passage, words []string) template.HTML {
	first := len(p.text)
	for _, w := range words {
		if i := strings.Index(p.lower, w); i >= 0 {
			first = min(first, i)
		}
	}
	if first == len(p.text) {
		first = 0
	}
	start := max(0, first-60)
	if start > 0 {
		start += strings.Index(p.text[start:]+" ", " ") + 1
	}
	start = min(start, len(p.text))
	end := min(len(p.text), start+excerptSize)
	if end < len(p.text) {
		end = start + strings.LastIndex(p.text[start:end], " ")
		end = max(end, start)
	}
	text := template.HTMLEscapeString(strings.ToValidUTF8(p.text[start:end], ""))
	escaped := make([]string, len(words))
	for i, w := range words {
		escaped[i] = regexp.QuoteMeta(template.HTMLEscapeString(w))
	}
	text = regexp.MustCompile(`(?i)`+strings.Join(escaped, "|")).ReplaceAllString(text, "<mark>$0</mark>")
	if start > 0 {
		text = "… " + text
	}
	if end < len(p.text) {
		text += " …"
	}
	return template.HTML(text) //nolint:gosec // escaped above
}

// search answers with what has the words of q.
func (s *site) search(c echo.Context, e *edition) error {
	query := []rune(strings.ToValidUTF8(c.QueryParam("q"), ""))
	v := view{Query: string(query[:min(len(query), longestQuery)])}
	all, err := s.index(e)
	if err != nil {
		return err
	}
	v.Results = find(all, v.Query)
	page := s.frame(e, nil, v)
	page.Title = "Search"
	return s.pages.Render(c, http.StatusOK, "search", page)
}

// missing answers that there is no page at a path, with those that may be meant.
func (s *site) missing(c echo.Context, e *edition, slug string) error {
	var v view
	add := func(link ui.Link) {
		known := slices.ContainsFunc(v.Suggestions, func(l ui.Link) bool { return l.Href == link.Href })
		if !known && len(v.Suggestions) < mostSuggestions {
			v.Suggestions = append(v.Suggestions, link)
		}
	}
	if len(slug) <= longestQuery {
		names := map[string]string{}
		for _, known := range e.slugs() {
			names[known[strings.LastIndex(known, "/")+1:]] = known
		}
		var short []string
		for name := range names {
			short = append(short, name)
		}
		slices.Sort(short)
		asked := slug[strings.LastIndex(slug, "/")+1:]
		if near := contract.Nearest(asked, short); near != "" {
			add(*s.linkTo(e, names[near]))
		}
		all, err := s.index(e)
		if err != nil {
			return err
		}
		for _, r := range find(all, strings.NewReplacer("/", " ", "-", " ", ".", " ").Replace(asked)) {
			add(ui.Link{Text: r.Page + ": " + r.Title, Href: r.Href})
		}
	}
	return s.pages.Render(c, http.StatusNotFound, "missing", s.frame(e, nil, v))
}
