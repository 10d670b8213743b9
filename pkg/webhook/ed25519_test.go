package webhook

import (
	"crypto/ed25519"
	"encoding/base64"
	"net/http"
	"testing"
	"time"
)

const testPublicKey = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="

func testPrivateKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	key,
		err := base64.StdEncoding.DecodeString("6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==")
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// The key pair and the signature are those that other implementations of the specification test with.
func TestSignEd25519Vector(t *testing.T) {
	t.Parallel()
	key := testPrivateKey(t)
	if got := FormatPublicKey(key.Public().(ed25519.PublicKey)); got != testPublicKey {
		t.Errorf("public key: got %s, want %s", got, testPublicKey)
	}
	at, body := time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`)
	const want = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
	if got := SignEd25519(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body); got != want {
		t.Errorf("SignEd25519: got %s, want %s", got, want)
	}
	if err := Verify(headers("msg_p5jXN8AQM9LWM0D4loKWxJek", seconds(at), want), body, at, testPublicKey); err != nil {
		t.Error(err)
	}
}

func TestVerifyEd25519(t *testing.T) {
	t.Parallel()
	key, other := testPrivateKey(t), NewPrivateKey()
	otherKey := FormatPublicKey(other.Public().(ed25519.PublicKey))
	at, public := seconds(testNow), []string{testPublicKey}
	good, hmac := SignEd25519(key, testID, testNow, testBody), signed(t, testSecret, testNow)
	with := func(signature string) http.Header { return headers(testID, at, signature) }
	runVerify(t, map[string]verifyTest{
		"valid":                           {with(good), "", public, nil},
		"beside the other scheme":         {with(hmac + " " + good), "", public, nil},
		"a secret beside a public key":    {with(hmac + " " + good), "", []string{testSecret}, nil},
		"either of two keys":              {with(good), "", []string{otherKey, testPublicKey}, nil},
		"a secret or a public key":        {with(good), "", []string{testSecret, testPublicKey}, nil},
		"changed body":                    {with(good), `{"a":2}`, public, ErrSignature},
		"changed id":                      {headers("msg_2", at, good), "", public, ErrSignature},
		"another key":                     {with(good), "", []string{otherKey}, ErrSignature},
		"the signature of the secret":     {with(hmac), "", public, ErrSignature},
		"under the version of the secret": {with("v1," + good[4:]), "", public, ErrSignature},
		"an HMAC with the public key": {with(Sign([]byte(testPublicKey), testID, testNow, testBody)), "", public,
			ErrSignature},
		"cut":       {with(good[:len(good)-4]), "", public, ErrSignature},
		"no base64": {with("v1a,!"), "", public, ErrSignature},
		"empty":     {with("v1a,"), "", public, ErrSignature},
		"too old": {headers(testID, seconds(testNow.Add(-time.Hour)), good), "", public,
			ErrTimestamp},
		"a malformed key beside a good": {with(good), "", []string{testPublicKey, "whpk_AAAA"}, ErrSecret},
		"a malformed key":               {with(good), "", []string{"whpk_!"}, ErrSecret},
		"a private key is no key to check": {with(good), "", []string{"whsk_" + base64.StdEncoding.EncodeToString(key)},
			ErrSecret},
	})
}
