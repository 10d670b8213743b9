// Package secret encrypts secrets that Hookline must read again (signing
// secrets, custom headers) before they are stored, with AES-256-GCM.
//
// A sealed value is one version byte, a 12-byte random nonce, the ciphertext and
// a 16-byte tag. It opens only under the context it was sealed with, so a value
// that is copied to another row or tenant does not open there. With random
// nonces one key is good for 2^32 values.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

const (
	keySize = 32 // bytes: AES-256
	// sealedV1 leads every sealed value, so that another algorithm or key can be
	// introduced while old values still open.
	sealedV1 = 1
)

// ErrOpen says that a sealed value does not open: it was changed, cut, sealed
// under another key or context, or is no sealed value. It does not say which.
var ErrOpen = errors.New("secret: the value cannot be opened with this key and context")

// Box seals and opens values under one key. It is safe for concurrent use.
type Box struct {
	aead cipher.AEAD
}

// NewBox makes a Box from a key of exactly 32 bytes, as ParseKey returns it.
func NewBox(key []byte) (*Box, error) {
	if len(key) != keySize {
		return nil, fmt.Errorf("secret: the key must have %d bytes, this one has %d", keySize, len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("secret: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("secret: %w", err)
	}
	return &Box{aead: aead}, nil
}

// ParseKey decodes a key from base64, standard or URL alphabet, padded or not,
// with surrounding white space ignored. It must have exactly 32 bytes. The error
// says how to make one and never contains the input.
func ParseKey(s string) ([]byte, error) {
	const help = "make one with: openssl rand -base64 32"
	s = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(strings.TrimSpace(s), "="))
	key, err := base64.RawStdEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, errors.New("secret: the key is not base64; " + help)
	}
	if len(key) != keySize {
		return nil, fmt.Errorf("secret: the key must have %d bytes, this one has %d; %s", keySize, len(key), help)
	}
	return key, nil
}

// GenerateKey makes a random key in the form ParseKey takes: padded std base64
// of 32 bytes.
func GenerateKey() string {
	key := make([]byte, keySize)
	rand.Read(key) // never fails: the runtime ends the program instead
	return base64.StdEncoding.EncodeToString(key)
}

// Seal encrypts plain and binds it to context, which names the place the value
// belongs to (tenant, kind, row id) and is not itself stored. Two calls never
// give the same bytes.
func (b *Box) Seal(plain []byte, context string) []byte {
	return b.aead.Seal([]byte{sealedV1}, nil, plain, []byte(context))
}

// Open decrypts what Seal returned for the same context; the error is ErrOpen.
func (b *Box) Open(sealed []byte, context string) ([]byte, error) {
	if len(sealed) == 0 || sealed[0] != sealedV1 {
		return nil, ErrOpen
	}
	plain, err := b.aead.Open(nil, nil, sealed[1:], []byte(context))
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}
