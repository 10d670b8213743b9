package signin

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/session"
)

// A site that signs a person in to an account of its own choice sees what they then do there, such as the credentials
// that they give an endpoint. So forms that sign in are taken from our own pages only, and a link from elsewhere
// replaces no session of another tenant unasked.

const (
	fieldForm = "form"
	formLife  = time.Hour
)

// formToken returns the token that a form which signs in carries, and sets the cookie that it is compared with.
func (d *Doors) formToken(c echo.Context) string {
	token := d.cookie(c, formCookie)
	if token == "" {
		token = rand.Text()
	}
	d.setCookie(c, formCookie, token, formLife)
	return token
}

// sentHere reports whether a form was sent by a page of ours. Browsers say so; those that don't carry the form's token.
// Origin is "null" in most of them, since our pages send no referrers.
func (d *Doors) sentHere(c echo.Context) bool {
	h := c.Request().Header
	if site := h.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin" || site == "none"
	}
	if origin := h.Get("Origin"); origin != "" && origin != "null" {
		return origin == d.config.PublicURL || origin == c.Scheme()+"://"+c.Request().Host
	}
	kept := d.cookie(c, formCookie)
	return kept != "" && subtle.ConstantTimeCompare([]byte(c.FormValue(fieldForm)), []byte(kept)) == 1
}

// replaces reports whether a link that another site leads a window to would replace a session of another tenant. In
// frames only the sites that may embed the pages lead to links.
func (d *Doors) replaces(c echo.Context, link string) (bool, error) {
	h := c.Request().Header
	if site := h.Get("Sec-Fetch-Site"); site != "cross-site" && site != "same-site" ||
		h.Get("Sec-Fetch-Dest") == "iframe" {
		return false, nil
	}
	is, err := d.Find(c.Request().Context(), d.cookie(c, cookieName))
	if errors.Is(err, session.ErrNone) || err == nil && is.Tenant == nil {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	becomes, err := d.sessions.TenantOfLink(c.Request().Context(), link)
	return becomes != "" && becomes != is.Tenant.ID, err
}
