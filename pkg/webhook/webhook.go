// Package webhook signs and verifies webhooks by the Standard Webhooks
// specification (https://www.standardwebhooks.com), scheme v1: HMAC-SHA256, and
// scheme v1a: ed25519.
//
// Hookline signs with it and consumers verify with it, so both sides share one
// idea of what is signed. It needs nothing but the standard library.
//
// A consumer reads the raw body first, verifies it, and only then decodes it:
// decoding and encoding again changes bytes and breaks the signature. It should
// also remember the webhook-id of what it has handled, as the same event may
// arrive more than once.
package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Names of the three headers of a signed webhook.
const (
	// HeaderID carries the message id: the same on every attempt.
	HeaderID = "webhook-id"
	// HeaderTimestamp carries the time of the attempt in whole Unix seconds.
	HeaderTimestamp = "webhook-timestamp"
	// HeaderSignature carries a space-separated list of "<version>,<base64>";
	// while a secret is being rotated there is one per secret.
	HeaderSignature = "webhook-signature"
)

const (
	// SecretPrefix starts every signing secret; std base64 of the key follows.
	SecretPrefix = "whsec_"
	// Tolerance is how far a timestamp may lie from the verifier's clock, in
	// either direction, before Verify refuses the message as a replay.
	Tolerance = 5 * time.Minute
)

const (
	version    = "v1"
	newKeySize = 32 // bytes
	minKeySize = 24 // bytes, by the specification
	maxKeySize = 64 // bytes, by the specification
)

// What Verify and ParseSecret answer; test with errors.Is. The message wrapped
// around them never contains a secret.
var (
	// ErrMissingHeader says that one of the three headers is absent or empty.
	ErrMissingHeader = errors.New("webhook: a required header is missing")
	// ErrTimestamp says that the timestamp is no whole number of seconds or is
	// outside Tolerance.
	ErrTimestamp = errors.New("webhook: the timestamp is not acceptable")
	// ErrSignature says that no signature fits: a wrong secret, changed content,
	// or no signature of a known version.
	ErrSignature = errors.New("webhook: no signature matches")
	// ErrSecret says that the secret itself is unusable: a fault of the
	// configuration, not of the message.
	ErrSecret = errors.New("webhook: the signing secret is not usable")
)

// NewSecret makes a fresh signing secret: SecretPrefix and the std base64 of 32
// random bytes.
func NewSecret() string {
	key := make([]byte, newKeySize)
	rand.Read(key) // never fails: the runtime ends the program instead
	return SecretPrefix + base64.StdEncoding.EncodeToString(key)
}

// ParseSecret decodes a secret into the key that Sign takes. The prefix is
// required and the key must be 24 to 64 bytes; otherwise the error is ErrSecret.
func ParseSecret(s string) ([]byte, error) {
	encoded, ok := strings.CutPrefix(s, SecretPrefix)
	if !ok {
		return nil, fmt.Errorf("%w: it must start with %q", ErrSecret, SecretPrefix)
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, fmt.Errorf("%w: what follows %q must be standard base64 with padding", ErrSecret, SecretPrefix)
	}
	if len(key) < minKeySize || len(key) > maxKeySize {
		return nil, fmt.Errorf("%w: it must hold %d to %d bytes, this one holds %d", ErrSecret, minKeySize, maxKeySize,
			len(key))
	}
	return key, nil
}

// Sign returns the signature "v1,<base64>" over "<id>.<unix seconds of at>.<body>".
// The key is what ParseSecret returns. The id must contain no dot (Verify
// refuses one), as a dot would let content move between id, timestamp and body.
func Sign(key []byte, id string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write(content(id, at, body))
	return version + "," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Verify checks that one of the secrets signed exactly this body, under the
// headers h, within Tolerance of now. A secret is what NewSecret makes or, for
// ed25519, a public key. It compares in constant time and accepts any match of
// any signature with any secret, so that the consumer's and the sender's secrets
// can be rotated one after the other; signatures of unknown versions are passed
// over.
//
// Errors: ErrSecret (also when no secret is given, or when only one of several
// is malformed), ErrMissingHeader, ErrTimestamp, ErrSignature.
func Verify(h http.Header, body []byte, now time.Time, secrets ...string) error {
	if len(secrets) == 0 {
		return fmt.Errorf("%w: none was given", ErrSecret)
	}
	verifiers := make([]verifier, len(secrets))
	for i, s := range secrets {
		var err error
		if verifiers[i], err = newVerifier(s); err != nil {
			return err
		}
	}

	for _, name := range []string{HeaderID, HeaderTimestamp, HeaderSignature} {
		if h.Get(name) == "" {
			return fmt.Errorf("%w: %s", ErrMissingHeader, name)
		}
	}
	at, err := parseTimestamp(h.Get(HeaderTimestamp), now)
	if err != nil {
		return err
	}
	id := h.Get(HeaderID)
	if strings.Contains(id, ".") {
		return fmt.Errorf("%w: the %s contains a dot", ErrSignature, HeaderID)
	}

	given := strings.Fields(h.Get(HeaderSignature))
	for _, fits := range verifiers {
		for _, signature := range given {
			if fits(id, at, body, signature) {
				return nil
			}
		}
	}
	return ErrSignature
}

func equal(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }

// parseTimestamp accepts only the spelling that Sign writes, so that one message
// has one timestamp: not "+1", not "01".
func parseTimestamp(s string, now time.Time) (time.Time, error) {
	seconds, err := strconv.ParseInt(s, 10, 64)
	if err != nil || strconv.FormatInt(seconds, 10) != s {
		return time.Time{}, fmt.Errorf("%w: %s must be whole Unix seconds", ErrTimestamp, HeaderTimestamp)
	}
	at := time.Unix(seconds, 0)
	if now.Sub(at).Abs() > Tolerance {
		return time.Time{}, fmt.Errorf("%w: it is more than %s away from the local clock", ErrTimestamp, Tolerance)
	}
	return at, nil
}
