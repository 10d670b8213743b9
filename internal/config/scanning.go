package config

import (
	"net/url"
	"os"
)

const scanningKeysURL = "HOOKLINE_SECRET_SCANNING_KEYS_URL"

// switchOffScanning tells an empty variable from an unset one: only the latter has the default.
func (c *Config) switchOffScanning() {
	if v, set := os.LookupEnv(scanningKeysURL); set && v == "" {
		c.SecretScanningKeysURL = ""
	}
}

// checkScanning refuses an unencrypted URL for the list of public keys: an attacker on the network could replace the
// keys, sign reports and read the token.
func (c Config) checkScanning() error {
	if c.SecretScanningKeysURL == "" {
		return nil
	}
	u, err := url.Parse(c.SecretScanningKeysURL)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && (u.Scheme != "http" ||
		!loopback(u.Hostname()))) {
		return bad("%s is not usable; it must be an https:// URL without user name and password, or nothing to take "+
			"no reports.", scanningKeysURL)
	}
	return nil
}
