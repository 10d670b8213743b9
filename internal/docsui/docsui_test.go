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
			t.Fatalf("%s answered %d %s", path, w.Code, w.Header().Get("Content-Type"))
		}
		if got := w.Header().Get("Content-Security-Policy"); got != ui.CSP || strings.Contains(got, "unsafe") {
			t.Errorf("%s has the policy %q", path, got)
		}
		page := w.Body.String()
		if strings.Contains(page, "://") {
			t.Errorf("%s names another site", path)
		}
		if regexp.MustCompile(`<script[^>]*>[^<]|<style| style=| on[a-z]+=`).MatchString(page) {
			t.Errorf("%s has something inline that its policy forbids", path)
		}
		assets := 0
		for _, m := range reference.FindAllStringSubmatch(page, -1) {
			if !strings.HasPrefix(m[1], "/") && !strings.HasPrefix(m[1], "#") {
				t.Errorf("%s refers to %s", path, m[1])
			}
			if strings.HasPrefix(m[1], "/docs/assets/") {
				assets++
				a := get(e, m[1], "Accept-Encoding", "gzip")
				if a.Code != http.StatusOK || a.Body.Len() == 0 || !strings.Contains(a.Header().Get("Cache-Control"),
					"immutable") {
					t.Errorf("%s answered %d with %d bytes, cached by %q", m[1], a.Code, a.Body.Len(), a.Header().
						Get("Cache-Control"))
				}
			}
		}
		if assets < 6 {
			t.Errorf("%s refers to %d assets only", path, assets)
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
			t.Errorf("%s names another site", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	script := get(server(), "/docs/assets/docs.js").Body.String()
	for _, want := range []string{"'/api/v1/openapi.json'", "tryItOutEnabled: true", "deepLinking: true",
		"filter: true", "persistAuthorization: false", "validatorUrl: 'none'"} {
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
			t.Errorf("%s answered %d", path, w.Code)
		}
	}
}

func TestSwaggerUIWithoutGzip(t *testing.T) {
	t.Parallel()
	w := get(server(), "/docs/assets/swagger-ui.css")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), ".swagger-ui") {
		t.Errorf("answered %d without the stylesheet", w.Code)
	}
}
