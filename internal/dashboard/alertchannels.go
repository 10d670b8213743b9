package dashboard

import (
	"net/http"
	"net/url"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
)

// channelForm is the form that makes and changes a channel, as it was filled in.
type channelForm struct {
	inhouse.Form
	ID, Name   string // of one that there is
	Kind       string
	Conditions []conditionChoice
	MayWrite   bool
	Signed     bool // its requests are signed with a secret
}

type conditionChoice struct {
	Condition, Text, Hint string
	Chosen                bool
}

func (v *visit) showChannelForm(status int, f channelForm) error {
	for _, w := range conditionWords {
		f.Conditions = append(f.Conditions, conditionChoice{string(w.Condition), w.Text, w.Hint,
			f.Holds("condition", string(w.Condition))})
	}
	f.MayWrite = v.can(writeAlerts)
	title := "New channel"
	if f.ID != "" {
		title = f.Name
	}
	return v.render(status, "channelform", title, f)
}

func newChannelPage(v *visit) error {
	values := url.Values{"type": {"email"}, "enabled": {"1"}}
	for _, w := range conditionWords {
		values.Add("condition", string(w.Condition))
	}
	return v.showChannelForm(http.StatusOK, channelForm{Form: inhouse.Form{Values: values}})
}

// channelBody is what the form sends. A form without a chosen condition sends none, which the API refuses.
func channelBody(form url.Values) inhouse.Body {
	body := inhouse.Body{"name": form.Get("name"), "enabled": form.Get("enabled") == "1",
		"conditions": append([]string{}, form["condition"]...)}
	body.Text("target", form.Get("target"))
	return body
}

// channelWords say what is wrong with a channel's form in its own words.
func channelWords(form url.Values) map[string]string {
	plain := map[string]string{}
	if len(form["condition"]) == 0 {
		plain["conditions"] = "choose at least one"
	}
	return plain
}

func createChannel(v *visit) error {
	form := v.Request().PostForm
	body := channelBody(form)
	body.Text("type", form.Get("type"))
	made, err := inhouse.Read[api.AlertChannelCreated](v.API.CreateAlertChannelWithBody(v.Ctx, nil, inhouse.JSON,
		body.Reader()))
	if f, status, ok := v.Filled(err, channelWords(form)); ok {
		return v.showChannelForm(status, channelForm{Form: f})
	}
	if err != nil {
		return err
	}
	if secret := inhouse.Or(made.Secret); secret != "" {
		return v.render(http.StatusOK, "channelsecret", "Signing secret", channelSecret{Secret: secret})
	}
	return v.Back("/app/alerts", "channel-created")
}

// channelSecret is the page that shows a new secret of a webhook channel, once. Previous says when replaced ones end;
// it is nil for a new channel.
type channelSecret struct {
	Secret   string
	Rotated  bool
	Previous []time.Time
}

func (v *visit) channel() (api.AlertChannel, error) {
	return inhouse.Read[api.AlertChannel](v.API.GetAlertChannel(v.Ctx, v.Param("id")))
}

func channelPage(v *visit) error {
	c, err := v.channel()
	if err != nil {
		return err
	}
	return v.showChannel(http.StatusOK, c, inhouse.Form{Values: channelValues(c)})
}

// showChannel renders the page of a channel with a form as it was filled in.
func (v *visit) showChannel(status int, c api.AlertChannel, f inhouse.Form) error {
	return v.showChannelForm(status, channelForm{Form: f, ID: c.ID, Name: channelName(c),
		Kind: channelKinds[c.Type], Signed: c.Type == api.AlertChannelTypeWebhook})
}

// channelValues are the fields of a channel's form as they are stored.
func channelValues(c api.AlertChannel) url.Values {
	values := url.Values{"name": {c.Name}, "target": {c.Target}}
	if c.Enabled {
		values.Set("enabled", "1")
	}
	for _, condition := range c.Conditions {
		values.Add("condition", string(condition))
	}
	return values
}

// rotateChannelSecret replaces the secret of a webhook channel and shows the new one.
func rotateChannelSecret(v *visit) error {
	c, err := v.channel()
	if err != nil {
		return err
	}
	s, err := inhouse.Read[api.WebhookSecret](v.API.RotateAlertChannelSecret(v.Ctx, c.ID, nil,
		api.SecretRotate{Grace: inhouse.Opt[string](v.FormValue("grace"))}))
	if f, status, ok := v.Filled(err, nil); ok {
		f.Values = channelValues(c)
		return v.showChannel(status, c, f)
	}
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "channelsecret", "Signing secret", channelSecret{Secret: s.Secret, Rotated: true,
		Previous: validUntil(s)})
}

func updateChannel(v *visit) error {
	c, err := v.channel()
	if err != nil {
		return err
	}
	form := v.Request().PostForm
	_, err = inhouse.Read[api.AlertChannel](v.API.UpdateAlertChannelWithBody(v.Ctx, c.ID, nil, inhouse.JSON,
		channelBody(form).Reader()))
	if f, status, ok := v.Filled(err, channelWords(form)); ok {
		return v.showChannel(status, c, f)
	}
	if err != nil {
		return err
	}
	return v.Back("/app/alerts", "channel-saved")
}

// testChannel sends a test. Its form has no name for what it does: each sends another one.
func testChannel(v *visit) error {
	c, err := v.channel()
	if err != nil {
		return err
	}
	got, err := inhouse.Read[api.AlertTest](v.API.TestAlertChannel(v.Ctx, c.ID))
	if err != nil {
		return err
	}
	return v.showAlerts(http.StatusOK, func(d *alertsData) {
		d.Tested = channelName(c)
		if !got.Sent {
			d.Unsent = inhouse.Or(got.Error)
		}
	})
}

// deleteChannel asks for the channel's name, and deletes it after the visitor typed it.
func deleteChannel(v *visit) error {
	c, err := v.channel()
	if err != nil {
		return err
	}
	path := "/app/alerts/channels/" + url.PathEscape(c.ID)
	confirmation := inhouse.Confirmation{
		Heading: "Delete the channel " + channelName(c), Name: channelName(c), Button: "Delete the channel",
		Action: path + "/delete", Back: path, What: "name of the channel",
		Text: "No alert is sent to it any more, and what has not been sent yet is discarded.",
	}
	if !v.Confirmed(&confirmation) {
		return v.confirm("Delete a channel", confirmation)
	}
	if _, err := inhouse.Read[struct{}](v.API.DeleteAlertChannel(v.Ctx, c.ID, nil)); err != nil {
		return err
	}
	return v.Back("/app/alerts", "channel-deleted")
}
