package webhook_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit"
)

// TestNoFormOfAPrivateAddressIsAcceptedAsAnEndpoint goes through the API. The check needs no database, so one engine is
// enough. Resolved addresses are checked when they are dialled; see the tests of egress.
func TestNoFormOfAPrivateAddressIsAcceptedAsAnEndpoint(t *testing.T) {
	t.Parallel()
	production := func(c *config.Config, _ *app.Options) { c.EgressAllow, c.AllowHTTPEndpoints = nil, false }
	c := testkit.Start(t, testkit.Embedded, production).NewTenant(t, "business")
	hook, path := create(t, c, object{"url": "https://example.com", "events": []string{"*"}})
	for _, host := range []string{
		"127.0.0.1", "127.1.2.3", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1",
		"0.0.0.0", "255.255.255.255",
		"224.0.0.1", "198.18.0.1", "168.63.129.16", "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[fe80::1]",
		"[fe80::1%25eth0]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]",
		"[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[::127.0.0.1]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::10.0.0.1]",
		"[2002:7f00:1::]", "[2001::1]",
		"2130706433", "0x7f000001", "017700000001", "0177.0.0.1", "0x7f.1", "127.1", "127.0.0.1.", "127.0.0.01",
		"localhost", "localhost.", "a.localhost",
		"user@example.com", "user:pw@example.com", "example.com@127.0.0.1", "１２７.0.0.1", "127%2e0.0.1", "",
	} {
		for _, u := range []string{"https://" + host + "/", "https://" + host + ":8443/a?b=c"} {
			if host == "" && strings.Contains(u, "8443") {
				continue
			}
			c.Call(t, http.MethodPost, hooks, object{"url": u, "events": []string{"*"}}).
				Want(t, http.StatusBadRequest)
			a := c.Call(t, http.MethodPatch, path, object{"url": u}).Want(t, http.StatusBadRequest)
			if details := a.Problem(t).Error.Details; len(details) != 1 || details[0].Field != "url" {
				t.Errorf("%s: got %s, want the field url", u, a.Body)
			}
		}
	}
	for _, u := range []string{"http://example.com", "ftp://example.com", "file:///etc/passwd",
		"gopher://example.com", "//example.com", "example.com"} {
		c.Call(t, http.MethodPost, hooks, object{"url": u, "events": []string{"*"}}).Want(t, http.StatusBadRequest)
	}
	has(t, "what was refused changed nothing", testkit.Get[object](t, c, path), object{"url": hook["url"]})
}
