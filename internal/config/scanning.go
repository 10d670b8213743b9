package config

import (
	"net/url"
	"os"
)

const scanningKeysURL = "HOOKLINE_SECRET_SCANNING_KEYS_URL"

// switchOffScanning tells a variable that is set to nothing from one that is not set: only the latter has the default.
func (c *Config) switchOffScanning() {
	if v, set := os.LookupEnv(scanningKeysURL); set && v == "" {
		c.SecretScanningKeysURL = ""
	}
}

// checkScanning refuses a list of public keys that could be changed on its way here: whoever can do that can sign
// reports, and a token would be read by others.
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
