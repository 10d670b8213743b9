// Package docsui serves the documentation in the browser: the guides of docs/guides, the reference that is rendered
// from the published contract, and Swagger UI to try it. Everything is part of the program; nothing is loaded from
// elsewhere, and the policy of the pages would not let it. All but trying is complete without JavaScript.
package docsui

import (
	"embed"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/swaggest/swgui/v5/static"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/profile"
)

//go:embed assets all:templates
var files embed.FS

// used are the files of Swagger UI that the page needs; the others are not served.
var used = []string{"swagger-ui.css.gz", "swagger-ui-bundle.js.gz"}

// Register adds the routes: /docs and everything below it, /api/v1/docs and /llms.txt. profileOf names the profile of
// who asks; it is empty for a stranger.
func Register(e *echo.Echo, c *contract.Contract, profileOf func(echo.Context) string) {
	register(e, c, profileOf)
}

func register(e *echo.Echo, c *contract.Contract, profileOf func(echo.Context) string) *site {
	assets := ui.NewAssets("/docs/assets", ui.Files(), sub("assets"), only{static.FS, used})
	s := newSite(c, profileOf, ui.Parse(assets, sub("templates"), "page", "search", "missing", "try"))
	assets.Register(e)
	read := []string{http.MethodGet, http.MethodHead}
	e.Match(read, "/docs", s.serve)
	e.Match(read, "/docs/*", s.serve)
	e.Match(read, "/llms.txt", func(c echo.Context) error { return redirect(c, "/docs/llms.txt") })
	e.Match(read, "/api/v1/docs", func(c echo.Context) error { return redirect(c, "/docs") })
	return s
}

// redirect keeps the query.
func redirect(c echo.Context, to string) error {
	if q := c.Request().URL.RawQuery; q != "" {
		to += "?" + q
	}
	return c.Redirect(http.StatusFound, to)
}

// serve answers with the page at a path below /docs. Where the address names no product, the edition is the caller's.
func (s *site) serve(c echo.Context) error {
	at := strings.Trim(c.Param("*"), "/")
	if strings.HasSuffix(c.Request().URL.Path, "/") {
		return c.Redirect(http.StatusMovedPermanently, strings.TrimRight("/docs/"+at, "/"))
	}
	asked := askedFor(c)
	if at == "try" {
		return s.try(c, asked)
	}
	name, rest, _ := strings.Cut(at, "/")
	if !slices.Contains(profile.All(), name) {
		name, rest = profile.Default, at
		if own := s.profileOf(c); asked == "" && own != "" && own != name {
			return redirect(c, strings.TrimRight(baseOf(own)+"/"+rest, "/"))
		}
	}
	if asked != "" && asked != name {
		return c.Redirect(http.StatusFound, strings.TrimRight(baseOf(asked)+"/"+rest, "/"))
	}
	if name == profile.Default && rest != at {
		return redirect(c, strings.TrimRight("/docs/"+rest, "/"))
	}
	e, err := s.edition(name)
	if err != nil {
		return err
	}
	if rest == "" {
		rest = e.start()
	}
	switch rest {
	case "search":
		return s.search(c, e)
	case collectionFile:
		return s.collect(c, e)
	case "llms.txt":
		return s.llms(c, e)
	case "llms-full.txt":
		return s.llmsFull(c, e)
	}
	slug, asMarkdown := strings.CutSuffix(rest, ".md")
	if slug == "index" {
		slug = ""
	}
	p, err := s.page(e, slug)
	if err != nil {
		return err
	}
	switch {
	case p == nil:
		return s.missing(c, e, slug)
	case asMarkdown:
		return sendText(c, "text/markdown; charset=utf-8", p.Markdown)
	}
	return s.pages.Render(c, http.StatusOK, "page", s.frame(e, p, view{Page: p}))
}

// askedFor is the profile that a query names; empty when it names none.
func askedFor(c echo.Context) string {
	if name := c.QueryParam("profile"); slices.Contains(profile.All(), name) {
		return name
	}
	return ""
}

// baseOf is where the pages of an edition are.
func baseOf(name string) string {
	if name == profile.Default {
		return "/docs"
	}
	return "/docs/" + name
}

// sendText answers with a text that may be kept and is asked for again.
func sendText(c echo.Context, contentType, body string) error {
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-cache")
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	return c.Blob(http.StatusOK, contentType, []byte(body))
}

// try shows Swagger UI, which reads /api/v1/openapi.json.
func (s *site) try(c echo.Context, asked string) error {
	if own := s.profileOf(c); asked == "" && own != "" && own != profile.Default {
		return c.Redirect(http.StatusFound, "/docs/try?profile="+own)
	}
	suffix := ""
	if asked != "" {
		suffix = "?profile=" + asked
	}
	return s.pages.Render(c, http.StatusOK, "try", ui.Page{
		Title: "Try the API", Part: "Docs", Home: "/docs",
		Nav: []ui.Link{{Text: "Guides", Href: "/docs"}, {Text: "API reference", Href: "/docs/reference" + suffix},
			{Text: "Try it", Href: "/docs/try" + suffix, Current: true},
			{Text: "openapi.yaml", Href: "/api/v1/openapi.yaml" + suffix}},
	})
}

func sub(dir string) fs.FS {
	f, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // the path is a constant
	}
	return f
}

// only shows some files of a tree.
type only struct {
	fs.ReadDirFS
	names []string
}

// ReadDir implements fs.ReadDirFS.
func (o only) ReadDir(dir string) ([]fs.DirEntry, error) {
	all, err := o.ReadDirFS.ReadDir(dir)
	return slices.DeleteFunc(all, func(e fs.DirEntry) bool { return !slices.Contains(o.names, e.Name()) }), err
}
