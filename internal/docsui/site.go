package docsui

import (
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/docs"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/profile"
)

// site is the documentation. Pages are made when they are first asked for, and kept.
type site struct {
	contract *contract.Contract
	// profileOf names the profile of who asks; it is empty for a stranger.
	profileOf func(echo.Context) string
	files     fs.FS
	pages     *ui.Templates
	parts     *template.Template // of the reference
	editions  sync.Map           // of func() (*edition, error), by profile
	indexes   sync.Map           // of func() ([]passage, error), by profile
}

func newSite(c *contract.Contract, profileOf func(echo.Context) string, pages *ui.Templates) *site {
	s := &site{contract: c, profileOf: profileOf, files: docs.Files, pages: pages}
	s.parts = template.Must(template.New("").Funcs(template.FuncMap{"code": codeHTML, "tabs": tabsHTML}).
		ParseFS(files, "templates/*.tmpl"))
	return s
}

// group is a part of the navigation: guides by their slugs.
type group struct {
	title string
	slugs []string
}

// contents are all guides, in the order in which they are read.
var contents = []group{
	{"Start", []string{"", "quickstart", "receive", "testing", "examples/consumers", "cli", "no-code", "agents"}},
	{"Webhooks", []string{"events", "retries", "dead-letters", "security"}},
	{"API", []string{"authentication", "errors", "idempotency", "pagination", "rate-limits", "changelog"}},
	{"Products", []string{"profiles/hookline", "profiles/leadmetrics", "profiles/inboxops", "profiles/leadhooks",
		"profiles/leadie", "profiles/savelead"}},
	{"Moving over", []string{"moving/svix", "moving/convoy", "moving/outpost", "moving/hookdeck"}},
}

// start is the page at the address of an edition: of a product, its own.
func (e *edition) start() string {
	if e.name == profile.Default {
		return ""
	}
	return "profiles/" + e.name
}

// query asks for the edition where the address alone does not.
func (e *edition) query() string {
	if e.name == profile.Default {
		return ""
	}
	return "?profile=" + e.name
}

// guides lists the slugs that an edition has, by group. A product's tenants see the page of their own instead of those
// of all products, and of moving over.
func (e *edition) guides() []group {
	if e.name == profile.Default {
		return contents
	}
	var out []group
	for i, g := range contents {
		own := slices.DeleteFunc(slices.Clone(g.slugs), func(slug string) bool {
			return slug == "" || strings.Contains(slug, "/")
		})
		if i == 0 {
			own = append([]string{e.start()}, own...)
		}
		if len(own) > 0 {
			out = append(out, group{g.title, own})
		}
	}
	return out
}

// reference is the path of the pages about the contract.
const reference = "reference"

// slugs lists all pages of an edition in order.
func (e *edition) slugs() []string {
	var out []string
	for _, g := range e.guides() {
		out = append(out, g.slugs...)
	}
	out = append(out, reference)
	for _, t := range e.tags {
		out = append(out, reference+"/"+t.Name)
	}
	return append(out, reference+"/payloads")
}

// edition is that of a profile.
func (s *site) edition(name string) (*edition, error) {
	made, _ := s.editions.LoadOrStore(name, sync.OnceValues(func() (*edition, error) { return s.newEdition(name) }))
	return made.(func() (*edition, error))() //nolint:forcetypeassert // stored above
}

// shown is a page.
type shown struct {
	Slug, Title string
	Summary     string // its first sentence
	HTML        func() (template.HTML, error)
	Headings    []heading
	Markdown    string
	Wide        bool // without a table of contents beside it
}

// href is the address of a page.
func (e *edition) href(slug string) string {
	if slug == e.start() {
		return e.base
	}
	return strings.TrimRight(e.base+"/"+slug, "/")
}

// page makes the page with a slug; nil when the edition has none.
func (s *site) page(e *edition, slug string) (*shown, error) {
	if !slices.Contains(e.slugs(), slug) {
		return nil, nil //nolint:nilnil // absent is no error
	}
	made, _ := e.pages.LoadOrStore(slug, sync.OnceValues(func() (*shown, error) { return s.newPage(e, slug) }))
	return made.(func() (*shown, error))() //nolint:forcetypeassert // stored above
}

func (s *site) newPage(e *edition, slug string) (*shown, error) {
	if slug == reference || strings.HasPrefix(slug, reference+"/") {
		return s.referencePage(e, slug), nil
	}
	source, err := s.source(e, slug)
	if err != nil {
		return nil, err
	}
	p := &shown{Slug: slug, Markdown: published(source), Summary: summary(source)}
	m := newMarkdown(func(to string) string { return s.link(e, slug, to) })
	o := m.outline(source)
	p.Title, p.Headings = o.Title, o.Headings
	p.HTML = sync.OnceValues(func() (template.HTML, error) { return m.render(source) })
	return p, nil
}

// source is a guide with samples and facts in it. Keys begin as the product's do.
func (s *site) source(e *edition, slug string) (string, error) {
	raw, err := fs.ReadFile(s.files, "guides/"+fileOf(slug))
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("docsui: there is no guide %q: %w", slug, err)
	}
	if err != nil {
		return "", err
	}
	source, err := s.expand(e, strings.ReplaceAll(string(raw), "(/api/v1/openapi.yaml)",
		"(/api/v1/openapi.yaml"+e.query()+")"))
	if err != nil || e.name == profile.Default || strings.HasPrefix(slug, "profiles/") {
		return source, err
	}
	return s.inWords(profile.Of(e.name), source), nil
}

// inWords is a guide with a product's keys and names of events. What it lacks is replaced by its first event.
func (s *site) inWords(p profile.Profile, source string) string {
	const ours = "lead" // guides speak of lead.created and lead.*
	if first := p.EventName(p.FirstEvent); !p.Sells("leads") {
		group, _, _ := strings.Cut(first, ".")
		source = strings.NewReplacer(ours+".created", first, ours+".*", group+".*").Replace(source)
	}
	return string(p.WithOwnKeys([]byte(p.InText(source))))
}

func fileOf(slug string) string {
	if slug == "" {
		return "index.md"
	}
	return slug + ".md"
}

// link is where a link leads that a guide writes: to the edition's page, else to the one for everybody.
func (s *site) link(e *edition, slug, to string) string {
	resolved := resolve("/docs", path.Dir("/"+slug), to)
	at, ours := strings.CutPrefix(resolved, "/docs")
	if !ours {
		return resolved
	}
	page, fragment, _ := strings.Cut(strings.TrimPrefix(at, "/"), "#")
	if fragment != "" {
		fragment = "#" + fragment
	}
	if own, ok := strings.CutPrefix(slug, "profiles/"); ok && strings.HasPrefix(page, reference) {
		return baseOf(own) + "/" + page + fragment // the product's own
	}
	if slices.Contains(e.slugs(), page) {
		return e.href(page) + fragment
	}
	if tag, ok := strings.CutPrefix(page, reference+"/"); ok && e.name != profile.Default {
		if _, has := e.tag(tag); !has {
			return e.href(reference) // of what the product lacks
		}
	}
	return resolved
}

// summary is the first sentence of a page, without marks.
func summary(source string) string {
	_, after, _ := strings.Cut(source, "\n\n")
	first, _, _ := strings.Cut(after, "\n\n")
	first = strings.Join(strings.Fields(strings.NewReplacer("`", "", "**", "").Replace(unlinked(first))), " ")
	if sentence, _, more := strings.Cut(first, ". "); more {
		return sentence + "."
	}
	return first
}

// navigation of a page.
type (
	section struct {
		Title string
		Links []ui.Link
		Open  bool
	}
	view struct {
		Page           *shown
		Sections       []section
		Base           string
		Previous, Next *ui.Link
		Markdown       string
		Query          string
		Results        []result
		Suggestions    []ui.Link
	}
)

// frame is a page in its frame.
func (s *site) frame(e *edition, p *shown, v view) ui.Page {
	v.Base = e.base
	all := e.slugs()
	slug, title, about := "", "Not found", ""
	if p != nil {
		slug, title, about = p.Slug, p.Title, p.Summary
		v.Markdown = e.base + "/" + fileOf(slug)
		at := slices.Index(all, slug)
		if at > 0 {
			v.Previous = s.linkTo(e, all[at-1])
		}
		if at >= 0 && at+1 < len(all) {
			v.Next = s.linkTo(e, all[at+1])
		}
	}
	v.Sections = s.sections(e, slug, p != nil)
	inReference := strings.HasPrefix(slug, reference)
	return ui.Page{Title: title, Summary: about, Part: "Docs", Home: e.base, Data: v, Nav: []ui.Link{
		{Text: "Guides", Href: e.base, Current: p != nil && !inReference},
		{Text: "API reference", Href: e.base + "/" + reference, Current: inReference},
		{Text: "Try it", Href: "/docs/try" + e.query()},
		{Text: "openapi.yaml", Href: "/api/v1/openapi.yaml" + e.query()},
	}}
}

func (s *site) linkTo(e *edition, slug string) *ui.Link {
	return &ui.Link{Text: s.titleOf(e, slug), Href: e.href(slug)}
}

// titleOf is the title of a page, without making the page.
func (s *site) titleOf(e *edition, slug string) string {
	switch {
	case slug == reference:
		return "All operations"
	case slug == reference+"/payloads":
		return "Webhook payloads"
	case strings.HasPrefix(slug, reference+"/"):
		return titled(strings.TrimPrefix(slug, reference+"/"))
	}
	raw, err := fs.ReadFile(s.files, "guides/"+fileOf(slug))
	if err != nil {
		return slug
	}
	first, _, _ := strings.Cut(string(raw), "\n")
	return strings.TrimPrefix(first, "# ")
}

func (s *site) sections(e *edition, slug string, known bool) []section {
	var out []section
	for _, g := range e.guides() {
		out = append(out, s.section(e, g.title, g.slugs, slug, known))
	}
	all := e.slugs()
	return append(out, s.section(e, "API reference", all[slices.Index(all, reference):], slug, known))
}

func (s *site) section(e *edition, title string, slugs []string, current string, known bool) section {
	out := section{Title: title}
	for _, slug := range slugs {
		link := *s.linkTo(e, slug)
		link.Text = strings.TrimPrefix(link.Text, title+" from ")
		link.Current = known && slug == current
		out.Links = append(out.Links, link)
	}
	return out
}
