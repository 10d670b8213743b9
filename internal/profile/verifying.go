package profile

import (
	"embed"
	"slices"
	"strings"
	"text/template"

	"github.com/hookline/hookline/pkg/webhook"
)

// Snippet is code by which a consumer verifies requests, in one language.
type Snippet struct{ Language, Code string }

//go:embed verify/*.txt
var verifyFiles embed.FS

var verifying = template.Must(template.New("").Funcs(template.FuncMap{"lower": strings.ToLower}).
	ParseFS(verifyFiles, "verify/*.txt"))

// languages are the languages of the snippets, with their file extensions.
var languages = []struct{ name, ending string }{
	{"Go", ".go.txt"}, {"Node", ".js.txt"}, {"Python", ".py.txt"}, {"PHP", ".php.txt"}, {"Ruby", ".rb.txt"},
	{"Java", ".java.txt"}, {"C#", ".cs.txt"},
}

// Snippets returns code that verifies requests of the profile that are signed with a shared secret. Each defines one
// function of the secret, the headers and the raw body.
func (p Profile) Snippets() []Snippet {
	kind, names := "standard", struct{ Header, Previous string }{}
	if p.hex() {
		kind, names.Header, names.Previous = "hex", p.Headers[0], p.Headers[1]
	}
	out := make([]Snippet, 0, len(languages))
	for _, l := range languages {
		var b strings.Builder
		if err := verifying.ExecuteTemplate(&b, kind+l.ending, names); err != nil {
			panic(err) // the files are part of the program
		}
		out = append(out, Snippet{l.name, b.String()})
	}
	return out
}

// hex reports whether signHex signs the requests.
func (p Profile) hex() bool {
	return len(p.Headers) > 1 && p.Headers[1] == p.Headers[0]+previousSuffix
}

// SignedByDefault reports whether the default signing signs at all.
func (p Profile) SignedByDefault() bool { return p.Signing[0] != SignNone }

// SignatureHeaders lists the headers that verification needs, in the case that consumers expect, with their contents.
func (p Profile) SignatureHeaders() []Described {
	if p.hex() {
		out := []Described{
			{p.Headers[0], "hex HMAC-SHA256 of the body, keyed with the text of the secret"},
			{p.Headers[1], "the same for the secrets before the current one, only while a rotation overlaps"},
			{webhook.HeaderID, "the same on all attempts: identifies duplicates; not signed"},
		}
		if slices.Contains(p.Headers, leadieTimestamp) {
			out = append(out, Described{leadieTimestamp, "when the attempt was made, in Unix seconds; not signed"})
		}
		return out
	}
	return []Described{
		{webhook.HeaderSignature,
			"v1,<base64> of HMAC-SHA256 over id.timestamp.body, one for each valid secret, separated by spaces"},
		{webhook.HeaderTimestamp,
			"when the attempt was made, in Unix seconds; refuse what is more than 5 minutes away"},
		{webhook.HeaderID, "the same on all attempts: identifies duplicates"},
	}
}

// Described is a header with a description of its content.
type Described struct{ Name, Text string }
