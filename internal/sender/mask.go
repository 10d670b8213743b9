package sender

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/hookline/hookline/internal/egress"
	"github.com/hookline/hookline/internal/endpoint"
	"github.com/hookline/hookline/internal/profile"
)

// setByHookline reports whether Hookline writes the header itself, so that it holds no secret of the consumer.
func setByHookline(p profile.Profile, name string) bool {
	lower := strings.ToLower(name)
	return lower == "content-type" || lower == "user-agent" || p.Sets(name)
}

// masked returns the headers as they are kept: values of the consumer's own headers are secrets.
func masked(profileName string, h http.Header) map[string]string {
	p, _ := profile.Find(profileName)
	out := make(map[string]string, len(h))
	for name, values := range h {
		out[name] = endpoint.Mask
		if setByHookline(p, name) {
			out[name] = values[0]
		}
	}
	return out
}

// minSecret is the length of the shortest text that is looked for in a response. Shorter ones occur by chance.
const minSecret = 4

// negotiation are the headers whose values, if the consumer sets them, are no credentials and are found in most
// responses.
var negotiation = []string{"Accept", "Accept-Charset", "Accept-Language", "Cache-Control", "Origin", "Pragma", "Prefer",
	"Referer", "X-Requested-With"}

// secrets are the texts that a request authenticates with or is signed with.
type secrets []string

// add adds a text, and what follows the scheme of a credential such as "Bearer".
func (s *secrets) add(text string) {
	for _, part := range []string{text, text[strings.IndexByte(text, ' ')+1:]} {
		if len(part) >= minSecret && !slices.Contains(*s, part) {
			*s = append(*s, part)
		}
	}
}

// within are the forms, the longest first, of those secrets that a response may repeat. Hardly any does, and it must
// have the part of the secret that is the same in every form; of what cuts a secret off, the end tells nothing.
func (s secrets) within(r *egress.Response) forms {
	var out forms
	for _, text := range s {
		if r.Truncated || repeats(r, core(text)) {
			out = append(out, formsOf(text)...)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return len(b) - len(a) })
	return out
}

func repeats(r *egress.Response, text string) bool {
	if bytes.Contains(r.Body, []byte(text)) {
		return true
	}
	for _, values := range r.Header {
		for _, v := range values {
			if strings.Contains(v, text) {
				return true
			}
		}
	}
	return false
}

// core is the longest part of a text that is written the same everywhere.
func core(text string) string {
	longest := ""
	for _, part := range strings.FieldsFunc(text, unlikeEverywhere) {
		if len(part) > len(longest) {
			longest = part
		}
	}
	return longest
}

// forms are secrets in the forms in which a response may repeat them, the longest first.
type forms []string

// formsOf are a text as it is, and as it is written in JSON, by languages that escape slashes too, in HTML and in URLs.
func formsOf(text string) []string {
	if strings.IndexFunc(text, unlikeEverywhere) < 0 {
		return []string{text}
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // texts always have a JSON form
	}
	escaped := string(quoted[1 : len(quoted)-1])
	plain := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
	return []string{text, escaped, plain, strings.ReplaceAll(escaped, "/", `\/`), strings.ReplaceAll(plain, "/", `\/`),
		html.EscapeString(text), url.QueryEscape(text), url.PathEscape(text)}
}

// unlikeEverywhere reports whether a character is not written the same everywhere.
func unlikeEverywhere(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-' && r != '_' && r != '.'
}

// secretsOf lists the secrets of a request that was sent, with every token that it was tried with.
func secretsOf(p prepared) secrets {
	var s secrets
	set, _ := profile.Find(p.owner.Profile)
	for name, values := range p.request.Header {
		if !setByHookline(set, name) && !slices.Contains(negotiation, name) {
			s.add(values[0])
		}
	}
	for _, token := range p.tokens {
		s.add(token)
	}
	for _, text := range []string{p.auth.Password, p.auth.ClientSecret, p.auth.PrivateKey} {
		s.add(text)
	}
	if p.auth.Password != "" {
		s.add(p.auth.Username + ":" + p.auth.Password)
	}
	for _, signing := range append([]string{p.signing.Current}, p.signing.Previous...) {
		s.add(signing)
		s.add(strings.TrimPrefix(signing, "whsec_"))
	}
	return s
}

// hide masks what a response repeats of the secrets. What the consumer compressed, without being asked to, can't be
// searched and is not kept.
func (s secrets) hide(r *egress.Response) {
	f := s.within(r)
	if len(f) > 0 {
		for _, values := range r.Header {
			for i, v := range values {
				values[i] = string(f.replace([]byte(v)))
			}
		}
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" && len(r.Body) > 0 {
		r.Body, r.Truncated = nil, true
		return
	}
	if r.Body = f.replace(r.Body); r.Truncated {
		r.Body = f.trim(r.Body)
	}
}

func (f forms) replace(text []byte) []byte {
	for _, secret := range f {
		if bytes.Contains(text, []byte(secret)) {
			text = bytes.ReplaceAll(text, []byte(secret), []byte(endpoint.Mask))
		}
	}
	return text
}

// trim removes the beginning of a secret that the end of a body cuts off.
func (f forms) trim(body []byte) []byte {
	for _, secret := range f {
		for n := min(len(secret)-1, len(body)); n >= minSecret; n-- {
			if bytes.HasSuffix(body, []byte(secret[:n])) {
				return append(bytes.Clone(body[:len(body)-n]), endpoint.Mask...)
			}
		}
	}
	return body
}
