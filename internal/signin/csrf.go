package signin

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/problem"
)

// CSRF returns the token that a form must send in csrf_token, or a script in X-CSRF-Token, to change anything. It is
// derived from the session's token, so it is as secret, needs no storage, and ends with the session. It is masked
// anew each time: pages are compressed, and their length would tell of a constant secret beside text that a stranger
// chose (BREACH).
func (d *Doors) CSRF(c echo.Context) string {
	secret := d.csrf(c)
	if secret == nil {
		return ""
	}
	masked := make([]byte, 2*sha256.Size)
	_, _ = rand.Read(masked[:sha256.Size]) // it never fails
	subtle.XORBytes(masked[sha256.Size:], secret, masked[:sha256.Size])
	return base64.RawURLEncoding.EncodeToString(masked)
}

// csrf is the token without a mask; nil without a session.
func (d *Doors) csrf(c echo.Context) []byte {
	token := d.Token(c)
	if token == "" {
		return nil
	}
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("hookline csrf"))
	return mac.Sum(nil)
}

// CheckCSRF refuses a request without the session's CSRF token.
func (d *Doors) CheckCSRF(c echo.Context) error {
	text := c.Request().Header.Get("X-CSRF-Token")
	if text == "" {
		text = c.FormValue("csrf_token")
	}
	got, err := base64.RawURLEncoding.DecodeString(text)
	want := d.csrf(c)
	if err == nil && want != nil && len(got) == 2*sha256.Size {
		subtle.XORBytes(got[sha256.Size:], got[sha256.Size:], got[:sha256.Size])
		if hmac.Equal(got[sha256.Size:], want) {
			return nil
		}
	}
	return problem.New(problem.Forbidden,
		"The form has expired or does not belong to this page. Reload the page and try again.")
}
