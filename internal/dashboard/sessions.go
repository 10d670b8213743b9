package dashboard

import (
	"cmp"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/principal"
)

func (d *Dashboard) registerSessions(e *echo.Echo) {
	d.post(e, "/app/settings/sessions/:id/end", "", endSession)
}

// sessionRow is a session in the list.
type sessionRow struct {
	ID, Who, Email         string // Who is empty for a session without a user
	Browser, Agent         string
	Address, Opened        string
	Environment            string
	Began, LastSeen, Until time.Time
	Current                bool
}

// sessionList has the sessions that the visitor may see: their own, or those of all users.
type sessionList struct {
	inhouse.Numbered
	Rows []sessionRow
	All  bool
}

var openings = map[api.SessionOpenedBy]string{
	api.SessionOpenedByLink: "by a link", api.SessionOpenedBySingleSignOn: "by single sign-on",
	api.SessionOpenedByOperator: "by an operator",
}

func (v *visit) sessions() (sessionList, error) {
	found, err := inhouse.Read[api.SessionList](v.API.ListSessions(v.Ctx,
		&api.ListSessionsParams{Page: new(v.Number()), PerPage: new(inhouse.PerPage)}))
	if err != nil {
		return sessionList{}, err
	}
	list := sessionList{Numbered: v.Numbered(found.Meta), All: v.Session.Session.Environment == principal.Live &&
		v.may(writeMembers)}
	for _, s := range found.Data {
		row := sessionRow{
			ID: s.ID, Agent: inhouse.Or(s.UserAgent), Address: inhouse.Or(s.Address), Opened: openings[s.OpenedBy],
			Environment: string(s.Environment),
			Began:       s.CreatedAt, LastSeen: s.LastSeenAt, Until: s.ExpiresAt, Current: s.Current,
		}
		if m, err := s.Member.Get(); err == nil {
			row.Who, row.Email = m.Name, m.Email
		}
		row.Browser = browserOf(row.Agent)
		list.Rows = append(list.Rows, row)
	}
	return list, nil
}

func endSession(v *visit) error {
	if _, err := inhouse.Read[struct{}](v.API.EndSession(v.Ctx, v.Param("id"), nil)); err != nil {
		return err
	}
	return v.Back("/app/settings", "session-ended")
}

// browsers and systems by the word that identifies them, the most specific first: many also claim to be Safari or
// Chrome.
var (
	browsers = [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"},
		{"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"}, {"Chrome/", "Chrome"},
		{"Safari/", "Safari"}}
	systems = [][2]string{{"iPhone", "iOS"}, {"iPad", "iPadOS"}, {"Android", "Android"}, {"Windows", "Windows"},
		{"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}}
)

// browserOf returns the browser and the system of a User-Agent, as far as they are known.
func browserOf(userAgent string) string {
	first := func(known [][2]string) string {
		for _, k := range known {
			if strings.Contains(userAgent, k[0]) {
				return k[1]
			}
		}
		return ""
	}
	browser, system := first(browsers), first(systems)
	if browser == "" || system == "" {
		return cmp.Or(browser, system, "Unknown browser")
	}
	return browser + " on " + system
}
