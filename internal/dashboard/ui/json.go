package ui

import (
	"bytes"
	"encoding/json"
	"html/template"
	"strings"
)

// markMost is how many bytes of JSON get colours: each value gets an element of its own.
const markMost = 32 << 10

// Code is foreign bytes to be shown with a button that copies them. Marked is the same as HTML, indented and coloured,
// for JSON that is not too long; it is empty for everything else.
type Code struct {
	Text
	Marked template.HTML
}

// NewCode shows bytes, at most limit of them.
func NewCode(b []byte, limit int) Code {
	c := Code{Text: Exact(b, limit)}
	var indented bytes.Buffer
	if trimmed := bytes.TrimSpace(b); len(b) <= min(limit, markMost) && len(trimmed) > 0 && !c.Binary &&
		json.Indent(&indented, trimmed, "", "  ") == nil {
		c.Marked = mark(indented.String())
	}
	return c
}

// mark wraps the keys and values of JSON in elements with a class for each kind. Everything else is punctuation.
func mark(text string) template.HTML {
	var b strings.Builder
	for len(text) > 0 {
		kind, n := token(text)
		part := template.HTMLEscapeString(text[:n])
		if kind == "" {
			b.WriteString(part)
		} else {
			b.WriteString(`<span class="` + kind + `">` + part + `</span>`)
		}
		text = text[n:]
	}
	return template.HTML(b.String()) //nolint:gosec // every part is escaped
}

// token returns the length of the first token of JSON, and its class.
func token(text string) (kind string, n int) {
	switch c := text[0]; {
	case c == '"':
		n = 1
		for n < len(text) && text[n] != '"' {
			if text[n] == '\\' {
				n++
			}
			n++
		}
		n = min(n+1, len(text))
		if strings.HasPrefix(text[n:], ":") {
			return "j-key", n
		}
		return "j-text", n
	case c == '-' || c >= '0' && c <= '9':
		return "j-number", span(text, "+-.0123456789eE")
	case c >= 'a' && c <= 'z':
		return "j-word", span(text, "aeflnrstu")
	}
	n = strings.IndexFunc(text, func(r rune) bool {
		return r == '"' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z'
	})
	if n < 1 {
		n = len(text)
	}
	return "", n
}

// span is how many of the first bytes are among those of a set.
func span(text, set string) int {
	if n := strings.IndexFunc(text, func(r rune) bool { return !strings.ContainsRune(set, r) }); n > 0 {
		return n
	}
	return len(text)
}
