package docsui

import (
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hookline/hookline/docs"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/profile"
)

var (
	identified = regexp.MustCompile(` id="([^"]*)"`)
	headline   = regexp.MustCompile(`<h1[ >]`)
)

// crawl has the pages that a test has asked for.
type crawl struct {
	anchors map[string][]string // by page
	links   map[string]string   // with a page that has each
}

// read asks for a page, checks it and remembers its links.
func (c crawl) read(t *testing.T, address string) {
	t.Helper()
	w := get(server(), address)
	page := w.Body.String()
	if got := len(headline.FindAllString(page, -1)); got != 1 || w.Code != http.StatusOK {
		t.Errorf("%s: got %d with %d h1, want 200 with 1", address, w.Code, got)
	}
	for _, left := range []string{"raw HTML omitted", "&lt;!--", "<no value>", "%!", "ZgotmplZ"} {
		if strings.Contains(page, left) {
			t.Errorf("%s: got %q in it, want none", address, left)
		}
	}
	if strings.HasPrefix(address, "/docs/leadie") && strings.Contains(page, "lead.created") {
		t.Errorf("%s: got lead.created in it, want events of the product alone", address)
	}
	if inline.MatchString(page) {
		t.Errorf("%s: got %q, want no inline script or style", address, inline.FindString(page))
	}
	c.anchors[address] = []string{""}
	for _, m := range identified.FindAllStringSubmatch(page, -1) {
		if slices.Contains(c.anchors[address], m[1]) {
			t.Errorf("%s: got the id %q twice, want it once", address, m[1])
		}
		c.anchors[address] = append(c.anchors[address], m[1])
	}
	for _, m := range referred.FindAllStringSubmatch(page, -1) {
		to := m[1]
		if strings.HasPrefix(to, "#") {
			to = address + to
		}
		c.links[to] = address
	}
}

// TestEveryPage renders all pages for everybody and for one product, and those of the others that differ, and follows
// each link and anchor in them.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	c := crawl{map[string][]string{}, map[string]string{}}
	known := map[string]bool{"/docs/llms.txt": true, "/docs/llms-full.txt": true, "/docs/try": true}
	for _, name := range profile.All() {
		e := editionOf(t, name)
		for _, slug := range e.slugs() {
			known[e.href(slug)], known[e.base+"/"+fileOf(slug)] = true, true
			known[e.base+"/"+collectionFile] = true
			whole := name == profile.Default || name == "leadie"
			if whole || slug == e.start() || slug == "events" || strings.HasSuffix(slug, "/payloads") {
				c.read(t, e.href(slug))
			}
		}
	}
	for to, from := range c.links {
		page, fragment, _ := strings.Cut(to, "#")
		page, _, _ = strings.Cut(page, "?")
		switch {
		case strings.Contains(to, "://"), strings.HasPrefix(to, "/docs/assets/"),
			strings.HasPrefix(to, "/api/v1/openapi."):
			continue
		case !known[page]:
			t.Errorf("%s links %s, want a page of the documentation", from, to)
		case fragment == "":
			continue
		case c.anchors[page] == nil:
			c.read(t, page)
		}
		if fragment != "" && !slices.Contains(c.anchors[page], fragment) {
			t.Errorf("%s links %s, want an anchor of that page", from, to)
		}
	}
	if len(c.links) < 500 {
		t.Errorf("links: got %d, want at least 500", len(c.links))
	}
}

func TestAPageDescribesItselfToSearchEngines(t *testing.T) {
	t.Parallel()
	if page := get(server(), "/docs/quickstart").Body.String(); !strings.Contains(page,
		`<meta name="description" content="`) || strings.Contains(page, `<meta name="description" content="">`) {
		t.Error("description of /docs/quickstart: got none, want its summary")
	}
}

func TestEveryGuideIsInTheContents(t *testing.T) {
	t.Parallel()
	var listed []string
	for _, g := range contents {
		for _, slug := range g.slugs {
			listed = append(listed, fileOf(slug))
		}
	}
	err := fs.WalkDir(docs.Files, "guides", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !slices.Contains(listed, strings.TrimPrefix(name, "guides/")) {
			t.Errorf("%s: got no entry in contents, want one", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range profile.All() {
		if !slices.Contains(listed, "profiles/"+name+".md") {
			t.Errorf("profile %s: got no guide, want one", name)
		}
	}
}

func TestTheListForProgramsHasEveryPage(t *testing.T) {
	t.Parallel()
	e := server()
	list := get(e, "/docs/llms.txt").Body.String()
	all := get(e, "/docs/llms-full.txt").Body.String()
	for _, slug := range editionOf(t, profile.Default).slugs() {
		if !strings.Contains(list, "(http://example.com/docs/"+fileOf(slug)+"): ") {
			t.Errorf("llms.txt: got no link to %s, want one with a summary", fileOf(slug))
		}
		w := get(e, "/docs/"+fileOf(slug))
		page := w.Body.String()
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/markdown") || !strings.HasPrefix(page, "# ") ||
			strings.Contains(page, " tab=") || strings.Contains(page, "<!--") {
			t.Errorf("%s.md: got %s\n%.200s\nwant Markdown with a title and nothing for the renderer", slug,
				w.Header().Get("Content-Type"), page)
		}
		if !strings.Contains(all, page) {
			t.Errorf("llms-full.txt: got it without %s, want all pages", fileOf(slug))
		}
	}
}

var markdownLink = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// TestLinksBetweenFiles of the repository, which are read where they are.
func TestLinksBetweenFiles(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	var own []string
	for _, pattern := range []string{"docs/*.md", "pkg/*/README.md", "deploy/*/*/README.md"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("files like %s: got %v, %v, want some", pattern, files, err)
		}
		own = append(own, files...)
	}
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"} {
		own = append(own, filepath.Join(root, name))
	}
	m := newMarkdown(func(to string) string { return to })
	for _, file := range own {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range markdownLink.FindAllStringSubmatch(outsideCode(string(raw)), -1) {
			to, fragment, _ := strings.Cut(found[1], "#")
			if strings.Contains(to, ":") {
				continue
			}
			target := file
			if to != "" {
				target = filepath.Join(filepath.Dir(file), filepath.FromSlash(to))
			}
			content, err := os.ReadFile(target)
			if info, statErr := os.Stat(target); statErr != nil {
				t.Errorf("%s links %s: got %v, want a file", file, found[1], err)
				continue
			} else if info.IsDir() || fragment == "" {
				continue
			}
			if !slices.ContainsFunc(m.outline(string(content)).Headings,
				func(h heading) bool { return h.ID == fragment }) {
				t.Errorf("%s links %s, want a heading of that file", file, found[1])
			}
		}
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	e := server()
	for query, want := range map[string]string{
		"dead+letters":             `href="/docs/dead-letters"`,
		"Create+a+lead":            `href="/docs/reference/leads#createLead"`,
		"createlead":               `href="/docs/reference/leads#createLead"`,
		"grace":                    `<mark>grace</mark>`,
		"idempotency_mismatch":     `href="/docs/errors#codes"`,
		"%3Cscript%3Ealert(1)":     "Nothing has all words of “&lt;script&gt;alert(1)”",
		"":                         "Search the titles",
		"zzzz":                     "Nothing has all words",
		"%FF":                      "<h1>Search</h1>",
		strings.Repeat("a+", 3000): "<h1>Search</h1>",
	} {
		w := get(e, "/docs/search?q="+query)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("search for %.60q: got %d with\n%.1500s\nwant 200 with %s", query, w.Code, w.Body, want)
		}
		if got := w.Header().Get("Content-Security-Policy"); got != ui.CSP {
			t.Errorf("Content-Security-Policy: got %q, want %q", got, ui.CSP)
		}
	}
	if page := get(e, "/docs/leadie/search?q=create+a+lead").Body.String(); strings.Contains(page, "reference/leads") {
		t.Errorf("search of Leadie for an operation of leads: got\n%s\nwant none", page)
	}
}

func TestIncludes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ source, want, fails string }{
		"a file": {"```sh file=samples/quickstart/quickstart.sh\n```", "```sh\n#!/bin/sh\n", ""},
		"a region": {"```go file=samples/verify/receiver.go region=receiver\nold\n```\nafter",
			"```go\npackage main\n", ""},
		"a tab":               {"```go tab=\"Go 1\"\nx\n```", "```go tab=\"Go 1\"\nx\n```\n", ""},
		"no file":             {"```go file=samples/none.go\n```", "", "none.go"},
		"no region":           {"```go file=samples/verify/receiver.go region=none\n```", "", "region"},
		"no profile":          {"```go tab=Go verify=none\n```", "", "profile"},
		"no language":         {"```go tab=Cobol verify=leadie\n```", "", "Cobol"},
		"no fact":             {"<!--none hookline-->", "", "fact"},
		"a fact of nobody":    {"<!--retries nobody-->", "", "profile"},
		"no part of contract": {"<!--contract None-->", "", "section"},
	} {
		_, s := pages()
		got, err := s.expand(editionOf(t, profile.Default), c.source)
		if c.fails != "" {
			if err == nil || !strings.Contains(err.Error(), c.fails) {
				t.Errorf("%s: got %v, want an error about %q", name, err, c.fails)
			}
			continue
		}
		if err != nil || !strings.HasPrefix(got, c.want) || strings.Contains(got, "old") {
			t.Errorf("%s: got %q and %v, want it to begin with %q", name, got, err, c.want)
		}
	}
}

func TestLinksOfMarkdown(t *testing.T) {
	t.Parallel()
	for to, want := range map[string]string{
		"retries.md#order":         "/docs/leadie/retries#order",
		"../errors.md":             "/docs/leadie/errors",
		"/docs/reference/keys#a":   "/docs/leadie/reference/keys#a",
		"https://example.com/a.md": "https://example.com/a.md",
		"#here":                    "#here",
	} {
		folder := ""
		if strings.HasPrefix(to, "..") {
			folder = "profiles"
		}
		if got := resolve("/docs/leadie", path.Join("/", folder), to); got != want {
			t.Errorf("%s: got %s, want %s", to, got, want)
		}
	}
	html, err := newMarkdown(func(to string) string { return to }).render("[a](javascript:alert(1)) <b>x</b>")
	if err != nil || strings.Contains(string(html), "javascript") || strings.Contains(string(html), "<b>") {
		t.Errorf("hostile Markdown: got %s and %v, want no script and no HTML", html, err)
	}
}
