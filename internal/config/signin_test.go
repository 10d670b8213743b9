package config

import (
	"strings"
	"testing"
)

func TestSingleSignOnIsSetUpWhollyOrNotAtAll(t *testing.T) {
	t.Parallel()
	whole := Config{
		PublicURL: "https://hooks.example.com", OIDCIssuer: "https://login.example.com/realm", OIDCClientID: "hookline",
		OIDCClientSecret: "hidden", OIDCOperatorEmails: []string{"ada@example.com", " grace@example.com"},
	}
	for name, c := range map[string]struct {
		change func(*Config)
		says   string
	}{
		"all":               {func(*Config) {}, ""},
		"none":              {func(c *Config) { *c = Config{} }, ""},
		"only a public URL": {func(c *Config) { *c = Config{PublicURL: "https://hooks.example.com:8443"} }, ""},
		"a provider nearby": {func(c *Config) { c.OIDCIssuer = "http://127.0.0.1:9000" }, ""},
		"no issuer":         {func(c *Config) { c.OIDCIssuer = "" }, "HOOKLINE_OIDC_ISSUER is not set"},
		"no client id":      {func(c *Config) { c.OIDCClientID = "" }, "HOOKLINE_OIDC_CLIENT_ID is not set"},
		"no secret": {func(c *Config) { c.OIDCClientSecret = "" },
			"HOOKLINE_OIDC_CLIENT_SECRET is not set"},
		"a frame": {func(c *Config) { c.EmbedOrigins = []string{"https://app.example.com"} }, ""},
		"a frame with a path": {func(c *Config) { c.EmbedOrigins = []string{"https://app.example.com/x"} },
			"HOOKLINE_EMBED_ORIGINS contains"},
		"a frame with a policy": {func(c *Config) { c.EmbedOrigins = []string{"https://app.example.com;script-src"} },
			"HOOKLINE_EMBED_ORIGINS contains"},
		"a frame without HTTPS": {func(c *Config) {
			*c = Config{PublicURL: "http://hooks.example.com", EmbedOrigins: []string{"https://a.example.com"}}
		}, "HOOKLINE_EMBED_ORIGINS is set"},
		"no public URL": {func(c *Config) { c.PublicURL = "" }, "HOOKLINE_PUBLIC_URL is not set"},
		"a public URL with a path": {func(c *Config) { c.PublicURL = "https://hooks.example.com/" },
			"HOOKLINE_PUBLIC_URL is"},
		"an issuer without TLS": {func(c *Config) { c.OIDCIssuer = "http://login.example.com" },
			"HOOKLINE_OIDC_ISSUER is"},
		"an issuer that is none": {func(c *Config) { c.OIDCIssuer = "login" }, "HOOKLINE_OIDC_ISSUER is"},
		"an operator that is none": {func(c *Config) { c.OIDCOperatorEmails = []string{"ada"} },
			"HOOKLINE_OIDC_OPERATOR_EMAILS contains"},
		"operators and no issuer": {func(c *Config) { *c = Config{OIDCOperatorEmails: []string{"ada@example.com"}} },
			"HOOKLINE_OIDC_ISSUER is not"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := whole
			c.change(&settings)
			says := ""
			if err := settings.checkSignIn(); err != nil {
				says = err.Error()
			}
			if (says == "") != (c.says == "") || !strings.Contains(says, c.says) || strings.Contains(says, "hidden") {
				t.Errorf("got %q, want %q", says, c.says)
			}
		})
	}
}
