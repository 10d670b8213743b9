package signin

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/oauth2"

	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/member"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/secret"
	"github.com/hookline/hookline/internal/session"
)

const (
	oidcPath = session.LoginPath + "/oidc"
	callback = "/callback"

	awayLife = 10 * time.Minute
)

// away is the encrypted state of a sign-in at the provider: only the browser that started it can complete it, once.
type away struct {
	State       string                `json:"state"`
	Nonce       string                `json:"nonce"`
	Verifier    string                `json:"verifier"`
	TenantID    string                `json:"tenant,omitempty"`
	Environment principal.Environment `json:"environment"`
	Until       time.Time             `json:"until"`
}

// leave redirects the browser to the provider. ?tenant= selects the tenant, ?environment=test its test data.
func (d *Doors) leave(c echo.Context) error {
	a := away{
		State: oauth2.GenerateVerifier(), Nonce: oauth2.GenerateVerifier(), Verifier: oauth2.GenerateVerifier(),
		TenantID: c.QueryParam("tenant"), Environment: principal.Live, Until: time.Now().Add(awayLife),
	}
	if c.QueryParam("environment") == string(principal.Test) {
		a.Environment = principal.Test
	}
	to, err := d.provider.address(a)
	if err != nil {
		slog.Error("the OpenID provider does not respond", "issuer", d.config.Issuer, "error", err)
		return d.page(c, http.StatusServiceUnavailable, login{
			Heading: "Single sign-on is not available", Text: "Try again in a moment. A sign-in link still works.",
			SSO: oidcPath,
		})
	}
	raw, err := json.Marshal(a)
	if err != nil {
		return err
	}
	sealed := d.ring.Seal(secret.SignIn, raw)
	d.setCookie(c, awayName, base64.RawURLEncoding.EncodeToString(sealed), awayLife)
	return c.Redirect(http.StatusSeeOther, to)
}

// luggage reads the state of the returning browser and deletes its cookie.
func (d *Doors) luggage(c echo.Context) (a away, ok bool) {
	kept := d.cookie(c, awayName)
	if kept == "" {
		return a, false
	}
	d.setCookie(c, awayName, "", 0)
	sealed, err := base64.RawURLEncoding.DecodeString(kept)
	if err != nil {
		return a, false
	}
	raw, err := d.ring.Open(secret.SignIn, sealed)
	if err != nil || json.Unmarshal(raw, &a) != nil {
		return a, false
	}
	given := c.QueryParam("state")
	return a, time.Now().Before(a.Until) && subtle.ConstantTimeCompare([]byte(given), []byte(a.State)) == 1
}

// comeBack signs in the person whom the provider identified.
func (d *Doors) comeBack(c echo.Context) error {
	a, ok := d.luggage(c)
	if !ok {
		return d.page(c, http.StatusBadRequest, login{
			Heading: "This sign-in was not started here",
			Text:    "It has expired, or was started in another browser. Start again.", SSO: oidcPath,
		})
	}
	if refused := c.QueryParam("error"); refused != "" {
		return d.page(c, http.StatusForbidden, login{Heading: "You were not signed in",
			Text: "The provider or you declined it.", SSO: oidcPath})
	}
	email, err := d.provider.email(c.Request().Context(), a, c.QueryParam("code"))
	if errors.Is(err, errUnverified) {
		return d.page(c, http.StatusForbidden, login{
			Heading: "Your email address is not verified",
			Text:    "Verify it with the provider that you sign in with, and start again.", SSO: oidcPath,
		})
	}
	if err != nil {
		slog.Warn("a single sign-on failed", "error", err)
		return d.page(c, http.StatusForbidden, login{Heading: "You were not signed in",
			Text: "The response of the provider is not valid. Start again.", SSO: oidcPath})
	}
	return d.admit(c, a, email)
}

// admit resolves an email address to an operator, unless a tenant was selected, or to a member.
func (d *Doors) admit(c echo.Context, a away, email string) error {
	if a.TenantID == "" && d.operates(email) {
		return d.open(c, session.New{OperatorSubject: member.Key(email), Life: session.SignOnLife})
	}
	memberships, err := d.members.ByEmail(c.Request().Context(), email)
	if err != nil {
		return err
	}
	for _, m := range memberships {
		if m.TenantID == a.TenantID || (a.TenantID == "" && len(memberships) == 1) {
			return d.open(c, session.New{
				Scope: principal.Scope{TenantID: m.TenantID, Environment: a.Environment}, MemberID: m.ID,
				Capabilities: d.roles.Permissions(m.Role), MaySwitch: true, Life: session.SignOnLife,
			})
		}
	}
	if a.TenantID == "" && len(memberships) > 1 {
		return d.choose(c, a, memberships)
	}
	return d.page(c, http.StatusForbidden, login{
		Heading: "You are not a member", SSO: oidcPath,
		Text: "No member has the email address " + email +
			". Ask an owner or admin to add you, or sign in with another account.",
	})
}

func (d *Doors) open(c echo.Context, n session.New) error {
	s, token, err := d.sessions.Open(caller(c), n)
	if err != nil {
		return err
	}
	return d.welcome(c, s, token)
}

// choose shows the tenants of a member of several.
func (d *Doors) choose(c echo.Context, a away, memberships []member.Member) error {
	l := login{Heading: "Which one?", Text: "You are a member of several."}
	for _, m := range memberships {
		t, err := d.tenants.Get(c.Request().Context(), m.TenantID)
		if err != nil {
			return err
		}
		query := url.Values{"tenant": {t.ID}, "environment": {string(a.Environment)}}
		l.Choices = append(l.Choices, ui.Link{Text: t.Name, Href: oidcPath + "?" + query.Encode()})
	}
	return d.page(c, http.StatusOK, l)
}
