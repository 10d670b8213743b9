package signin

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// The cookies of a tenant's session, of an operator's session, and of the state that a browser keeps while it is at the
// provider.
const (
	cookieName     = "hookline_session"
	operatorCookie = "hookline_operator"
	awayName       = "hookline_signin"
)

// setCookie sets a cookie that scripts can't read and that other sites can't send with a form. Where the pages may be
// framed, the session's cookie is sent in cross-site requests, since the framing page is another site, and is
// partitioned by site; the CSRF token still protects forms. A life of zero deletes the cookie.
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
