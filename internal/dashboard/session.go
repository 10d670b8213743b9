package dashboard

import (
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/principal"
)

const (
	linkLife    = 10 * time.Minute
	sessionLife = 12 * time.Hour
	cookieName  = "hookline_session"
)

// session is whose data a browser may see, and under which address.
type session struct {
	scope   principal.Scope
	tenant  string
	base    string
	expires time.Time
}

// digest is how tokens are kept: what is in memory opens nothing, and looking it up tells nothing by its duration.
type digest [sha256.Size]byte

func digestOf(token string) digest { return sha256.Sum256([]byte(token)) }

// doors holds the links that were not used yet and the sessions they led to.
type doors struct {
	now func() time.Time

	mu       sync.Mutex
	links    map[digest]session // expires is that of the link
	sessions map[digest]session
}

func newDoors(now func() time.Time) *doors {
	return &doors{now: now, links: map[digest]session{}, sessions: map[digest]session{}}
}

// invite makes a token that enter takes once.
func (d *doors) invite(s session) string {
	token := rand.Text()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sweep()
	s.expires = d.now().Add(linkLife)
	d.links[digestOf(token)] = s
	return token
}

// enter trades a token for a session, once.
func (d *doors) enter(token string) (sessionID string, s session, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sweep()
	key := digestOf(token)
	if s, ok = d.links[key]; !ok {
		return "", s, false
	}
	delete(d.links, key)
	sessionID = rand.Text()
	s.expires = d.now().Add(sessionLife)
	d.sessions[digestOf(sessionID)] = s
	return sessionID, s, true
}

func (d *doors) find(sessionID string) (session, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, ok := d.sessions[digestOf(sessionID)]
	return s, ok && d.now().Before(s.expires)
}

// sweep forgets what has expired.
func (d *doors) sweep() {
	now := d.now()
	for _, m := range []map[digest]session{d.links, d.sessions} {
		for key, s := range m {
			if !now.Before(s.expires) {
				delete(m, key)
			}
		}
	}
}

// Link returns an address that signs a browser in to the scope's data, once and within ten minutes. base is scheme and
// host of this server, without a slash at the end; tenantName is shown on the pages.
func (d *Dashboard) Link(base, tenantName string, scope principal.Scope) string {
	base = strings.TrimSuffix(base, "/")
	token := d.doors.invite(session{scope: scope, tenant: tenantName, base: base})
	return base + "/app/login?once=" + url.QueryEscape(token)
}

// login trades the link's token for a cookie and leads away from the address that holds it.
func (d *Dashboard) login(c echo.Context) error {
	r := c.Request()
	if strings.Contains(r.Header.Get("Sec-Purpose"), "prefetch") {
		return c.NoContent(http.StatusServiceUnavailable) // a browser guessing ahead must not use the link up
	}
	id, s, ok := d.doors.enter(c.QueryParam("once"))
	if !ok {
		return d.closed(c, "This link has been used or is too old")
	}
	c.SetCookie(&http.Cookie{
		Name: cookieName, Value: id, Path: "/app", MaxAge: int(sessionLife / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: strings.HasPrefix(s.base, "https://"),
	})
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.Redirect(http.StatusSeeOther, "/app")
}

func (d *Dashboard) session(c echo.Context) (session, bool) {
	cookie, err := c.Cookie(cookieName)
	if err != nil {
		return session{}, false
	}
	return d.doors.find(cookie.Value)
}

// closed is the page for those who are outside.
func (d *Dashboard) closed(c echo.Context, heading string) error {
	m := message{
		Heading: heading,
		Text:    "A sign-in link works once and for 10 minutes. To get a new one, stop Hookline with Ctrl-C and start it again; it prints the link under “Dashboard”. Nothing is lost by a restart.",
		Command: "hookline dev",
		Back:    ui.Link{Text: "API docs", Href: "/docs"},
	}
	if _, ok := d.session(c); ok {
		m.Text = "You are still signed in from before, so you don't need a new one."
		m.Command, m.Back = "", ui.Link{Text: "Open the dashboard", Href: "/app"}
	}
	return d.pages.Render(c, http.StatusUnauthorized, "message", ui.Page{Title: heading, Home: "/app", Data: m})
}
