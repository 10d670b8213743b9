package docsui

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

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

func server() *echo.Echo {
	e := echo.New()
	Register(e)
	return e
}

var reference = regexp.MustCompile(`(?:src|href)="([^"]*)"`)

func TestPage(t *testing.T) {
	t.Parallel()
	e := server()
	for _, path := range []string{"/docs", "/api/v1/docs"} {
		w := get(e, path)
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			t.Fatalf("%s: got %d %s, want 200 and HTML", path, w.Code, w.Header().Get("Content-Type"))
		}
		if got := w.Header().Get("Content-Security-Policy"); got != ui.CSP || strings.Contains(got, "unsafe") {
			t.Errorf("Content-Security-Policy of %s: got %q, want %q", path, got, ui.CSP)
		}
		page := w.Body.String()
		if strings.Contains(page, "://") {
			t.Errorf("%s: got a URL of another site in it, want none", path)
		}
		if regexp.MustCompile(`<script[^>]*>[^<]|<style| style=| on[a-z]+=`).MatchString(page) {
			t.Errorf("%s: got inline scripts or styles, want none: its policy forbids them", path)
		}
		assets := 0
		for _, m := range reference.FindAllStringSubmatch(page, -1) {
			if !strings.HasPrefix(m[1], "/") && !strings.HasPrefix(m[1], "#") {
				t.Errorf("%s refers to %s, want its own assets only", path, m[1])
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
			t.Errorf("assets of %s: got %d, want at least 6", path, assets)
		}
	}
}

func TestOwnFilesNameNoOtherSite(t *testing.T) {
	t.Parallel()
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
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
	script := get(server(), "/docs/assets/docs.js").Body.String()
	for _, want := range []string{"'/api/v1/openapi.json'", "tryItOutEnabled: true", "deepLinking: true",
		"filter: true", "docExpansion: 'none'", "plugins: [resolveParts]",
		"persistAuthorization: false", "validatorUrl: 'none'"} {
		if !strings.Contains(script, want) {
			t.Errorf("docs.js lacks %s", want)
		}
	}
}

func TestUnknownPaths(t *testing.T) {
	t.Parallel()
	e := server()
	for _, path := range []string{"/docs/nothing", "/docs/assets/nothing.js", "/docs/assets/oauth2-redirect.html",
		"/docs/assets/"} {
		if w := get(e, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, w.Code)
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
