package signin

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// cookieName is of the session, awayName of what a browser keeps while it is away at the provider.
const (
	cookieName = "hookline_session"
	awayName   = "hookline_signin"
)

// setCookie gives the browser a value that no script can read and no other site can send along with a form. A life of
// zero takes it away.
func (d *Doors) setCookie(c echo.Context, name, value, path string, life time.Duration) {
	age := int(life / time.Second)
	if age <= 0 {
		age = -1
	}
	c.SetCookie(&http.Cookie{
		Name: name, Value: value, Path: path, MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: c.Scheme() == "https" || strings.HasPrefix(d.config.PublicURL, "https://"),
	})
}
