package dashboard

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/inhouse"
)

const writeEventTypes = "write:event_types"

// newEventType is the address of the form for a new type. No type has its name, since names have no hyphen.
const newEventType = "/app/event-types/new-type"

func (d *Dashboard) registerOwnTypes(e *echo.Echo) {
	d.get(e, newEventType, writeEventTypes, newTypePage)
	d.post(e, newEventType, writeEventTypes, createType)
	d.get(e, "/app/event-types/:type/edit", writeEventTypes, editTypePage)
	d.post(e, "/app/event-types/:type/edit", writeEventTypes, updateType)
	d.post(e, "/app/event-types/:type/deprecate", writeEventTypes, deprecateType)
	d.get(e, "/app/event-types/:type/delete", writeEventTypes, deleteType)
	d.post(e, "/app/event-types/:type/delete", writeEventTypes, deleteType)
}

// typeForm is the form that makes and changes an event type, as it was filled in.
type typeForm struct {
	inhouse.Form
	Type    string             // of one that there is; empty for a new one
	Checked *[]api.ErrorDetail // what a check found, when one was asked for
}

// firstSchema is what a new type begins with.
const firstSchema = `{
  "type": "object",
  "required": ["number"],
  "properties": {
    "number": { "type": "string", "minLength": 1 },
    "total": { "type": "number", "minimum": 0 }
  }
}`

const firstSample = `{
  "number": "A-1001",
  "total": 99.5
}`

func (v *visit) showTypeForm(status int, f typeForm) error {
	title := "New event type"
	if f.Type != "" {
		title = "Change " + f.Type
	}
	return v.render(status, "eventtypeform", title, f)
}

func newTypePage(v *visit) error {
	return v.showTypeForm(http.StatusOK, typeForm{Form: inhouse.Form{Values: url.Values{"schema": {firstSchema},
		"sample": {firstSample}}}})
}

// typeBody is what the form sends, and what is wrong with texts that are no JSON.
func typeBody(form url.Values) (inhouse.Body, map[string]string) {
	body, plain := inhouse.Body{}, map[string]string{}
	for _, name := range []string{"description", "group"} {
		body.Text(name, form.Get(name))
	}
	for _, name := range []string{"schema", "sample"} {
		text := strings.TrimSpace(form.Get(name))
		if fault := notJSON(text); fault != "" {
			body[name], plain[name] = text, fault
			continue
		}
		body[name] = json.RawMessage(text)
	}
	return body, plain
}

// notJSON says what is wrong with a text that should be a JSON object, and where; empty when nothing is.
func notJSON(text string) string {
	var v any
	d := json.NewDecoder(strings.NewReader(text))
	err := d.Decode(&v)
	var syntax *json.SyntaxError
	switch {
	case text == "":
		return "must not be empty"
	case errors.As(err, &syntax):
		before := text[:min(int(syntax.Offset), len(text))]
		last, _ := utf8.DecodeLastRuneInString(before)
		return fmt.Sprintf("is not JSON: line %d has an unexpected “%c”", 1+strings.Count(before, "\n"), last)
	case err != nil:
		return "is not JSON: it ends too early"
	}
	if _, err := d.Token(); err != io.EOF { // More does not see a bracket that is too many
		return "has more than one JSON value"
	}
	if _, ok := v.(map[string]any); !ok {
		return "must be a JSON object: {…}"
	}
	return ""
}

// checkType calls the check of a schema and a sample. Those that are no JSON are not sent.
func (v *visit) checkType(body inhouse.Body) (api.EventTypeCheckResult, error) {
	schema, ok := body["schema"].(json.RawMessage)
	if !ok {
		return api.EventTypeCheckResult{}, nil
	}
	c := api.EventTypeCheck{Schema: schema}
	if sample, ok := body["sample"].(json.RawMessage); ok {
		c.Sample = &sample
	}
	return inhouse.Read[api.EventTypeCheckResult](v.API.CheckEventType(v.Ctx, nil, c))
}

// lookedAtType renders the form again for the buttons that store nothing: a generated sample, and a check.
func (v *visit) lookedAtType(name string) (bool, error) {
	do := v.FormValue("do")
	if do == "" {
		return false, nil
	}
	f := typeForm{Type: name, Form: inhouse.Form{Values: v.Request().PostForm, Fields: map[string]string{}}}
	body, plain := typeBody(f.Values)
	if do == "generate" {
		delete(body, "sample")
		delete(plain, "sample")
	}
	found, err := v.checkType(body)
	if r, ok := inhouse.Invalid(err); ok {
		f.Fault = r.Message + r.Details()
		return true, v.showTypeForm(r.Status, f)
	}
	if err != nil {
		return true, err
	}
	problems := []api.ErrorDetail{}
	for _, field := range []string{"schema", "sample"} {
		if text := plain[field]; text != "" {
			problems = append(problems, api.ErrorDetail{Field: field, Message: text})
		}
	}
	problems = append(problems, found.Problems...)
	f.Checked = &problems
	if generated := inhouse.Or(found.Generated); do == "generate" && generated != nil {
		f.Values.Set("sample", indented(generated))
	}
	return true, v.showTypeForm(http.StatusOK, f)
}

func indented(raw []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, bytes.TrimSpace(raw), "", "  ") != nil {
		return string(raw)
	}
	return b.String()
}

// refusedType shows the form with all that is wrong with it.
func (v *visit) refusedType(name string, plain map[string]string, err error) error {
	f, status, ok := v.Filled(err, plain)
	if !ok {
		return err
	}
	return v.showTypeForm(status, typeForm{Form: f, Type: name})
}

func createType(v *visit) error {
	if looked, err := v.lookedAtType(""); looked {
		return err
	}
	body, plain := typeBody(v.Request().PostForm)
	body["type"] = v.Field("type")
	made, err := inhouse.Read[api.EventType](v.API.CreateEventTypeWithBody(v.Ctx, nil, inhouse.JSON, body.Reader()))
	if err != nil {
		return v.refusedType("", plain, err)
	}
	return v.Back("/app/event-types/"+url.PathEscape(made.Type), "type-created")
}

// ownType reads a type, which must be the tenant's own.
func (v *visit) ownType() (api.EventType, error) {
	t, err := inhouse.Read[api.EventType](v.API.GetEventType(v.Ctx, v.Param("type")))
	if err == nil && !t.Own {
		err = inhouse.ErrMissing
	}
	return t, err
}

func editTypePage(v *visit) error {
	t, err := v.ownType()
	if err != nil {
		return err
	}
	return v.showTypeForm(http.StatusOK, typeForm{Type: t.Type, Form: inhouse.Form{Values: url.Values{
		"description": {t.Description}, "group": {t.Group}, "schema": {indented(t.Schema)},
		"sample": {indented(t.Sample)}}}})
}

func updateType(v *visit) error {
	t, err := v.ownType()
	if err != nil {
		return err
	}
	if looked, err := v.lookedAtType(t.Type); looked {
		return err
	}
	body, plain := typeBody(v.Request().PostForm)
	if _, err = inhouse.Read[api.EventType](v.API.UpdateEventTypeWithBody(v.Ctx, t.Type, nil, inhouse.JSON,
		body.Reader())); err != nil {
		return v.refusedType(t.Type, plain, err)
	}
	return v.Back("/app/event-types/"+url.PathEscape(t.Type), "saved")
}

func deprecateType(v *visit) error {
	t, err := v.ownType()
	if err != nil {
		return err
	}
	deprecated := v.FormValue("deprecated") == "1"
	if _, err = inhouse.Read[api.EventType](v.API.UpdateEventType(v.Ctx, t.Type, nil,
		api.EventTypeUpdate{Deprecated: &deprecated})); err != nil {
		return err
	}
	return v.Back("/app/event-types/"+url.PathEscape(t.Type), "saved")
}

// deleteType asks for the type's name, and deletes it after the visitor typed it.
func deleteType(v *visit) error {
	t, err := v.ownType()
	if err != nil {
		return err
	}
	path := "/app/event-types/" + url.PathEscape(t.Type)
	c := inhouse.Confirmation{
		Heading: "Delete the event type " + t.Type, Name: t.Type, Button: "Delete the event type",
		Action: path + "/delete", Back: path,
		Text: "Only a type that was never published, and that no endpoint needs, can be deleted. Deprecate it otherwise.",
	}
	if !v.Confirmed(&c) {
		return v.confirm("Delete an event type", c)
	}
	if _, err := inhouse.Read[struct{}](v.API.DeleteEventType(v.Ctx, t.Type, nil)); err != nil {
		return err
	}
	return v.Back("/app/event-types", "type-deleted")
}
