package ui

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"mime"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
)

// Assets serves a fixed set of files under one path, texts compressed for clients that take gzip. Addresses made by URL
// name the content, so browsers keep them for ever; any other address is asked for anew each time, with an ETag.
type Assets struct {
	prefix string
	files  map[string]asset
}

type asset struct {
	contentType string
	body        []byte        // nil when only packed is kept
	packed      func() []byte // body with gzip, made when it is first asked for; nil where that saves nothing
	version     string
}

// types are fixed here, since what the system says about them differs between systems.
var types = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".png": "image/png", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8",
}

// NewAssets serves the files at the top of each tree under prefix, such as "/docs/assets". A file x.js.gz is served as
// x.js, and unpacked for clients that don't take gzip. Where stylesheets and modules name other files, the
// names get versions. It panics on a tree that can't be read: they are part of the
// program.
func NewAssets(prefix string, trees ...fs.FS) *Assets {
	a := &Assets{prefix: prefix, files: map[string]asset{}}
	left := map[string][]byte{}
	for _, tree := range trees {
		entries, err := fs.ReadDir(tree, ".")
		if err != nil {
			panic(err)
		}
		for _, entry := range entries {
			if entry.IsDir() {
				continue
			}
			body, err := fs.ReadFile(tree, entry.Name())
			if err != nil {
				panic(err)
			}
			left[entry.Name()] = body
		}
	}
	for len(left) > 0 { // those first that the others name
		before := len(left)
		for name, body := range left {
			if body, ok := a.versioned(name, body); ok {
				a.add(name, body)
				delete(left, name)
			}
		}
		if len(left) == before {
			panic(fmt.Sprintf("ui: assets name files that are not there, or each other: %v",
				slices.Sorted(maps.Keys(left))))
		}
	}
	return a
}

// named is how files name others: in stylesheets and in modules.
var named = map[string]*regexp.Regexp{".css": regexp.MustCompile(`(url\(")([a-z0-9.-]+)(")`),
	".js": regexp.MustCompile(`(from '\./)([a-z0-9.-]+)(')`)}

// versioned adds versions to the names of other files in a file; it is not ok before those have theirs.
func (a *Assets) versioned(file string, body []byte) (out []byte, ok bool) {
	pattern := named[path.Ext(file)]
	if pattern == nil {
		return body, true
	}
	ok = true
	return pattern.ReplaceAllFunc(body, func(match []byte) []byte {
		part := pattern.FindSubmatch(match)
		f, known := a.files[string(part[2])]
		ok = ok && known
		return slices.Concat(part[1], part[2], []byte("?v="+f.version), part[3])
	}), ok
}

func (a *Assets) add(file string, body []byte) {
	name, gzipped := strings.CutSuffix(file, ".gz")
	f := asset{contentType: types[path.Ext(name)], body: body}
	if f.contentType == "" {
		f.contentType = mime.TypeByExtension(path.Ext(name))
	}
	if f.contentType == "" {
		f.contentType = echo.MIMEOctetStream
	}
	sum := sha256.Sum256(body)
	f.version = hex.EncodeToString(sum[:6])
	if gzipped {
		f.body, f.packed = nil, func() []byte { return body }
	} else {
		f.packed = sync.OnceValue(func() []byte {
			if packed := pack(body, gzip.BestCompression, ""); len(packed) < len(body)*9/10 {
				return packed
			}
			return nil
		})
	}
	a.files[name] = f
}

// icon is a picture of the sprite icons.svg, 16 pixels wide, for beside a word that says the same.
func (a *Assets) icon(name string) (template.HTML, error) {
	address, err := a.URL("icons.svg")
	name = template.HTMLEscapeString(name)
	return template.HTML(`<svg class="i" width="16" height="16" aria-hidden="true"><use href="` + //nolint:gosec // escaped
		address + `#` + name + `"/></svg>`), err
}

// URL is the address of a file, with its version. It fails for a file that is not there, which stops the template.
func (a *Assets) URL(name string) (string, error) {
	f, ok := a.files[name]
	if !ok {
		return "", fmt.Errorf("ui: there is no asset %q", name)
	}
	return a.prefix + "/" + name + "?v=" + f.version, nil
}

// Register adds the route.
func (a *Assets) Register(e *echo.Echo) {
	e.Match([]string{http.MethodGet, http.MethodHead}, a.prefix+"/*", a.serve)
}

func (a *Assets) serve(c echo.Context) error {
	f, ok := a.files[c.Param("*")]
	if !ok {
		return echo.ErrNotFound
	}
	h, r := c.Response().Header(), c.Request()
	h.Set(echo.HeaderCacheControl, "no-cache")
	if c.QueryParam("v") == f.version {
		h.Set(echo.HeaderCacheControl, "public, max-age=31536000, immutable")
	}
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	tag, packed, zipped := `"`+f.version+`"`, f.packed(), false
	if packed != nil {
		h.Set(echo.HeaderVary, echo.HeaderAcceptEncoding)
		if zipped = takesGzip(r); zipped {
			tag = `"` + f.version + `-gz"`
		}
	}
	h.Set("ETag", tag)
	if strings.Contains(r.Header.Get("If-None-Match"), tag) {
		return c.NoContent(http.StatusNotModified)
	}
	body := f.body
	switch {
	case zipped:
		h.Set(echo.HeaderContentEncoding, "gzip")
		body = packed
	case body == nil:
		var err error
		if body, err = unpack(packed); err != nil {
			return err
		}
	}
	return c.Blob(http.StatusOK, f.contentType, body)
}
