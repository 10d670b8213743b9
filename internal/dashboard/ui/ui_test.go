package ui

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/labstack/echo/v4"
)

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func get(e *echo.Echo, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}

func TestAssetsPackedAndUnpacked(t *testing.T) {
	t.Parallel()
	a := NewAssets("/x", fstest.MapFS{"big.js.gz": {Data: packed(t, "let a = 1")},
		"sub/hidden.js": {Data: []byte("no")}})
	e := echo.New()
	a.Register(e)
	address, err := a.URL("big.js")
	if err != nil {
		t.Fatal(err)
	}

	plain := get(e, address, "Accept-Encoding", "gzip;q=0, br")
	if plain.Body.String() != "let a = 1" || plain.Header().Get("Content-Encoding") != "" {
		t.Errorf("without gzip: got %q, %v, want the plain file", plain.Body, plain.Header())
	}
	zipped := get(e, address, "Accept-Encoding", "br, gzip")
	if zipped.Header().Get("Content-Encoding") != "gzip" || !bytes.Equal(zipped.Body.Bytes(), packed(t, "let a = 1")) {
		t.Errorf("with gzip: got %v, want the packed file", zipped.Header())
	}
	if plain.Header().Get("ETag") == zipped.Header().Get("ETag") || zipped.Header().Get("Vary") != "Accept-Encoding" {
		t.Errorf("ETag and Vary: got %v and %v, want two ETags and Vary: Accept-Encoding", plain.Header(),
			zipped.Header())
	}
	if got := zipped.Header().Get("Content-Type"); got != "text/javascript; charset=utf-8" {
		t.Errorf("Content-Type: got %q, want text/javascript", got)
	}
	for _, path := range []string{"/x/sub/hidden.js", "/x/hidden.js", "/x/big.js.gz", "/x/", "/x/../x"} {
		if w := get(e, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, w.Code)
		}
	}
	if _, err := a.URL("other.js"); err == nil {
		t.Error("URL of a missing file: got no error, want one")
	}
}

func TestAssetsCaching(t *testing.T) {
	t.Parallel()
	a := NewAssets("/x", Files())
	e := echo.New()
	a.Register(e)
	address, err := a.URL("ui.css")
	if err != nil {
		t.Fatal(err)
	}
	versioned := get(e, address)
	if got := versioned.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("Cache-Control of a URL with the version: got %q, want immutable", got)
	}
	for _, path := range []string{"/x/ui.css", "/x/ui.css?v=000000000000"} {
		if got := get(e, path).Header().Get("Cache-Control"); got != "no-cache" {
			t.Errorf("Cache-Control of %s: got %q, want no-cache", path, got)
		}
	}
	again := get(e, address, "If-None-Match", versioned.Header().Get("ETag"))
	if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("unchanged file: got %d with %d bytes, want 304 with 0", again.Code, again.Body.Len())
	}
}

func TestBase(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"127.0.0.1:8080":    "http://127.0.0.1:8080",
		"[::1]:8080":        "http://[::1]:8080",
		"a.example.com":     "http://a.example.com",
		"a';curl evil.sh;'": "http://127.0.0.1:8080",
		"a$(id)":            "http://127.0.0.1:8080",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.Host = host
		if got := Base(r); got != want {
			t.Errorf("%s: %s, want %s", host, got, want)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	if got := Pretty([]byte(` {"b":1,"a":"<"} `), 100); got.Text != "{\n  \"b\": 1,\n  \"a\": \"<\"\n}" ||
		got.Size != 17 || got.Cut {
		t.Errorf("Pretty of JSON: got %+v, want it indented and whole", got)
	}
	if got := Pretty([]byte("no {json"), 4); got.Text != "no {" || !got.Cut || got.Size != 8 {
		t.Errorf("Pretty of other text: got %+v, want the first 4 bytes of 8", got)
	}
	if got := Exact([]byte("a\xffb"), 10); got.Text != "a�b" || !got.Binary {
		t.Errorf("Exact of bytes that are not UTF-8: got %+v, want them replaced and reported", got)
	}
	many := map[string]string{"Long": strings.Repeat("x", 5000)}
	for i := range 100 {
		many["X-"+strings.Repeat("a", i+1)] = "v"
	}
	shown, more := Headers(many)
	if len(shown) != maxHeaders || more != 101-maxHeaders || len(shown[0].Value) > maxHeaderValue+3 {
		t.Errorf("headers: got %d shown, %d more and a first value of %d bytes, want %d, %d and at most %d",
			len(shown), more, len(shown[0].Value), maxHeaders, 101-maxHeaders, maxHeaderValue+3)
	}
}

func TestTook(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		200 * time.Microsecond: "<1 ms", 12 * time.Millisecond: "12 ms", 1240 * time.Millisecond: "1.24 s",
		5 * time.Minute: "5 min", 302 * time.Second: "5 min 2 s", 125 * time.Minute: "2 h 5 min",
	} {
		if got := Took(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1000: "-1,000", -100: "-100",
		123456: "123,456", 1234567: "1,234,567", -123456: "-123,456"} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d): got %s, want %s", n, got, want)
		}
	}
}

func TestAssetsNameEachOtherWithVersions(t *testing.T) {
	t.Parallel()
	a := NewAssets("/x", fstest.MapFS{"a.js": {Data: []byte("import { b } from './b.js';")},
		"b.js": {Data: []byte("export const b = 1;")}, "s.css": {Data: []byte(`@font-face { src: url("f.woff2"); }`)},
		"f.woff2": {Data: []byte("font")}})
	e := echo.New()
	a.Register(e)
	for from, to := range map[string]string{"a.js": "b.js", "s.css": "f.woff2"} {
		address, err := a.URL(to)
		if err != nil {
			t.Fatal(err)
		}
		if got := get(e, "/x/"+from).Body.String(); !strings.Contains(got, strings.TrimPrefix(address, "/x/")) {
			t.Errorf("%s: got %q, want it to name %s", from, got, address)
		}
	}
}

func TestPagesAndAssetsAreCompressed(t *testing.T) {
	t.Parallel()
	e := echo.New()
	NewAssets("/x", Files()).Register(e)
	page := []byte("<p>" + strings.Repeat("All work and no play. ", 1000))
	e.GET("/page", func(c echo.Context) error { return sendHTML(c, http.StatusOK, page) })
	e.GET("/short", func(c echo.Context) error { return sendHTML(c, http.StatusOK, page[:100]) })
	for path, want := range map[string]string{"/page": "gzip", "/short": "", "/x/ui.css": "gzip", "/x/ui.js": "gzip",
		"/x/icons.svg": "gzip", "/x/inter.woff2": ""} {
		w := get(e, path, "Accept-Encoding", "gzip")
		if got := w.Header().Get("Content-Encoding"); got != want {
			t.Errorf("%s: got Content-Encoding %q, want %q", path, got, want)
		}
		if got := get(e, path).Header().Get("Content-Encoding"); got != "" {
			t.Errorf("%s for a client without gzip: got Content-Encoding %q, want none", path, got)
		}
	}
	w := get(e, "/page", "Accept-Encoding", "gzip")
	if got, err := unpack(w.Body.Bytes()); err != nil || !bytes.Equal(got, page) {
		t.Errorf("page: got %d bytes, %v, want what was rendered", len(got), err)
	}
	lengths := map[int]bool{}
	for range 20 {
		lengths[get(e, "/page", "Accept-Encoding", "gzip").Body.Len()] = true
	}
	if len(lengths) < 2 {
		t.Errorf("lengths of one page: got %v, want several, so that none tells what is in it", lengths)
	}
}
