package signin

import (
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/session"
)

// login is the data of the page: the message and the ways to continue.
type login struct {
	Heading, Text string
	Once          string    // a link's token that a button sends
	Frame         string    // how the link wants the pages to be shown
	Form          string    // the token of the form with that button
	Choices       []ui.Link // tenants to choose from
	SSO           string    // where single sign-on starts; may be empty
}

func (d *Doors) page(c echo.Context, status int, l login) error {
	if l.Once != "" {
		l.Form = d.formToken(c)
	}
	return d.pages.Render(c, status, "login", ui.Page{Title: l.Heading, Home: session.LoginPath, Data: l})
}

func (d *Doors) ssoLink() string {
	if d.provider == nil {
		return ""
	}
	return oidcPath
}

// whoami is the response of /app/session. Tenant, Environment and Member are null for operators, Operator for all
// others.
type whoami struct {
	Tenant       *named    `json:"tenant"`
	Environment  *string   `json:"environment"`
	Member       *person   `json:"member"`
	Operator     *string   `json:"operator"`
	Capabilities []string  `json:"capabilities"`
	ExpiresAt    time.Time `json:"expires_at"`
	CSRFToken    string    `json:"csrf_token"`
}

type named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type person struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Name  string `json:"name"`
	Role  string `json:"role"`
}

func (d *Doors) showSession(c echo.Context) error {
	s, err := d.Session(c)
	if errors.Is(err, session.ErrNone) {
		return problem.New(problem.Unauthorized, "There is no session, or it has ended. Sign in at %s.",
			session.LoginPath)
	}
	if err != nil {
		return err
	}
	w := whoami{Capabilities: append([]string{}, s.Capabilities...), ExpiresAt: s.Session.ExpiresAt.Time,
		CSRFToken: d.CSRF(c)}
	if s.Tenant == nil {
		w.Operator = new(s.Operator())
	} else {
		environment := string(s.Session.Environment)
		w.Tenant, w.Environment = &named{s.Tenant.ID, s.Tenant.Name}, &environment
	}
	if m := s.Member; m != nil {
		w.Member = &person{m.ID, m.Email, m.Name, string(m.Role)}
	}
	return c.JSON(http.StatusOK, w)
}
