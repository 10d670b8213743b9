package inhouse

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/gen/operators"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/session"
)

// base is the address that calls in the process are made to. No name server is asked for it.
const base = "http://hookline.inside"

// PerPage is how many rows a list has; AuditRows those of the audit log, which have details.
const (
	PerPage   = 30
	AuditRows = 20
)

// Doors resolves session tokens, and makes and checks the token of forms; *signin.Doors implements it. Find fails with
// session.ErrNone.
type Doors interface {
	Token(c echo.Context) string
	OnlyTenant(c echo.Context) bool
	Find(ctx context.Context, token string) (session.Current, error)
	CSRF(c echo.Context) string
	CheckCSRF(c echo.Context) error
}

// Visit is one request of a signed-in user.
type Visit struct {
	echo.Context
	Session   session.Current
	Ctx       context.Context   //nolint:containedctx // a visit is a call
	API       *api.Client       // the operations, as the signed-in user
	Operators *operators.Client // those of operators
	calls     *Caller
	doors     Doors
	known     map[string]bool // parameters of the address that the page knows
	faults    []string
}

// Enter resolves the session of a request; it fails with session.ErrNone. Calls of the visit are answered by
// operations.
func Enter(c echo.Context, doors Doors, operations http.Handler) (*Visit, error) {
	token := doors.Token(c)
	s, err := doors.Find(c.Request().Context(), token)
	if err != nil {
		return nil, err
	}
	v := &Visit{Context: c, Session: s, doors: doors, calls: &Caller{API: operations, Visit: c}}
	v.Ctx = principal.Vouch(c.Request().Context(), s.Principal(), again(doors, token))
	v.API, err = api.NewClient(base, api.WithHTTPClient(v.calls))
	if err == nil {
		v.Operators, err = operators.NewClient(base, operators.WithHTTPClient(v.calls))
	}
	return v, err
}

// CSRF is the token that forms of the page carry.
func (v *Visit) CSRF() string { return v.doors.CSRF(v) }

// again finds out who a session is now, for answers that stay open.
func again(doors Doors, token string) principal.Again {
	return func(ctx context.Context) (principal.Principal, error) {
		s, err := doors.Find(ctx, token)
		if errors.Is(err, session.ErrNone) {
			return principal.Principal{}, problem.New(problem.Unauthorized, "The session has ended.")
		}
		return s.Principal(), err
	}
}

// ReadForm takes a form of one of our own pages, of at most limit bytes. What the visit calls from then on is what the
// form does, once.
func (v *Visit) ReadForm(limit int64) error {
	v.Request().Body = http.MaxBytesReader(v.Response(), v.Request().Body, limit)
	if err := v.Request().ParseForm(); err != nil {
		return &Refusal{Status: http.StatusBadRequest, Message: "The form could not be read."}
	}
	if v.doors.CheckCSRF(v) != nil {
		return &Refusal{Status: http.StatusForbidden, Code: "csrf",
			Message: "The form has expired or does not belong to this page. Reload the page and try again."}
	}
	v.calls.Once = v.FormValue("once")
	return nil
}

// Pass has the API answer the browser itself, for answers that stay open. build makes the request, as the generated
// client's functions New…Request do.
func (v *Visit) Pass(build func(server string) (*http.Request, error)) error {
	r, err := build(base)
	if err != nil {
		return err
	}
	r = r.WithContext(v.Ctx)
	v.calls.Dress(r)
	v.calls.API.ServeHTTP(v.Response(), r)
	return nil
}

// Whole reports whether the whole page is wanted, and not the part of it that updates.
func (v *Visit) Whole() bool { return v.Request().Header.Get(ui.PartHeader) == "" }

// Query reads a parameter of the address.
func (v *Visit) Query(name string) string { return strings.TrimSpace(v.QueryParam(name)) }

// Field reads a field of a form.
func (v *Visit) Field(name string) string { return strings.TrimSpace(v.FormValue(name)) }

// With is the address of this page with one parameter changed, or left out when the value is empty.
func (v *Visit) With(name, value string) string {
	u, q := url.URL{Path: v.Request().URL.Path}, v.Request().URL.Query()
	q.Del(name)
	q.Del("done")
	if value != "" {
		q.Set(name, value)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// Back leads a browser on after a form, to a page that says what was done.
func (v *Visit) Back(to, what string) error {
	separator := "?"
	if strings.Contains(to, "?") {
		separator = "&"
	}
	return v.Redirect(http.StatusSeeOther, to+separator+"done="+url.QueryEscape(what))
}

// CursorMeta and PageMeta are what a list says of its pages. Those of the client of operators convert to them.
type (
	CursorMeta = api.CursorMeta
	PageMeta   = api.PageMeta
)

// Pager leads through a log. Both addresses are empty where there is nothing to go to.
type Pager struct{ Newest, Older string }

// Pager is that of a page that begins at cursor; empty for the newest.
func (v *Visit) Pager(cursor string, m CursorMeta) Pager {
	var p Pager
	if cursor != "" {
		p.Newest = v.With("cursor", "")
	}
	if next, err := m.NextCursor.Get(); err == nil {
		p.Older = v.With("cursor", next)
	}
	return p
}

// Numbered leads through a list whose pages have numbers.
type Numbered struct {
	Number     int
	Prev, Next string
}

// Number is that of the page of a list which is wanted, from 1.
func (v *Visit) Number() int {
	text := v.Query("page")
	n, err := strconv.Atoi(text)
	if text != "" && (err != nil || n < 1) {
		v.Fault("Page: “" + text + "” is no number of a page.")
	}
	return min(max(n, 1), 1_000_000)
}

// Numbered leads on from a page.
func (v *Visit) Numbered(m PageMeta) Numbered {
	p := Numbered{Number: m.Page}
	if m.Page > 1 {
		p.Prev = v.With("page", strconv.Itoa(m.Page-1))
	}
	if m.Page*m.PerPage < m.Total {
		p.Next = v.With("page", strconv.Itoa(m.Page+1))
	}
	return p
}
