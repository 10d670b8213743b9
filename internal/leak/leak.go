// Package leak revokes API keys that were found in public. GitHub's secret scanning reports them, signed with one of
// its published keys; any other report is refused, since anybody can send one.
package leak

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hookline/hookline/gen/api"
)

// Find is a text that was found in public, and where.
type Find struct {
	Token  string
	URL    string // where; may be empty
	Source string // in what, such as commit; may be empty
}

const (
	maxURL    = 2048 // bytes
	maxSource = 100
	maxToken  = 200 // no key is longer, and looking for longer texts costs time
)

// clean makes the place of a find fit for storage: truncated, and without the reported tokens, which a URL may repeat.
func clean(finds []Find) []Find {
	var tokens []string
	for _, f := range finds {
		if f.Token != "" && len(f.Token) <= maxToken {
			tokens = append(tokens, f.Token, "…")
		}
	}
	hidden, out := strings.NewReplacer(tokens...), slices.Clone(finds)
	for i, f := range finds {
		out[i].URL, out[i].Source = cut(hidden.Replace(f.URL), maxURL), cut(hidden.Replace(f.Source), maxSource)
	}
	return out
}

// places returns the distinct places of one key's finds, in the order of the report.
func places(finds []Find) []api.LeakPlace {
	var out []api.LeakPlace
	for _, f := range finds {
		if p := (api.LeakPlace{URL: f.URL, Source: f.Source}); !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

func hide(text, token string) string {
	if token == "" {
		return text
	}
	return strings.ReplaceAll(text, token, "…")
}

// cut truncates a text to n bytes at a character boundary.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// tokenHash identifies a token without repeating it: SHA-256 in base64.
func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// publicKeys are GitHub's, by identifier.
type publicKeys map[string]*ecdsa.PublicKey

var errNoKeys = errors.New("leak: the list contains no ECDSA key on P-256")

// parseKeys parses GitHub's list. It skips keys of other kinds than reports are signed with, and fails when none is
// left, so that the previous list stays.
func parseKeys(list []byte) (publicKeys, error) {
	var doc struct {
		PublicKeys []struct {
			KeyIdentifier string `json:"key_identifier"`
			Key           string `json:"key"`
		} `json:"public_keys"`
	}
	if err := json.Unmarshal(list, &doc); err != nil {
		return nil, errors.New("leak: the list is not JSON of the known form") // the cause would quote what was sent
	}
	keys := publicKeys{}
	for _, k := range doc.PublicKeys {
		if parsed := parseKey(k.Key); parsed != nil && k.KeyIdentifier != "" {
			keys[k.KeyIdentifier] = parsed
		}
	}
	if len(keys) == 0 {
		return nil, errNoKeys
	}
	return keys, nil
}

// parseKey parses a PEM; it returns nil unless it is an ECDSA key on P-256.
func parseKey(text string) *ecdsa.PublicKey {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	key, ok := parsed.(*ecdsa.PublicKey)
	if err != nil || !ok || key.Curve != elliptic.P256() {
		return nil
	}
	return key
}

// maxSignature is how long a signature in base64 can be: two numbers of 33 bytes, with their headers, are 72 bytes.
const maxSignature = 96

// signed verifies a signature of the key, ASN.1 in base64, over the exact bytes of a body.
func signed(key *ecdsa.PublicKey, signature string, body []byte) bool {
	if len(signature) > maxSignature {
		return false
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(signature)
	if err != nil {
		return false
	}
	digest := sha256.Sum256(body)
	return ecdsa.VerifyASN1(key, digest[:], raw)
}
