package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"
)

// Assets serves a fixed set of files under one path. Addresses made by URL name the content, so browsers keep them for
// ever; any other address is asked for anew each time, with an ETag.
type Assets struct {
	prefix string
	files  map[string]asset
}

type asset struct {
	contentType string
	body        []byte
	gzipped     bool // body is
	version     string
}

// types are fixed here, since what the system says about them differs between systems.
var types = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
	".png": "image/png",
}

// NewAssets serves the files at the top of each tree under prefix, such as "/docs/assets". A file x.js.gz is served as
// x.js, and unpacked for clients that don't take gzip. It panics on a tree that can't be read: they are part of the
// program.
func NewAssets(prefix string, trees ...fs.FS) *Assets {
	a := &Assets{prefix: prefix, files: map[string]asset{}}
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
			a.add(entry.Name(), body)
		}
	}
	return a
}

func (a *Assets) add(file string, body []byte) {
	name, gzipped := strings.CutSuffix(file, ".gz")
	contentType := types[path.Ext(name)]
	if contentType == "" {
		contentType = mime.TypeByExtension(path.Ext(name))
	}
	if contentType == "" {
		contentType = echo.MIMEOctetStream
	}
	sum := sha256.Sum256(body)
	a.files[name] = asset{contentType, body, gzipped, hex.EncodeToString(sum[:6])}
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
	tag, packed := `"`+f.version+`"`, false
	if f.gzipped {
		h.Set(echo.HeaderVary, echo.HeaderAcceptEncoding)
		if packed = takesGzip(r); packed {
			tag = `"` + f.version + `-gz"`
		}
	}
	h.Set("ETag", tag)
	if strings.Contains(r.Header.Get("If-None-Match"), tag) {
		return c.NoContent(http.StatusNotModified)
	}
	body := f.body
	if packed {
		h.Set(echo.HeaderContentEncoding, "gzip")
	} else if f.gzipped {
		var err error
		if body, err = unpack(body); err != nil {
			return err
		}
	}
	return c.Blob(http.StatusOK, f.contentType, body)
}

func takesGzip(r *http.Request) bool {
	for coding := range strings.SplitSeq(r.Header.Get(echo.HeaderAcceptEncoding), ",") {
		name, quality, _ := strings.Cut(strings.ReplaceAll(coding, " ", ""), ";")
		if strings.EqualFold(name, "gzip") {
			return quality != "q=0"
		}
	}
	return false
}

func unpack(b []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
