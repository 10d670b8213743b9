package inhouse

import (
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/problem"
)

// Message is a page that says one thing and where to go from there.
type Message struct {
	Heading, Text string
	RequestID     string
	Back          ui.Link
	Kept          *Kept // what was typed, to be sent again; may be nil
}

// Kept is a form that could not be taken, with all that was typed.
type Kept struct {
	Action, Button string
	Fields         []ui.Header
}

// maxKept limits the form that a page of ours sends again.
const maxKept = 256 << 10

// kept returns the form of a request that one of our own pages made; nil for others, which strangers may have filled
// in.
func kept(c echo.Context, button string) *Kept {
	r := c.Request()
	if r.Method != http.MethodPost || r.Header.Get("Sec-Fetch-Site") != "same-origin" {
		return nil
	}
	if r.PostForm == nil {
		r.Body = http.MaxBytesReader(c.Response(), r.Body, maxKept)
		if r.ParseForm() != nil {
			return nil
		}
	}
	k := &Kept{Action: r.URL.RequestURI(), Button: button}
	for _, name := range slices.Sorted(maps.Keys(r.PostForm)) {
		if name == "csrf_token" || name == "once" {
			continue
		}
		for _, value := range r.PostForm[name] {
			k.Fields = append(k.Fields, ui.Header{Name: name, Value: value})
		}
	}
	return k
}

// Navigates says whether a browser is about to show the answer, and not a script to read it. Browsers that don't say
// are taken to.
func Navigates(c echo.Context) bool {
	to := c.Request().Header.Get("Sec-Fetch-Mode")
	return c.Request().Method == http.MethodGet && (to == "" || to == "navigate")
}

// Outside leads those who are not signed in to the door, from pages that begin at home. What a script fetched is
// answered, not led away.
func Outside(c echo.Context, pages *ui.Templates, home, door string) error {
	if Navigates(c) {
		return c.Redirect(http.StatusSeeOther, door)
	}
	text, form := "Your session has ended. Sign in again to continue.", kept(c, "I have signed in: go on")
	if form != nil {
		text = "Your session has ended. What you typed is kept in this page: sign in again in another tab, then go on here."
	}
	return pages.Render(c, http.StatusUnauthorized, "message", ui.Page{Title: "Signed out", Home: home, Data: Message{
		Heading: "You are not signed in", Text: text, Back: ui.Link{Text: "Sign in", Href: door}, Kept: form,
	}})
}

// Failure says what a page failed with; home is where to go from there.
func (v *Visit) Failure(err error, home ui.Link) (*Refusal, Message) {
	var r *Refusal
	var p *problem.Error
	if errors.As(err, &p) && p.Status() < http.StatusInternalServerError {
		err = &Refusal{Status: p.Status(), Code: string(p.Code), Message: p.Message}
	}
	if !errors.As(err, &r) {
		slog.Error("rendering a page failed", "path", v.Path(), "error", err)
		r = &Refusal{Status: http.StatusInternalServerError}
	}
	m := Message{Heading: "The request failed", Text: r.Message, RequestID: r.RequestID, Back: home}
	retry := ui.Link{Text: "Try again", Href: v.Request().URL.RequestURI()}
	switch {
	case r.Status == http.StatusNotFound:
		m.Heading, m.Text = "Not found", "This page does not exist. Its object may be past its retention."
	case r.Code == "csrf":
		m.Heading = "The form has expired"
		if m.Kept = kept(v, "Send it"); m.Kept != nil {
			m.Heading, m.Text = "Send what you typed?", "You signed in again since you filled in the form. Send it as "+
				"who you are now?"
		}
	case r.Code == "entitlement_required":
		m.Heading = "Your plan does not include this"
	case r.Code == "quota_exceeded":
		m.Heading = "Your plan does not allow more"
	case r.Status == http.StatusForbidden:
		m.Heading = "You have no permission to do this"
	case r.Status == http.StatusTooManyRequests:
		m.Heading, m.Back = "Too many requests", retry
	case r.Status >= http.StatusInternalServerError:
		m.Heading, m.Back = "The page could not be loaded", retry
		m.Text = "The server could not read this page's data. No data is lost; try again in a moment."
	}
	if v.Request().Method != http.MethodGet {
		m.Back = home
	}
	m.Text += r.Details()
	return r, m
}
