package fake

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/testkit"
)

// Password is the password of all users of a provider.
const Password = "verysecure"

const (
	clientID     = "hookline"
	clientSecret = "not-a-secret"
)

// users knows a user by every name, with the address name@example.com.
type users struct{}

func (u users) GetUserByUsername(name string) *storage.User {
	return &storage.User{
		ID: name, Username: name, Password: Password, Email: name + "@example.com",
		EmailVerified: !strings.HasPrefix(name, "unverified"),
	}
}

func (u users) GetUserByID(id string) *storage.User { return u.GetUserByUsername(id) }

func (u users) ExampleClientID() string { return storage.ServiceUserID }

// NewProvider starts a real OpenID provider for a Hookline at a public URL, and returns its issuer. Every name is a
// user's; the addresses of users whose names start with "unverified" are not verified.
func NewProvider(t testing.TB, publicURL string) string {
	t.Helper()
	var handler http.Handler
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(s.Close)
	hookline := storage.WebClient(clientID, clientSecret, publicURL+"/app/login/oidc/callback")
	kept := storage.NewStorageWithClients(users{}, map[string]*storage.Client{clientID: hookline})
	log := slog.Default() // SetupServer replaces it
	defer slog.SetDefault(log)
	handler = exampleop.SetupServer(s.URL, kept, slog.New(slog.DiscardHandler), false)
	return s.URL
}

// WithProvider starts a program at a public URL where people sign in with a provider; op@example.com is an operator.
func WithProvider(issuer, publicURL string) testkit.Option {
	return func(c *config.Config, _ *app.Options) {
		c.PublicURL, c.OIDCIssuer = publicURL, issuer
		c.OIDCClientID, c.OIDCClientSecret = clientID, clientSecret
		c.OIDCOperatorEmails = []string{" Op@example.com"}
	}
}
