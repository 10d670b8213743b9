package egress

import (
	"strings"
	"testing"
)

func TestURLsAreNormalized(t *testing.T) {
	t.Parallel()
	c := New(Config{})
	for raw, want := range map[string]string{
		"https://example.com/a?b=c%20d+e&f=%": "https://example.com/a?b=c%20d+e&f=%",
		" \t\u00a0https://example.com/a\r\n":  "https://example.com/a",
		"https://example.com/a b?c=d e":       "https://example.com/a%20b?c=d%20e",
		"https://example.com/ü?city=München":  "https://example.com/%C3%BC?city=M%C3%BCnchen",
		"https://example.com?q=ü":             "https://example.com?q=%C3%BC",
		"https://Bücher.example:8443/ü":       "https://xn--bcher-kva.example:8443/%C3%BC",
		"https://例え。テスト/":                     "https://xn--r8jz45g.xn--zckzah/",
	} {
		got := NormalizeURL(raw)
		if got != want || NormalizeURL(got) != got {
			t.Errorf("%q: got %q, want %q, and the same when normalized again", raw, got, want)
		}
		if err := c.CheckURL(got); err != nil {
			t.Errorf("%q: got %v, want it accepted", got, err)
		}
	}
	for raw, want := range map[string]string{
		"https://exam\u200bple.com/":     "U+200B",
		"https://example.com/a\u200d":    "U+200D",
		"https://example.com/\u202etxt":  "U+202E",
		"\ufeffhttps://example.com/":     "U+FEFF",
		"https://example.com/a\u00a0b":   "U+00A0",
		"https://example.com/a\tb":       "U+0009",
		"https://example.com/?a=\u2066b": "U+2066",
		"https://example.com/a\u00adb":   "U+00AD",
		"https://１２７.0.0.1/":             "host",
		"https://127。0。0。1/":             "host",
		"https://exa mple.com/":          "not a complete web address",
		"https://xn--ü.example/":         "host",
		"https://user@bücher.example/":   "user name",
		"":                               "not a complete web address",
	} {
		if err := c.CheckURL(NormalizeURL(raw)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want it refused with %q", raw, err, want)
		}
	}
}
