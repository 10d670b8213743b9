package dashboard

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
)

const (
	readAlerts  = "read:alerts"
	writeAlerts = "write:alerts"
)

func (d *Dashboard) registerAlerts(e *echo.Echo) {
	d.get(e, "/app/alerts", readAlerts, alertsPage)
	d.post(e, "/app/alerts/settings", writeAlerts, saveAlertSettings)
	d.post(e, "/app/alerts/:id/resolve", writeAlerts, resolveAlert)
	d.get(e, "/app/alerts/channels/new", writeAlerts, newChannelPage)
	d.post(e, "/app/alerts/channels/new", writeAlerts, createChannel)
	d.get(e, "/app/alerts/channels/:id", readAlerts, channelPage)
	d.post(e, "/app/alerts/channels/:id", writeAlerts, updateChannel)
	d.post(e, "/app/alerts/channels/:id/test", writeAlerts, testChannel)
	d.post(e, "/app/alerts/channels/:id/rotate", writeAlerts, rotateChannelSecret)
	d.get(e, "/app/alerts/channels/:id/delete", writeAlerts, deleteChannel)
	d.post(e, "/app/alerts/channels/:id/delete", writeAlerts, deleteChannel)
}

// conditionWords are the conditions of alerts for people, in the order in which a form offers them.
var conditionWords = []struct {
	Condition  api.AlertCondition
	Text, Hint string
}{
	{api.AlertConditionEndpointFailing, "An endpoint keeps failing",
		"at 50, 70 and 90 % of the limit after which it is disabled"},
	{api.AlertConditionEndpointDisabled, "An endpoint was disabled", "after the limit, or when it answers 410"},
	{api.AlertConditionEndpointRecovered, "An endpoint works again", ""},
	{api.AlertConditionDeliveryDead, "A delivery became a dead letter", "once an hour for each endpoint"},
	{api.AlertConditionKeyLeaked, "An API key was found in public", ""},
	{api.AlertConditionCreditsLow, "Less than a tenth of the credits is left", ""},
	{api.AlertConditionCreditsExhausted, "The credits are used up", ""},
}

func conditionText(c api.AlertCondition) string {
	for _, w := range conditionWords {
		if w.Condition == c {
			return w.Text
		}
	}
	return string(c)
}

// channelKinds say what a channel is, for people.
var channelKinds = map[api.AlertChannelType]string{
	api.AlertChannelTypeEmail: "Mail", api.AlertChannelTypeSlack: "Slack",
	api.AlertChannelTypeWebhook: "Signed webhook",
}

// notified is a notification of an alert in its list.
type notified struct {
	Channel, About, Status, Error string
	Next                          time.Time
}

type alertRow struct {
	ID, Title, Message, Condition string
	Subject, SubjectPage          string
	Open                          bool
	Since, Resolved               time.Time
	Notified                      []notified
}

type channelRow struct {
	ID, Name, Kind, Target string
	Conditions             []string
	All, Enabled           bool
}

// alertsData is the page of alerts: what fired, where it goes, and when an endpoint is disabled.
type alertsData struct {
	inhouse.Form // of the settings
	inhouse.Pager
	State    string
	Alerts   []alertRow
	Channels []channelRow
	More     bool // there are more channels
	Custom   bool
	MayWrite bool
	Tested   string // the channel that a test was sent to
	Unsent   string // why a test was not sent
}

func alertsPage(v *visit) error { return v.showAlerts(http.StatusOK, func(*alertsData) {}) }

// showAlerts renders the page, after change has added to it.
func (v *visit) showAlerts(status int, change func(*alertsData)) error {
	d := alertsData{State: v.Query("state"), MayWrite: v.can(writeAlerts)}
	if err := v.alertSettings(&d); err != nil {
		return err
	}
	names, err := v.channels(&d)
	if err != nil {
		return err
	}
	cursor := v.Query("cursor")
	found, err := inhouse.Read[api.AlertList](v.API.ListAlerts(v.Ctx, &api.ListAlertsParams{
		Cursor: inhouse.Opt[string](cursor), Limit: new(inhouse.PerPage),
		State: inhouse.Opt[api.AlertState](d.State)}))
	if r, ok := inhouse.Invalid(err); ok {
		status, d.Fault, err = r.Status, r.Message+r.Details(), nil
	}
	if err != nil {
		return err
	}
	d.Pager = v.Pager(cursor, found.Meta)
	var subjects []string
	for _, a := range found.Data {
		subjects = append(subjects, a.Subject)
	}
	endpoints, err := v.named(nil, subjects...)
	if err != nil {
		return err
	}
	for _, a := range found.Data {
		row := alertRowOf(a, names)
		for _, w := range endpoints {
			row.Title = strings.ReplaceAll(row.Title, w.ID, nameOf(w))
		}
		d.Alerts = append(d.Alerts, row)
	}
	change(&d)
	return v.render(status, "alerts", "Alerts", d)
}

func (v *visit) alertSettings(d *alertsData) error {
	s, err := inhouse.Read[api.AlertSettings](v.API.GetAlertSettings(v.Ctx))
	d.Custom = s.Custom
	d.Values = url.Values{"disable_after_hours": {strconv.Itoa(s.DisableAfterHours)},
		"disable_failures": {strconv.Itoa(s.DisableFailures)}}
	return err
}

// channels adds the channels to the page, and returns their names by id.
func (v *visit) channels(d *alertsData) (map[string]string, error) {
	found, err := inhouse.Read[api.AlertChannelList](v.API.ListAlertChannels(v.Ctx,
		&api.ListAlertChannelsParams{PerPage: new(nameLimit)}))
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, c := range found.Data {
		row := channelRow{ID: c.ID, Name: channelName(c), Kind: channelKinds[c.Type], Target: c.Target,
			Enabled: c.Enabled, All: len(c.Conditions) == len(conditionWords)}
		for _, condition := range c.Conditions {
			row.Conditions = append(row.Conditions, conditionText(condition))
		}
		names[c.ID] = row.Name
		d.Channels = append(d.Channels, row)
	}
	d.More = found.Meta.Total > len(found.Data)
	return names, nil
}

// channelName is what a channel is called: a name is optional.
func channelName(c api.AlertChannel) string {
	if c.Name != "" {
		return c.Name
	}
	return c.Target
}

func alertRowOf(a api.Alert, channels map[string]string) alertRow {
	row := alertRow{ID: a.ID, Title: a.Title, Message: a.Message, Condition: string(a.Condition), Subject: a.Subject,
		Open: a.State == api.AlertStateOpen, Since: a.Since, Resolved: inhouse.Or(a.ResolvedAt)}
	switch prefix, _, _ := strings.Cut(a.Subject, "_"); prefix {
	case "whe":
		row.SubjectPage = "/app/endpoints/" + a.Subject
	case "key":
		row.SubjectPage = "/app/keys/" + a.Subject
	}
	for _, n := range a.Notifications {
		name, known := channels[n.ChannelID]
		if !known {
			name = "a deleted channel"
		}
		row.Notified = append(row.Notified, notified{Channel: name, About: string(n.About), Status: string(n.Status),
			Error: inhouse.Or(n.Error), Next: inhouse.Or(n.NextAttemptAt)})
	}
	return row
}

func saveAlertSettings(v *visit) error {
	body := inhouse.Body{}
	if v.FormValue("do") != "reset" { // what is left out is the installation's default again
		for _, name := range []string{"disable_after_hours", "disable_failures"} {
			body.Integer(name, v.Field(name))
		}
	}
	_, err := inhouse.Read[api.AlertSettings](v.API.PutAlertSettingsWithBody(v.Ctx, nil, inhouse.JSON,
		body.Reader()))
	if f, status, ok := v.Filled(err, nil); ok {
		return v.showAlerts(status, func(d *alertsData) { d.Form = f })
	}
	if err != nil {
		return err
	}
	return v.Back("/app/alerts", "saved")
}

func resolveAlert(v *visit) error {
	if _, err := inhouse.Read[api.Alert](v.API.ResolveAlert(v.Ctx, v.Param("id"), nil)); err != nil {
		return err
	}
	return v.Back("/app/alerts", "alert-resolved")
}
