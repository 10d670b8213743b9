package signin

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/dashboard/ui"
)

// The cookies of a tenant's session, of an operator's session, of the state that a browser keeps while it is at the
// provider, and of the forms that sign in.
const (
	cookieName     = "hookline_session"
	operatorCookie = "hookline_operator"
	awayName       = "hookline_signin"
	formCookie     = "hookline_form"
)

// hostPrefix makes browsers refuse a cookie that another host of the domain, or somebody on the network, set. It works
// with HTTPS only, so cookies have no prefix where pages are read without it, in development.
const hostPrefix = "__Host-"

// secure reports whether browsers reach this page by HTTPS.
func (d *Doors) secure(c echo.Context) bool {
	return c.Scheme() == "https" || strings.HasPrefix(d.config.PublicURL, "https://")
}

// cookie returns the value of a cookie; empty when there is none.
func (d *Doors) cookie(c echo.Context, name string) string {
	if d.secure(c) {
		name = hostPrefix + name
	}
	cookie, err := c.Cookie(name)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// setCookie sets a cookie that scripts can't read and that other sites can't send with a form. Where the pages may be
// framed, the session's cookie is sent in cross-site requests, since the framing page is another site, and is
// partitioned by site; the CSRF token still protects forms. A life of zero deletes the cookie.
func (d *Doors) setCookie(c echo.Context, name, value string, life time.Duration) {
	age := int(life / time.Second)
	if age <= 0 {
		age = -1
	}
	cookie := &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: d.secure(c),
	}
	if cookie.Secure {
		cookie.Name = hostPrefix + name
	}
	others := slices.ContainsFunc(d.config.EmbedOrigins, func(site string) bool { return site != ui.SameOrigin })
	if others && name == cookieName {
		cookie.SameSite, cookie.Secure, cookie.Partitioned = http.SameSiteNoneMode, true, true
	}
	c.SetCookie(cookie)
}
