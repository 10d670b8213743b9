package config

import (
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
)

// checkSignIn refuses incomplete and unusable settings of the dashboard's sign-in.
func (c Config) checkSignIn() error {
	if c.PublicURL != "" && !origin(c.PublicURL) {
		return bad("HOOKLINE_PUBLIC_URL is %q; it must be scheme and host only, such as https://hooks.example.com",
			c.PublicURL)
	}
	for _, e := range c.EmbedOrigins {
		if e == "'self'" { // hookline dev, for its demo: the frame is of the same site
			continue
		}
		if !origin(e) || !embedOrigin.MatchString(e) {
			return bad("HOOKLINE_EMBED_ORIGINS contains %q; it must be schemes and hosts only, separated by commas, "+
				"such as https://app.example.com", e)
		}
		if !strings.HasPrefix(c.PublicURL, "https://") {
			return bad("HOOKLINE_EMBED_ORIGINS is set and HOOKLINE_PUBLIC_URL is not an https:// URL. Browsers take " +
				"no cookies in frames without HTTPS.")
		}
	}
	if c.OIDCIssuer == "" && c.OIDCClientID == "" && c.OIDCClientSecret == "" {
		if len(c.OIDCOperatorEmails) > 0 {
			return bad("HOOKLINE_OIDC_OPERATOR_EMAILS is set and HOOKLINE_OIDC_ISSUER is not. Set it too, or neither.")
		}
		return nil
	}
	for _, needed := range []struct{ name, value string }{
		{"HOOKLINE_OIDC_ISSUER", c.OIDCIssuer}, {"HOOKLINE_OIDC_CLIENT_ID", c.OIDCClientID},
		{"HOOKLINE_OIDC_CLIENT_SECRET", c.OIDCClientSecret}, {"HOOKLINE_PUBLIC_URL", c.PublicURL},
	} {
		if needed.value == "" {
			return bad("%s is not set. Single sign-on needs HOOKLINE_OIDC_ISSUER, HOOKLINE_OIDC_CLIENT_ID, "+
				"HOOKLINE_OIDC_CLIENT_SECRET and HOOKLINE_PUBLIC_URL, or none of the HOOKLINE_OIDC_ settings.",
				needed.name)
		}
	}
	u, err := url.Parse(c.OIDCIssuer)
	if err != nil || u.Host == "" || (u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname()))) {
		return bad("HOOKLINE_OIDC_ISSUER is %q; it must be an https:// URL.", c.OIDCIssuer)
	}
	for _, e := range c.OIDCOperatorEmails {
		if a, err := mail.ParseAddress(e); err != nil || a.Address != strings.TrimSpace(e) {
			return bad("HOOKLINE_OIDC_OPERATOR_EMAILS contains %q; it must be email addresses separated by commas.", e)
		}
	}
	return nil
}

// embedOrigin matches the origins that a Content-Security-Policy may list.
var embedOrigin = regexp.MustCompile(`^https?://[A-Za-z0-9.\-]+(:[0-9]+)?$`)

// origin reports whether a URL is only scheme and host.
func origin(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && raw == u.Scheme+"://"+u.Host
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
