// Package ui has the shared parts of Hookline's HTML pages: the frame around a page, one stylesheet, one small script,
// how files are served, and the policy under which browsers run all of it. It knows nothing of tenants or deliveries.
package ui

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
)

// CSP is the Content-Security-Policy of every page: everything comes from this server, nothing is inline. Markup that
// needs a style attribute or an inline script does not work, by intention: much of what is shown was written by
// strangers.
const CSP = policy + "'none'"

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "

//go:embed assets
var assetFiles embed.FS

//go:embed templates/layout.html
var layout string

// Files is the shared stylesheets (frame.css, ui.css), script (ui.js) and icon (icon.svg), to be given to NewAssets.
func Files() fs.FS {
	sub, err := fs.Sub(assetFiles, "assets")
	if err != nil {
		panic(err) // the path is a constant
	}
	return sub
}

// Link is an entry of a page's navigation.
type Link struct {
	Text, Href string
	Current    bool   // the page that is shown
	Note       string // said beside the text; may be empty
	Icon       string // of the sprite icons.svg; may be empty
}

// Page is the data of the frame around a page. Data is for the page's own template.
type Page struct {
	Title       string
	Summary     string // one sentence for search engines; the title when empty
	Part        string // what is shown beside the product's name, such as "Docs"; may be empty
	Home        string // where the product's name leads
	Nav         []Link
	Sections    []Section // the navigation at the side, for pages that have one
	Tenant      string    // may be empty
	Environment string    // "live", "test" or empty
	MaySwitch   bool      // to the other environment, and stay on Section
	Section     string    // the address of the list or page that the page belongs to
	User        string    // who is signed in; may be empty
	Logo        string    // address of a picture that stands for the product; may be empty
	Brand       string    // name of the product; Hookline when empty
	Icon        string    // address of the icon of the tab; Hookline's when empty
	Bare        bool      // without the bar on top, for a frame of another product
	Style       string    // address of a stylesheet after all others; may be empty
	SignOut     string    // where the form that ends the session leads; /app/logout when empty
	CSRF        string    // what forms carry as csrf_token
	Once        string    // what forms carry as once, so that one sent twice has one effect
	Done        string    // what was just done, to be said on top; may be empty
	Faults      []string  // what the page did not understand of its address and left out, in sentences
	// May reports whether the visitor may call an operation of the contract; nil on pages that don't ask.
	May  func(operation string) bool
	Data any
}

// Environments are the choices of the switch between them.
func (Page) Environments() []string { return []string{"live", "test"} }

// Section is a part of the navigation at the side.
type Section struct {
	Title string
	Links []Link
}

// Templates is a set of pages that share the frame.
type Templates struct {
	pages  map[string]func() *template.Template
	embeds []string
}

// SameOrigin stands for this server among the sites that may show pages in a frame.
const SameOrigin = "'self'"

// EmbedIn returns the same pages for sites that may show them in a frame: origins such as https://app.example.com.
// Without any, no site may.
func (t Templates) EmbedIn(origins []string) *Templates {
	t.embeds = origins
	return &t
}

// Parse reads the pages with the names, each a file <name>.html in files that defines "main". A page may also define
// "styles", the stylesheets besides the frame's, "content", all that is below the bar on top, and "live", its parts
// that update. Files whose names begin with an underscore are shared by all. A page is parsed when it is first asked
// for, since all of them take long. A template that does not parse panics: they are part of the program.
func Parse(assets *Assets, files fs.FS, names ...string) *Templates {
	base := template.New("layout.html").Funcs(funcs()).Funcs(template.FuncMap{"asset": assets.URL, "icon": assets.icon})
	template.Must(base.Parse(layout))
	if shared, err := fs.Glob(files, "_*.html"); err == nil && len(shared) > 0 {
		template.Must(base.ParseFS(files, shared...))
	}
	t := &Templates{pages: make(map[string]func() *template.Template, len(names))}
	for _, name := range names {
		t.pages[name] = sync.OnceValue(func() *template.Template {
			return template.Must(template.Must(base.Clone()).ParseFS(files, name+".html"))
		})
	}
	return t
}

// PartHeader asks for the part of a page that updates, in place of the page: what its template "live" renders. A page
// without one is rendered whole.
const PartHeader = "Hookline-Part"

// Render answers with a page. A template that fails sends nothing of the page and returns the error.
func (t *Templates) Render(c echo.Context, status int, name string, p Page) error {
	csp := CSP
	if len(t.embeds) > 0 {
		csp = policy + strings.Join(t.embeds, " ")
	}
	return t.RenderWith(c, csp, status, name, p)
}

// RenderWith is Render with a policy of the page's own.
func (t *Templates) RenderWith(c echo.Context, csp string, status int, name string, p Page) error {
	parsed, ok := t.pages[name]
	if !ok {
		return fmt.Errorf("ui: there is no page %q", name)
	}
	page := parsed()
	if part := page.Lookup("live"); part != nil && c.Request().Header.Get(PartHeader) == "live" {
		page = part
	}
	var b bytes.Buffer
	if err := page.Execute(&b, p); err != nil {
		return fmt.Errorf("ui: page %s: %w", name, err)
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", csp)
	if len(t.embeds) > 0 {
		h.Del("X-Frame-Options") // which knows no list; browsers that know frame-ancestors ignore it
	}
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	h.Set(echo.HeaderReferrerPolicy, "no-referrer")
	return sendHTML(c, status, b.Bytes())
}

var plainHost = regexp.MustCompile(`^[A-Za-z0-9.\-\[\]:]+$`)

// Base is where this server is, as the browser sees it: scheme and host, without a slash at the end. It ends up in
// commands that people paste into a shell, so a host with any unusual character is replaced.
func Base(r *http.Request) string {
	scheme, host := "http", r.Host
	if r.TLS != nil || r.Header.Get(echo.HeaderXForwardedProto) == "https" {
		scheme = "https"
	}
	if !plainHost.MatchString(host) {
		host = "127.0.0.1:8080"
	}
	return scheme + "://" + host
}
