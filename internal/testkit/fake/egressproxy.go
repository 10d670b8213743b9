package fake

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit"
	"github.com/hookline/hookline/internal/testkit/connect"
)

// ProxyPassword is the password in the proxy's URL of WithProxy.
const ProxyPassword = "s3cret-proxy-password"

// WithProxy starts a program that sends through an https proxy whose certificate is from one authority, with a client
// certificate of another, which may be the same.
func WithProxy(t testing.TB, p *connect.Proxy, trusts, issuedBy *Authority) testkit.Option {
	t.Helper()
	certificate, key := issuedBy.Issue(t, time.Now().Add(time.Hour))
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cert, private := write("cert.pem", certificate), write("key.pem", key)
	return func(c *config.Config, _ *app.Options) {
		c.EgressProxy = p.Credentials("hookline", ProxyPassword).String()
		c.EgressProxyCAFile, c.EgressProxyCert, c.EgressProxyKey = trusts.File, cert, private
	}
}
