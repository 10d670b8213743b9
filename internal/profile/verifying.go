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

// languages are those that there is code for, and how its files end.
var languages = []struct{ name, ending string }{
	{"Go", ".go.txt"}, {"Node", ".js.txt"}, {"Python", ".py.txt"}, {"PHP", ".php.txt"}, {"Ruby", ".rb.txt"},
	{"Java", ".java.txt"},
}

// Snippets is code for verifying requests of the profile, signed with a shared secret. Each defines one function that
// takes the secret, the headers and the raw body. Where endpoints don't sign unless they are asked to, it is for those
// that were.
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

// hex says whether requests are signed by signHex.
func (p Profile) hex() bool {
	return len(p.Headers) > 1 && p.Headers[1] == p.Headers[0]+previousSuffix
}

// SignedByDefault says whether an endpoint signs that was not told how.
func (p Profile) SignedByDefault() bool { return p.Signing[0] != SignNone }

// SignatureHeaders names the headers that verifying needs, as consumers look for them, and what each holds.
func (p Profile) SignatureHeaders() []Described {
	if p.hex() {
		out := []Described{
			{p.Headers[0], "hex HMAC-SHA256 of the body, keyed with the text of the secret"},
			{p.Headers[1], "the same for the secrets before the current one, only while a rotation overlaps"},
			{webhook.HeaderID, "the same on all attempts: tells what you have handled already; not signed"},
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
		{webhook.HeaderID, "the same on all attempts: tells what you have handled already"},
	}
}

// Described is a header and what it holds.
type Described struct{ Name, Text string }
