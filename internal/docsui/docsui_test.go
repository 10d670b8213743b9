package docsui

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/dashboard/ui"
)

func get(e *echo.Echo, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}

// pages serves all pages; the tests share it, since pages are made once.
var pages = sync.OnceValues(func() (*echo.Echo, *site) {
	c, err := contract.Load()
	if err != nil {
		panic(err)
	}
	e := echo.New()
	return e, register(e, c, func(c echo.Context) string { return c.Request().Header.Get("Profile") })
})

func server() *echo.Echo {
	e, _ := pages()
	return e
}

// editionOf is the edition of a profile.
func editionOf(t *testing.T, name string) *edition {
	t.Helper()
	_, s := pages()
	e, err := s.edition(name)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

var (
	referred = regexp.MustCompile(`(?:src|href)="([^"]*)"`)
	inline   = regexp.MustCompile(`<script[^>]*>[^<]|<style| style=| on[a-z]+=`)
)

func TestTrying(t *testing.T) {
	t.Parallel()
	e := server()
	w := get(e, "/docs/try")
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		t.Fatalf("/docs/try: got %d %s, want 200 and HTML", w.Code, w.Header().Get("Content-Type"))
	}
	if got := w.Header().Get("Content-Security-Policy"); got != ui.CSP || strings.Contains(got, "unsafe") {
		t.Errorf("Content-Security-Policy: got %q, want %q", got, ui.CSP)
	}
	page := w.Body.String()
	if strings.Contains(page, "://") {
		t.Error("/docs/try: got a URL of another site in it, want none")
	}
	assets := 0
	for _, m := range referred.FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(m[1], "/") && !strings.HasPrefix(m[1], "#") {
			t.Errorf("/docs/try refers to %s, want its own assets only", m[1])
		}
		if strings.HasPrefix(m[1], "/docs/assets/") {
			assets++
			a := get(e, m[1], "Accept-Encoding", "gzip")
			if a.Code != http.StatusOK || a.Body.Len() == 0 || !strings.Contains(a.Header().Get("Cache-Control"),
				"immutable") {
				t.Errorf("%s: got %d with %d bytes, cached by %q, want 200 and immutable", m[1], a.Code,
					a.Body.Len(), a.Header().Get("Cache-Control"))
			}
		}
	}
	if assets < 6 {
		t.Errorf("assets of /docs/try: got %d, want at least 6", assets)
	}
}

func TestOwnFilesNameNoOtherSite(t *testing.T) {
	t.Parallel()
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".tmpl") { // which shows an address to copy
			return err
		}
		b, err := fs.ReadFile(files, path)
		if strings.Contains(string(b), "://") {
			t.Errorf("%s: got a URL of another site in it, want none", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	script := get(server(), "/docs/assets/try.js").Body.String()
	for _, want := range []string{"'/api/v1/openapi.json'", "tryItOutEnabled: true", "deepLinking: true",
		"filter: true", "docExpansion: 'none'", "plugins: [resolveParts]",
		"persistAuthorization: false", "validatorUrl: 'none'"} {
		if !strings.Contains(script, want) {
			t.Errorf("try.js lacks %s", want)
		}
	}
}

func TestPathsThatAreNotPages(t *testing.T) {
	t.Parallel()
	e := server()
	for path, want := range map[string]struct {
		status int
		to     string
		body   string
	}{
		"/docs/assets/nothing.js":              {http.StatusNotFound, "", ""},
		"/docs/assets/oauth2-redirect.html":    {http.StatusNotFound, "", ""},
		"/docs/assets/":                        {http.StatusNotFound, "", ""},
		"/docs/nothing":                        {http.StatusNotFound, "", "There is no such page"},
		"/docs/quikstart":                      {http.StatusNotFound, "", `<a href="/docs/quickstart">Quickstart</a>`},
		"/docs/reference/webhook":              {http.StatusNotFound, "", `href="/docs/reference/webhooks"`},
		"/docs/leadie/profiles/savelead":       {http.StatusNotFound, "", ""},
		"/docs/leadie/reference/leads":         {http.StatusNotFound, "", ""},
		"/docs/../guides/index":                {http.StatusNotFound, "", ""},
		"/docs/":                               {http.StatusMovedPermanently, "/docs", ""},
		"/docs/quickstart/":                    {http.StatusMovedPermanently, "/docs/quickstart", ""},
		"/docs/hookline":                       {http.StatusFound, "/docs", ""},
		"/docs/hookline/reference/leads":       {http.StatusFound, "/docs/reference/leads", ""},
		"/docs?profile=leadie":                 {http.StatusFound, "/docs/leadie", ""},
		"/docs/reference?profile=leadie":       {http.StatusFound, "/docs/leadie/reference", ""},
		"/docs/leadie/errors?profile=savelead": {http.StatusFound, "/docs/savelead/errors", ""},
		"/docs?profile=nobody":                 {http.StatusOK, "", "Hookline documentation"},
		"/api/v1/docs":                         {http.StatusFound, "/docs", ""},
		"/llms.txt":                            {http.StatusFound, "/docs/llms.txt", ""},
		"/api/v1/docs?profile=leadie":          {http.StatusFound, "/docs?profile=leadie", ""},
	} {
		w := get(e, path)
		if w.Code != want.status || w.Header().Get("Location") != want.to || !strings.Contains(w.Body.String(), want.body) {
			t.Errorf("%s: got %d to %q with\n%.300s\nwant %d to %q with %q", path, w.Code, w.Header().Get("Location"),
				w.Body, want.status, want.to, want.body)
		}
	}
}

func TestSwaggerUIWithoutGzip(t *testing.T) {
	t.Parallel()
	w := get(server(), "/docs/assets/swagger-ui.css")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), ".swagger-ui") {
		t.Errorf("stylesheet: got %d, want 200 and .swagger-ui", w.Code)
	}
}

// TestThoseWhoBelongToAProductFindItsEdition where the address names none.
func TestThoseWhoBelongToAProductFindItsEdition(t *testing.T) {
	t.Parallel()
	e := server()
	for path, want := range map[string]string{
		"/docs":                           "/docs/leadie",
		"/docs/quickstart":                "/docs/leadie/quickstart",
		"/docs/search?q=keys":             "/docs/leadie/search?q=keys",
		"/docs/llms.txt":                  "/docs/leadie/llms.txt",
		"/docs/postman.json":              "/docs/leadie/postman.json",
		"/docs/reference/leads":           "/docs/leadie/reference/leads",
		"/docs/try":                       "/docs/try?profile=leadie",
		"/docs/leadie":                    "",
		"/docs/savelead":                  "",
		"/docs/quickstart?profile=leadie": "/docs/leadie/quickstart",
		"/docs?profile=hookline":          "",
	} {
		if got := get(e, path, "Profile", "leadie").Header().Get("Location"); got != want {
			t.Errorf("%s as somebody of leadie: got it at %q, want %q", path, got, want)
		}
	}
}
