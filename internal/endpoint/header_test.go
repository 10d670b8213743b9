package endpoint

import (
	"bufio"
	"bytes"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/profile"
)

// FuzzHeader proves that a header that is accepted arrives as that header, and as nothing else.
func FuzzHeader(f *testing.F) {
	for _, h := range [][2]string{{"Authorization", "Bearer s3cret"}, {"X-A", "a\r\nX-B: b"}, {"X-A\r\nHost", "b"},
		{"Content-Length", "0"}, {"transfer-encoding", "chunked"}, {"X-Ü", "1"}, {" X-A", "1"}, {"X-A:", "1"}, {"", ""},
		{"webhook-id", "evt_1"}, {"X-A", "\x00"}, {"X-A", " \t "}, {"X-A", "é"}} {
		f.Add(h[0], h[1])
	}
	p, _ := profile.Find(profile.Default)
	f.Fuzz(func(t *testing.T, name, value string) {
		if checkHeader(p, name, value) != "" {
			return
		}
		r, err := http.NewRequest(http.MethodPost, "http://example.com/", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"User-Agent": {"test"}}
		before := len(r.Header)
		r.Header.Set(name, value)
		added := len(r.Header) - before
		var wire bytes.Buffer
		if err := r.Write(&wire); err != nil {
			t.Fatalf("%q: %q is accepted and can't be sent: %v", name, value, err)
		}
		got, err := http.ReadRequest(bufio.NewReader(&wire))
		if err != nil {
			t.Fatalf("%q: %q arrives as no request: %v", name, value, err)
		}
		if v := got.Header.Get(name); v != textproto.TrimString(value) || got.Host != "example.com" ||
			len(got.Header) != 2+added {
			t.Errorf("%q: %q arrives as %q among %v for %s, want it and nothing else", name, value, v, got.Header,
				got.Host)
		}
	})
}
