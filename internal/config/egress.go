package config

import (
	"net/url"
	"strings"
)

// The values of HOOKLINE_EGRESS_PROXY_TARGET.
const (
	TargetAddress = "address"
	TargetName    = "name"
)

// checkEgress refuses a proxy that can't be used. The errors don't show its URL, which may contain a password.
func (c Config) checkEgress() error {
	if c.EgressProxyTarget != "" && c.EgressProxyTarget != TargetAddress && c.EgressProxyTarget != TargetName {
		return bad("HOOKLINE_EGRESS_PROXY_TARGET is %q; it must be address or name.", c.EgressProxyTarget)
	}
	files := []struct{ name, value string }{
		{"HOOKLINE_EGRESS_PROXY_CA_FILE", c.EgressProxyCAFile}, {"HOOKLINE_EGRESS_PROXY_CERT_FILE", c.EgressProxyCert},
		{"HOOKLINE_EGRESS_PROXY_KEY_FILE", c.EgressProxyKey},
	}
	for _, f := range files {
		if f.value != "" && !strings.HasPrefix(c.EgressProxy, "https://") {
			return bad("%s is set and HOOKLINE_EGRESS_PROXY is not an https:// URL, so it would not be used. Set the "+
				"proxy's URL, or leave the file out.", f.name)
		}
	}
	if (c.EgressProxyCert == "") != (c.EgressProxyKey == "") {
		return bad("A client certificate for the proxy needs both HOOKLINE_EGRESS_PROXY_CERT_FILE and " +
			"HOOKLINE_EGRESS_PROXY_KEY_FILE. Set both, or neither.")
	}
	if c.EgressProxy == "" {
		if c.EgressProxyTarget == TargetName {
			return bad("HOOKLINE_EGRESS_PROXY_TARGET is name and HOOKLINE_EGRESS_PROXY is not set, so it would not be " +
				"used. Set the proxy's URL, or leave the target out.")
		}
		return nil
	}
	u, err := c.EgressProxyURL()
	if err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return bad("HOOKLINE_EGRESS_PROXY is not usable. Set it to http:// or https://user:password@host:port, the " +
			"address of an HTTP CONNECT proxy, or leave it out.")
	}
	return nil
}

// EgressProxyURL parses the proxy's URL; nil without a proxy. The error does not show it.
func (c Config) EgressProxyURL() (*url.URL, error) {
	if c.EgressProxy == "" {
		return nil, nil
	}
	u, err := url.Parse(c.EgressProxy)
	if err != nil {
		return nil, bad("HOOKLINE_EGRESS_PROXY is not a URL.")
	}
	return u, nil
}
