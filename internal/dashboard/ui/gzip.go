package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

const (
	// packedFrom is the size from which compressing a page pays.
	packedFrom = 1 << 10
	// pageLevel takes a third of the time of the best compression, for pages that are a few percent larger.
	pageLevel = 4
	// mostPadding is the most random letters in a compressed page.
	mostPadding = 64
)

// sendHTML answers with a page, compressed where the client takes that. Letters at random in gzip's header hide the
// exact length, from which a stranger who chose a part of the text could guess another part.
func sendHTML(c echo.Context, status int, page []byte) error {
	h := c.Response().Header()
	h.Add(echo.HeaderVary, echo.HeaderAcceptEncoding)
	if len(page) >= packedFrom && takesGzip(c.Request()) {
		h.Set(echo.HeaderContentEncoding, "gzip")
		page = pack(page, pageLevel, padding())
	}
	return c.HTMLBlob(status, page)
}

func padding() string {
	var b [1]byte
	_, _ = rand.Read(b[:]) // it never fails
	return strings.Repeat("x", int(b[0])%mostPadding)
}

// pack compresses with gzip at a level from 1 to 9.
func pack(b []byte, level int, comment string) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, level)
	if err != nil {
		panic(err) // the level is a constant
	}
	w.Comment = comment
	_, _ = w.Write(b) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

func unpack(b []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
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
