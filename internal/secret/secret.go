// Package secret seals values that Hookline must read again (signing secrets, headers, credentials) before they are
// stored. It seals under the first key of a ring and opens under all of them, so that keys can be replaced while the
// program runs.
//
// A sealed value is:
//
//	1 byte    version of the format
//	4 bytes   id of the key
//	24 bytes  random nonce
//	n bytes   ciphertext of XChaCha20-Poly1305
//	16 bytes  tag
//
// Keys are used only to derive others with HKDF-SHA256: the key's id, and a sub-key for each purpose. A value opens
// only for its purpose and with the names that it was bound to, such as its tenant and row, so a value that is copied
// to another column, row or tenant does not open there.
//
// Nonces are random and have 192 bits: a sub-key is good for 2^80 values before two nonces are equal with a probability
// of 2^-32. AES-256-GCM, with nonces of 96 bits, would be good for 2^32.
package secret

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"

	"golang.org/x/crypto/chacha20poly1305"
)

const (
	version    = 1
	prefixSize = 1 + len(KeyID{}) // bytes: the version and the id of the key
	minSize    = prefixSize + chacha20poly1305.NonceSizeX + chacha20poly1305.Overhead
)

// ErrOpen says that a sealed value does not open: it was changed or cut, it was sealed for another purpose or bound to
// other names, it is no sealed value, or its key is not in the ring. In the last case the error is an *UnknownKeyError,
// too.
var ErrOpen = errors.New("secret: the value can't be opened for this purpose and these names")

// UnknownKeyError says that a value was sealed under a key that is not in the ring.
type UnknownKeyError struct{ ID KeyID }

// Error implements error. It is for operators.
func (e *UnknownKeyError) Error() string {
	return "secret: the value was encrypted with the key " + e.ID.String() + ", which is not in " +
		"HOOKLINE_ENCRYPTION_KEYS: add it there, after the first key, and restart the process"
}

// Unwrap makes it an ErrOpen.
func (e *UnknownKeyError) Unwrap() error { return ErrOpen }

// KeyID identifies a key without revealing anything about it. It is a part of each value that the key sealed.
type KeyID [4]byte

// String is the id in hex.
func (id KeyID) String() string { return hex.EncodeToString(id[:]) }

// Prefix is how every value begins that the key with the id sealed.
func Prefix(id KeyID) []byte { return append([]byte{version}, id[:]...) }

// KeyOf returns the id of the key that a value was sealed under. It is false for what is no sealed value.
func KeyOf(sealed []byte) (KeyID, bool) {
	if len(sealed) < prefixSize || sealed[0] != version {
		return KeyID{}, false
	}
	return KeyID(sealed[1:prefixSize]), true
}

// Seal encrypts plain under the first key, for a purpose, and binds it to names: the tenant and the id of the row that
// it is stored in. The names are not stored with it. Two calls never return the same bytes.
func (r *Ring) Seal(p Purpose, plain []byte, bound ...string) []byte {
	return r.keys[0].seal(p, plain, bound)
}

func (k key) seal(p Purpose, plain []byte, bound []string) []byte {
	sealed := make([]byte, prefixSize+chacha20poly1305.NonceSizeX, minSize+len(plain))
	copy(sealed, Prefix(k.id))
	nonce := sealed[prefixSize:]
	_, _ = rand.Read(nonce) // never fails: the runtime ends the program instead
	return k.aeads[p].Seal(sealed, nonce, plain, additional(k.id, p, bound))
}

// Open decrypts what Seal returned for the same purpose and names. The error is ErrOpen, and an *UnknownKeyError when
// the key is not in the ring.
func (r *Ring) Open(p Purpose, sealed []byte, bound ...string) ([]byte, error) {
	id, ok := KeyOf(sealed)
	if !ok {
		return nil, ErrOpen
	}
	k, ok := r.find(id)
	if !ok {
		return nil, &UnknownKeyError{id}
	}
	if len(sealed) < minSize {
		return nil, ErrOpen
	}
	nonce, ciphertext := sealed[prefixSize:prefixSize+chacha20poly1305.NonceSizeX],
		sealed[prefixSize+chacha20poly1305.NonceSizeX:]
	plain, err := k.aeads[p].Open(nil, nonce, ciphertext, additional(id, p, bound))
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

// Reseal opens a value and seals it again under the key with the id, which need not be the first. The error is that of
// Open.
func (r *Ring) Reseal(id KeyID, p Purpose, sealed []byte, bound ...string) ([]byte, error) {
	k, ok := r.find(id)
	if !ok {
		return nil, &UnknownKeyError{id}
	}
	plain, err := r.Open(p, sealed, bound...)
	if err != nil {
		return nil, err
	}
	return k.seal(p, plain, bound), nil
}

// additional is what a value is authenticated with besides its content. Every part has its length before it, so that
// no two lists of names are the same bytes.
func additional(id KeyID, p Purpose, bound []string) []byte {
	data := Prefix(id)
	for _, part := range append([]string{p.String()}, bound...) {
		data = binary.BigEndian.AppendUint32(data, uint32(len(part))) //nolint:gosec // names are short
		data = append(data, part...)
	}
	return data
}
