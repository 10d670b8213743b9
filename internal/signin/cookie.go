package signin

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// cookieName is of a tenant's session, operatorCookie of an operator's, awayName of what a browser keeps while it is
// away at the provider.
const (
	cookieName     = "hookline_session"
	operatorCookie = "hookline_operator"
	awayName       = "hookline_signin"
)

// setCookie gives the browser a value that no script can read and no other site can send along with a form. Where the
// pages may be in a frame, the session's goes along from other sites, since the page around is one, and each site has a
// cookie of its own; the forms' token still keeps strangers out. A life of zero takes it away.
func (d *Doors) setCookie(c echo.Context, name, value, path string, life time.Duration) {
	age := int(life / time.Second)
	if age <= 0 {
		age = -1
	}
	cookie := &http.Cookie{
		Name: name, Value: value, Path: path, MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: c.Scheme() == "https" || strings.HasPrefix(d.config.PublicURL, "https://"),
	}
	if len(d.config.EmbedOrigins) > 0 && name == cookieName {
		cookie.SameSite, cookie.Secure, cookie.Partitioned = http.SameSiteNoneMode, true, true
	}
	c.SetCookie(cookie)
}
