package profile

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/pkg/webhook"
)

// Signing is the way in which an endpoint signs.
type Signing string

// The ways to sign.
const (
	SignNone    Signing = "none"
	SignHMAC    Signing = "hmac"
	SignEd25519 Signing = "ed25519"
	SignBoth    Signing = "both"
)

// Asymmetric reports whether it uses an ed25519 key.
func (s Signing) Asymmetric() bool { return s == SignEd25519 || s == SignBoth }

// Use returns the secrets that the signing uses.
func (s Signing) Use(all Secrets) Secrets {
	if s == SignNone || s == SignEd25519 {
		all.Current, all.Previous = "", nil
	}
	if !s.Asymmetric() {
		all.Ed25519, all.PreviousEd25519 = nil, nil
	}
	return all
}

// The envelopes. Standard is the profile's own.
const (
	Standard    = "standard"
	CloudEvents = "cloudevents"
)

// Check returns the settings that an endpoint of the profile can't have.
func (p Profile) Check(envelope string, signing Signing) []problem.Detail {
	var details []problem.Detail
	if envelope == CloudEvents && !p.CloudEvents {
		details = append(details, problem.Detail{Field: "envelope", Message: "must be standard with the profile " +
			p.Name + ", whose consumers know no other"})
	}
	if !slices.Contains(p.Signing, signing) {
		allowed := make([]string, len(p.Signing))
		for i, s := range p.Signing {
			allowed[i] = string(s)
		}
		details = append(details, problem.Detail{Field: "signing", Message: "must be " + strings.Join(allowed, " or ") +
			" with the profile " + p.Name})
	}
	return details
}

// previousSuffix ends the name of the header with the signatures of previous secrets.
const previousSuffix = "-Previous"

// hexHeaders are the names that signHex uses, for Headers.
func hexHeaders(header string) []string { return []string{header, header + previousSuffix} }

// signHex signs a body as products do whose documents compare one value: hex HMAC-SHA256, keyed with the text of the
// secret. A list in that header would break their consumers, so while a rotation overlaps the signatures of the
// previous secrets, newest first, go into a header of their own.
//
// The id is sent beside it, unsigned, since an event may arrive twice and not all envelopes have one.
func signHex(s Secrets, header, messageID string, body []byte) (http.Header, error) {
	if s.Current == "" {
		return nil, errors.New("profile: there is no secret to sign with")
	}
	h := http.Header{webhook.HeaderID: {messageID}, header: {hexHMAC(s.Current, body)}}
	if len(s.Previous) > 0 {
		signatures := make([]string, len(s.Previous))
		for i, secret := range s.Previous {
			signatures[i] = hexHMAC(secret, body)
		}
		h[header+previousSuffix] = []string{strings.Join(signatures, " ")}
	}
	return h, nil
}

func hexHMAC(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// HexSignatures returns the signatures of signHex in the headers of a request: the name of the profile's header, and
// the signatures of the current and of previous secrets. The name is empty when there is none.
func HexSignatures(h http.Header) (header string, signatures []string) {
	for _, name := range All() {
		p := profiles[name]
		if !p.hex() || h.Get(p.Headers[0]) == "" {
			continue
		}
		return p.Headers[0], append([]string{h.Get(p.Headers[0])}, strings.Fields(h.Get(p.Headers[1]))...)
	}
	return "", nil
}

// VerifyHex verifies a signature of a body under a secret, in constant time.
func VerifyHex(secret, signature string, body []byte) bool {
	return hmac.Equal([]byte(hexHMAC(secret, body)), []byte(signature))
}
