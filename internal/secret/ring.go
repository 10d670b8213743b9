package secret

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

const keySize = 32 // bytes

const help = "make one with: openssl rand -base64 32"

// Purpose is what values are for. Each has a sub-key of its own.
type Purpose uint8

// The purposes: one for each column with sealed values (package rotation lists them), and the cookie of a sign-in.
const (
	EndpointSecret Purpose = iota
	EndpointPreviousSecrets
	EndpointHeaders
	EndpointAuth
	EndpointKeyPair
	EndpointPreviousKeyPairs
	AlertTarget
	AlertSecret
	AlertPreviousSecrets
	IdempotentAnswer
	KeyCheck
	SignIn

	purposes
)

// names are what the sub-keys are derived with. A value opens only as long as its purpose keeps its name.
var names = [purposes]string{
	EndpointSecret: "endpoint secret", EndpointPreviousSecrets: "endpoint previous secrets",
	EndpointHeaders: "endpoint headers", EndpointAuth: "endpoint auth", EndpointKeyPair: "endpoint key pair",
	EndpointPreviousKeyPairs: "endpoint previous key pairs", AlertTarget: "alert target",
	AlertSecret: "alert secret", AlertPreviousSecrets: "alert previous secrets",
	IdempotentAnswer: "idempotent answer", KeyCheck: "key check", SignIn: "sign-in",
}

// String is the name of the purpose.
func (p Purpose) String() string { return names[p] }

// Ring is a list of keys: the first seals, all open. It is safe for concurrent use.
type Ring struct{ keys []key }

type key struct {
	id    KeyID
	aeads [purposes]cipher.AEAD
}

// ParseRing makes a Ring from keys that are separated by commas or white space, the one that seals first. Each has
// exactly 32 bytes in base64, standard or URL alphabet, padded or not. The error says which key is wrong and how to
// make one; it never contains a key.
func ParseRing(text string) (*Ring, error) {
	r := &Ring{}
	for i, field := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c <= ' ' }) {
		raw, err := parseKey(field)
		if err != nil {
			return nil, fmt.Errorf("key %d %w; %s", i+1, err, help)
		}
		k, err := newKey(raw)
		if err != nil {
			return nil, err
		}
		if same := slices.Index(r.IDs(), k.id); same >= 0 {
			return nil, fmt.Errorf("keys %d and %d have the same id, %s; remove one of them", same+1, i+1, k.id)
		}
		r.keys = append(r.keys, k)
	}
	if len(r.keys) == 0 {
		return nil, errors.New("there is no key; " + help)
	}
	return r, nil
}

func parseKey(s string) ([]byte, error) {
	s = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	raw, err := base64.RawStdEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, errors.New("is not base64")
	}
	if len(raw) != keySize {
		return nil, fmt.Errorf("has %d bytes and must have %d", len(raw), keySize)
	}
	return raw, nil
}

// newKey derives what a key is used for. The key itself encrypts nothing.
func newKey(raw []byte) (key, error) {
	derive := func(info string, size int) ([]byte, error) {
		return hkdf.Key(sha256.New, raw, nil, "hookline/"+info, size)
	}
	var k key
	id, err := derive("key id", len(k.id))
	if err != nil {
		return k, fmt.Errorf("secret: %w", err)
	}
	k.id = KeyID(id)
	for p := range purposes {
		sub, err := derive("seal/"+p.String(), chacha20poly1305.KeySize)
		if err != nil {
			return k, fmt.Errorf("secret: %w", err)
		}
		if k.aeads[p], err = chacha20poly1305.NewX(sub); err != nil {
			return k, fmt.Errorf("secret: %w", err)
		}
	}
	return k, nil
}

// GenerateKey makes a random key in the form ParseRing takes: padded std base64 of 32 bytes.
func GenerateKey() string {
	raw := make([]byte, keySize)
	_, _ = rand.Read(raw) // never fails: the runtime ends the program instead
	return base64.StdEncoding.EncodeToString(raw)
}

// IDs are the ids of the keys, in their order: the first one seals.
func (r *Ring) IDs() []KeyID {
	ids := make([]KeyID, len(r.keys))
	for i, k := range r.keys {
		ids[i] = k.id
	}
	return ids
}

// find is linear: a ring has one key, and two or three while one is being replaced.
func (r *Ring) find(id KeyID) (key, bool) {
	for _, k := range r.keys {
		if k.id == id {
			return k, true
		}
	}
	return key{}, false
}
