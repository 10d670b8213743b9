package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
)

// product is one of the five: what its documentation promises, and its day.
type product struct {
	profile     string
	about       string
	keyPrefix   string                      // of live keys
	keyHeader   string                      // that the key is sent in; empty for Authorization
	keySettings func(ownerID string) object // what its keys need
	events      []string                    // as it names them; each must arrive
	documented  string                      // how its webhooks are verified, in words
	// verify checks a request as documented, and says what it went by.
	verify func(h http.Header, body []byte, secret string) (proof string, err error)
	read   func(envelope object) (event string, data object)
	shows  []string // the fields of data that are printed, as far as an event has them
	script func(d *day)
}

var products = []product{leadmetrics, inboxops, leadhooks, leadie, savelead}

// ofTenant is for keys that may do everything and belong to nobody.
func ofTenant(string) object { return object{"permissions": []string{"*"}} }

// hexHMAC verifies a header that has the HMAC-SHA256 of the body in hex, keyed with the text of the secret.
func hexHMAC(header string) func(http.Header, []byte, string) (string, error) {
	return func(h http.Header, body []byte, secret string) (string, error) {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		if !hmac.Equal([]byte(hex.EncodeToString(mac.Sum(nil))), []byte(h.Get(header))) {
			return "", errors.New(header + " is not the signature of the body")
		}
		return "signature", nil
	}
}

// named reads envelopes that have the name of the event in the field event.
func named(envelope object) (event string, data object) {
	data, _ = envelope["data"].(object)
	return text(envelope, "event"), data
}
