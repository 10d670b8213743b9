// Package docsui shows the published contract in the browser: a page of our own around Swagger UI, whose files are part
// of the program. Nothing is loaded from elsewhere, and the policy of the page would not let it.
package docsui

import (
	"embed"
	"io/fs"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"
	"github.com/swaggest/swgui/v5/static"

	"github.com/hookline/hookline/internal/dashboard/ui"
)

//go:embed assets templates
var files embed.FS

// used are the files of Swagger UI that the page needs; the others are not served.
var used = []string{"swagger-ui.css.gz", "swagger-ui-bundle.js.gz"}

// Register adds the routes: /docs, /api/v1/docs and /docs/assets. The page reads /api/v1/openapi.json.
func Register(e *echo.Echo) {
	assets := ui.NewAssets("/docs/assets", ui.Files(), sub("assets"), only{static.FS, used})
	pages := ui.Parse(assets, sub("templates"), "docs")
	show := func(c echo.Context) error {
		return pages.Render(c, http.StatusOK, "docs", ui.Page{
			Title: "API docs", Part: "API docs", Home: "/docs",
			Nav: []ui.Link{{Text: "openapi.json", Href: "/api/v1/openapi.json"}, {Text: "openapi.yaml",
				Href: "/api/v1/openapi.yaml"}},
		})
	}
	assets.Register(e)
	for _, path := range []string{"/docs", "/api/v1/docs"} {
		e.Match([]string{http.MethodGet, http.MethodHead}, path, show)
	}
	e.GET("/docs/", func(c echo.Context) error { return c.Redirect(http.StatusMovedPermanently, "/docs") })
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
