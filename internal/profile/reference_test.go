package profile

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"pgregory.net/rapid"

	"github.com/hookline/hookline/pkg/webhook"
)

// These tests of pkg/webhook need modules that its users must not get with it.

func standardHeaders(id string, at time.Time, signature string) http.Header {
	h := http.Header{}
	h.Set(webhook.HeaderID, id)
	h.Set(webhook.HeaderTimestamp, strconv.FormatInt(at.Unix(), 10))
	h.Set(webhook.HeaderSignature, signature)
	return h
}

// The independent library of the specification accepts what we sign, and we accept what it signs, whatever the body, id
// and key length.
func TestSignaturesAgreeWithReference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(24, 64).Draw(t, "size")
		secret := webhook.SecretPrefix + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", size)))
		id := rapid.StringMatching(`[A-Za-z0-9_]{1,40}`).Draw(t, "id")
		body := rapid.SliceOf(rapid.Byte()).Draw(t, "body")
		now := time.Now() // the reference reads the clock itself
		reference, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			t.Fatal(err)
		}
		key, err := webhook.ParseSecret(secret)
		if err != nil {
			t.Fatal(err)
		}

		ours := webhook.Sign(key, id, now, body)
		if err := reference.Verify(body, standardHeaders(id, now, ours)); err != nil {
			t.Fatalf("reference on our signature: got %v, want nil", err)
		}
		theirs, err := reference.Sign(id, now, body)
		if err != nil {
			t.Fatal(err)
		}
		if err := webhook.Verify(standardHeaders(id, now, theirs), body, now, secret); err != nil {
			t.Fatalf("Verify on the reference's signature: got %v, want nil", err)
		}
	})
}

func TestOnlyItsPublicKeyVerifiesAKeysSignature(t *testing.T) {
	t.Parallel()
	const id = "msg_1"
	now := time.Unix(1_700_000_000, 0)
	rapid.Check(t, func(t *rapid.T) {
		key := webhook.NewPrivateKey()
		public := webhook.FormatPublicKey(key.Public().(ed25519.PublicKey))
		other := webhook.FormatPublicKey(webhook.NewPrivateKey().Public().(ed25519.PublicKey))
		body := rapid.SliceOf(rapid.Byte()).Draw(t, "body")
		h := standardHeaders(id, now, webhook.SignEd25519(key, id, now, body))
		if err := webhook.Verify(h, body, now, public); err != nil {
			t.Error(err)
		}
		for name, err := range map[string]error{
			"other key":  webhook.Verify(h, body, now, other),
			"other body": webhook.Verify(h, append([]byte("x"), body...), now, public),
		} {
			if !errors.Is(err, webhook.ErrSignature) {
				t.Errorf("%s: got %v, want %v", name, err, webhook.ErrSignature)
			}
		}
		if back, err := webhook.ParsePublicKey(public); err != nil || !strings.HasPrefix(public,
			webhook.PublicKeyPrefix) || webhook.FormatPublicKey(back) != public {
			t.Errorf("%s: got %v, want it back", public, err)
		}
	})
}
