package config

import (
	"strings"
	"testing"
)

func TestThePublicKeysOfSecretScanningComeOverHTTPS(t *testing.T) {
	t.Parallel()
	for value, usable := range map[string]bool{
		"": true, "https://api.github.com/meta/public_keys/secret_scanning": true, "http://127.0.0.1:9000/keys": true,
		"http://api.github.com/keys": false, "api.github.com": false, "https://": false, "off": false,
		"https://u:p@example.com": false, "%zz": false,
	} {
		c := good()
		c.SecretScanningKeysURL, c.SecretScanningToken = value, "hidden"
		err := c.Check()
		if (err == nil) != usable || (err != nil &&
			(!strings.HasPrefix(err.Error(), "HOOKLINE_SECRET_SCANNING_KEYS_URL is ") || strings.Contains(err.Error(),
				"hidden"))) {
			t.Errorf("%q: got %v, want usable: %t, without the credentials", value, err, usable)
		}
	}
}

func TestSecretScanningIsOnUnlessItsListIsSetToNothing(t *testing.T) {
	read := func() string {
		c, err := FromEnvironment()
		if err != nil {
			t.Fatal(err)
		}
		return c.SecretScanningKeysURL
	}
	if got := read(); got != "https://api.github.com/meta/public_keys/secret_scanning" {
		t.Errorf("default URL: got %q, want GitHub's", got)
	}
	t.Setenv("HOOKLINE_SECRET_SCANNING_KEYS_URL", "")
	if got := read(); got != "" {
		t.Errorf("empty setting: got %q, want none", got)
	}
}
