package webhook

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// PublicKeyPrefix starts every public key; std base64 of its 32 bytes follows.
// Verify takes such a key wherever it takes a secret.
const PublicKeyPrefix = "whpk_"

const versionEd25519 = "v1a"

// NewPrivateKey makes a fresh ed25519 key.
func NewPrivateKey() ed25519.PrivateKey {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		panic(err) // never: the runtime ends the program when it has no randomness
	}
	return private
}

// FormatPublicKey is the key that verifies what a private key signs, in the form
// that Verify takes.
func FormatPublicKey(key ed25519.PublicKey) string {
	return PublicKeyPrefix + base64.StdEncoding.EncodeToString(key)
}

// ParsePublicKey reads what FormatPublicKey writes; otherwise the error is
// ErrSecret.
func ParsePublicKey(s string) (ed25519.PublicKey, error) {
	encoded, ok := strings.CutPrefix(s, PublicKeyPrefix)
	if !ok {
		return nil, fmt.Errorf("%w: a public key must start with %q", ErrSecret, PublicKeyPrefix)
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("%w: what follows %q must be standard base64 of %d bytes", ErrSecret, PublicKeyPrefix,
			ed25519.PublicKeySize)
	}
	return key, nil
}

// SignEd25519 returns the signature "v1a,<base64>" over the same content as Sign.
func SignEd25519(key ed25519.PrivateKey, id string, at time.Time, body []byte) string {
	return versionEd25519 + "," + base64.StdEncoding.EncodeToString(ed25519.Sign(key, content(id, at, body)))
}

// content is the signed content.
func content(id string, at time.Time, body []byte) []byte {
	return append([]byte(id+"."+strconv.FormatInt(at.Unix(), 10)+"."), body...)
}

// verifier says whether a signature, version included, is right for a message.
type verifier func(id string, at time.Time, body []byte, signature string) bool

func newVerifier(secret string) (verifier, error) {
	if strings.HasPrefix(secret, PublicKeyPrefix) {
		key, err := ParsePublicKey(secret)
		return func(id string, at time.Time, body []byte, signature string) bool {
			encoded, ok := strings.CutPrefix(signature, versionEd25519+",")
			raw, err := base64.StdEncoding.Strict().DecodeString(encoded)
			return ok && err == nil && ed25519.Verify(key, content(id, at, body), raw)
		}, err
	}
	key, err := ParseSecret(secret)
	return func(id string, at time.Time, body []byte, signature string) bool {
		return equal(signature, Sign(key, id, at, body))
	}, err
}
