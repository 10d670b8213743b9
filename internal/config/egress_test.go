package config

import (
	"strings"
	"testing"
)

func TestTheEgressProxyMustBeUsable(t *testing.T) {
	t.Parallel()
	const secure, plain = "https://hookline:hidden@proxy.internal:4750", "http://proxy.internal:4750"
	for name, tt := range map[string]struct {
		c    Config
		says string
	}{
		"none":            {Config{}, ""},
		"http":            {Config{EgressProxy: plain, EgressProxyTarget: "name"}, ""},
		"https":           {Config{EgressProxy: secure, EgressProxyCAFile: "a", EgressProxyCert: "b", EgressProxyKey: "c"}, ""},
		"a slash":         {Config{EgressProxy: plain + "/"}, ""},
		"no scheme":       {Config{EgressProxy: "hidden.internal:4750"}, "HOOKLINE_EGRESS_PROXY is not usable"},
		"socks":           {Config{EgressProxy: "socks5://u:hidden@proxy:1080"}, "HOOKLINE_EGRESS_PROXY is not usable"},
		"a path":          {Config{EgressProxy: secure + "/x"}, "HOOKLINE_EGRESS_PROXY is not usable"},
		"nonsense":        {Config{EgressProxy: "http://hidden@%zz"}, "HOOKLINE_EGRESS_PROXY is not usable"},
		"another target":  {Config{EgressProxyTarget: "ip"}, "HOOKLINE_EGRESS_PROXY_TARGET is"},
		"a useless CA":    {Config{EgressProxy: plain, EgressProxyCAFile: "a"}, "HOOKLINE_EGRESS_PROXY_CA_FILE is set"},
		"no proxy, a key": {Config{EgressProxyKey: "a"}, "HOOKLINE_EGRESS_PROXY_KEY_FILE is set"},
		"no key":          {Config{EgressProxy: secure, EgressProxyCert: "a"}, "needs both"},
	} {
		says := ""
		if err := tt.c.checkEgress(); err != nil {
			says = err.Error()
		}
		if (says == "") != (tt.says == "") || !strings.Contains(says, tt.says) || strings.Contains(says, "hidden") {
			t.Errorf("%s: got %q, want %q without the password", name, says, tt.says)
		}
	}
}
