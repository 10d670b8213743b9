package webhook

import (
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const testSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

var testNow = time.Unix(1_700_000_000, 0)

func secretOf(n int) string {
	return SecretPrefix + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", n)))
}

func mustKey(t interface{ Fatal(...any) }, secret string) []byte {
	key, err := ParseSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func headers(id, timestamp, signature string) http.Header {
	h := http.Header{}
	h.Set(HeaderID, id)
	h.Set(HeaderTimestamp, timestamp)
	h.Set(HeaderSignature, signature)
	return h
}

func seconds(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

// The vector is the one in the specification's own libraries.
func TestSignVector(t *testing.T) {
	t.Parallel()
	got := Sign(mustKey(t, testSecret), "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0),
		[]byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("Sign = %s, want %s", got, want)
	}
}

func TestNewSecret(t *testing.T) {
	t.Parallel()
	a, b := NewSecret(), NewSecret()
	if a == b {
		t.Error("secrets: got two equal ones, want others")
	}
	if key := mustKey(t, a); len(key) != 32 {
		t.Errorf("key has %d bytes, want 32", len(key))
	}
}

func TestParseSecret(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		secret string
		size   int // 0 = refused
	}{
		"shortest":        {secretOf(24), 24},
		"longest":         {secretOf(64), 64},
		"too short":       {secretOf(23), 0},
		"too long":        {secretOf(65), 0},
		"empty":           {"", 0},
		"only the prefix": {SecretPrefix, 0},
		"no prefix":       {strings.TrimPrefix(secretOf(32), SecretPrefix), 0},
		"other prefix":    {"whsk_" + strings.TrimPrefix(secretOf(32), SecretPrefix), 0},
		"no padding":      {strings.TrimRight(secretOf(32), "="), 0},
		"no base64":       {SecretPrefix + strings.Repeat("!", 44), 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key, err := ParseSecret(tt.secret)
			if len(key) != tt.size || (err == nil) != (tt.size > 0) {
				t.Fatalf("ParseSecret = %d bytes, %v; want %d bytes", len(key), err, tt.size)
			}
			if err == nil {
				return
			}
			if !errors.Is(err, ErrSecret) {
				t.Errorf("error: got %v, want %v", err, ErrSecret)
			}
			if payload := strings.TrimPrefix(tt.secret, SecretPrefix); payload != "" && strings.Contains(err.Error(),
				payload) {
				t.Errorf("error: got %q, want it without the secret", err)
			}
		})
	}
}

const testID = "msg_1"

var (
	testBody    = []byte(`{"a":1}`)
	otherSecret = secretOf(32)
	one         = []string{testSecret}
)

type verifyTest struct {
	h       http.Header
	body    string // "" = testBody
	secrets []string
	want    error
}

func signed(t *testing.T, secret string, at time.Time) string {
	return Sign(mustKey(t, secret), testID, at, testBody)
}

func runVerify(t *testing.T, tests map[string]verifyTest) {
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := testBody
			if tt.body != "" {
				body = []byte(tt.body)
			}
			if err := Verify(tt.h, body, testNow, tt.secrets...); !errors.Is(err, tt.want) {
				t.Errorf("Verify = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestVerifySignature(t *testing.T) {
	t.Parallel()
	at := seconds(testNow)
	good, rotated := signed(t, testSecret, testNow), signed(t, otherSecret, testNow)
	with := func(signature string) http.Header { return headers(testID, at, signature) }
	runVerify(t, map[string]verifyTest{
		"valid":                            {with(good), "", one, nil},
		"valid one last":                   {with("v1,AAAA " + rotated + " " + good), "", one, nil},
		"unknown versions are passed over": {with("v1a,AAAA v2," + good[3:] + " " + good), "", one, nil},
		"second secret":                    {with(good), "", []string{otherSecret, testSecret}, nil},
		"old and new on both sides":        {with(rotated + " " + good), "", []string{testSecret, otherSecret}, nil},

		"changed body":           {with(good), `{"a":2}`, one, ErrSignature},
		"changed id":             {headers("msg_2", at, good), "", one, ErrSignature},
		"changed timestamp":      {headers(testID, seconds(testNow.Add(time.Second)), good), "", one, ErrSignature},
		"wrong secret":           {with(good), "", []string{otherSecret}, ErrSignature},
		"only another version":   {with("v2," + good[3:]), "", one, ErrSignature},
		"no version":             {with(good[3:]), "", one, ErrSignature},
		"prefix of a signature":  {with(good[:len(good)-4]), "", one, ErrSignature},
		"comma-separated list":   {with(rotated + "," + good), "", one, ErrSignature},
		"nothing but separators": {with(" , v1, "), "", one, ErrSignature},
	})
}

func TestVerifyTimestamp(t *testing.T) {
	t.Parallel()
	at := func(at time.Time) http.Header { return headers(testID, seconds(at), signed(t, testSecret, at)) }
	spelled := func(s string) http.Header { return headers(testID, s, signed(t, testSecret, testNow)) }
	now := seconds(testNow)
	runVerify(t, map[string]verifyTest{
		"oldest accepted": {at(testNow.Add(-Tolerance)), "", one, nil},
		"newest accepted": {at(testNow.Add(Tolerance)), "", one, nil},
		"too old":         {at(testNow.Add(-Tolerance - time.Second)), "", one, ErrTimestamp},
		"too new":         {at(testNow.Add(Tolerance + time.Second)), "", one, ErrTimestamp},
		"no number":       {spelled("soon"), "", one, ErrTimestamp},
		"with a plus":     {spelled("+" + now), "", one, ErrTimestamp},
		"with a zero":     {spelled("0" + now), "", one, ErrTimestamp},
		"in milliseconds": {spelled(now + "000"), "", one, ErrTimestamp},
		"greatest":        {spelled("9223372036854775807"), "", one, ErrTimestamp},
		"least":           {spelled("-9223372036854775808"), "", one, ErrTimestamp},
		"out of range":    {spelled("9223372036854775808"), "", one, ErrTimestamp},
	})
}

func TestVerifyHeadersAndSecrets(t *testing.T) {
	t.Parallel()
	at, good := seconds(testNow), signed(t, testSecret, testNow)
	all := headers(testID, at, good)
	runVerify(t, map[string]verifyTest{
		"no headers":   {http.Header{}, "", one, ErrMissingHeader},
		"no id":        {headers("", at, good), "", one, ErrMissingHeader},
		"no timestamp": {headers(testID, "", good), "", one, ErrMissingHeader},
		"no signature": {headers(testID, at, ""), "", one, ErrMissingHeader},

		"no secret":           {all, "", nil, ErrSecret},
		"empty secret":        {all, "", []string{""}, ErrSecret},
		"one malformed of 2":  {all, "", []string{testSecret, "whsec_x"}, ErrSecret},
		"malformed, no match": {headers(testID, at, "v1,x"), "", []string{"hunter2"}, ErrSecret},
	})
}

// A body that starts like a timestamp must not let an attacker move the real
// timestamp into the id, which would evade both the tolerance and the dedupe.
func TestVerifyRefusesMovedBoundary(t *testing.T) {
	t.Parallel()
	later := testNow.Add(time.Hour)
	signature := Sign(mustKey(t, testSecret), "msg_1", testNow, []byte(seconds(later)+".5"))
	forged := headers("msg_1."+seconds(testNow), seconds(later), signature)
	if err := Verify(forged, []byte("5"), later, testSecret); !errors.Is(err, ErrSignature) {
		t.Errorf("Verify = %v, want ErrSignature", err)
	}
}

// Whatever the headers hold, Verify neither panics nor accepts a message whose
// list does not contain exactly the signature that Sign makes.
func FuzzVerify(f *testing.F) {
	key := mustKey(f, testSecret)
	good := Sign(key, "msg_1", testNow, []byte("{}"))
	for _, signature := range []string{good, "v1,x " + good, "", ",", "v1", "v1,", good + "=", strings.ToUpper(good)} {
		f.Add("msg_1", seconds(testNow), signature, []byte("{}"))
	}
	f.Add("msg_1."+seconds(testNow), seconds(testNow), good, []byte("{}"))
	f.Add("msg_1", "+"+seconds(testNow), good, []byte("{}"))
	f.Add("", "-1", good, []byte{})

	f.Fuzz(func(t *testing.T, id, timestamp, signature string, body []byte) {
		err := Verify(headers(id, timestamp, signature), body, testNow, testSecret)
		n, parseErr := strconv.ParseInt(timestamp, 10, 64)
		legitimate := parseErr == nil && time.Unix(n, 0).Sub(testNow).Abs() <= Tolerance &&
			seconds(time.Unix(n, 0)) == timestamp && id != "" && !strings.Contains(id, ".") &&
			slices.Contains(strings.Fields(signature), Sign(key, id, time.Unix(n, 0), body))
		if (err == nil) != legitimate {
			t.Errorf("Verify: got %v, want legitimate: %v", err, legitimate)
		}
	})
}
