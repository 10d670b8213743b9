package inhouse

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/problem"
)

// Message is a page that says one thing and where to go from there.
type Message struct {
	Heading, Text string
	RequestID     string
	Back          ui.Link
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
	return pages.Render(c, http.StatusUnauthorized, "message", ui.Page{Title: "Signed out", Home: home, Data: Message{
		Heading: "You are not signed in", Text: "Your session has ended. Sign in again to continue.",
		Back: ui.Link{Text: "Sign in", Href: door},
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
