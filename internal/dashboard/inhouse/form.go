package inhouse

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/hookline/hookline/internal/dashboard/ui"
)

// Form is a form as it was filled in, and what is wrong with it.
type Form struct {
	Values url.Values
	Fields map[string]string // what is wrong, by the field's name in the contract
	Fault  string            // what is wrong in all
}

// Value returns the value of a field.
func (f Form) Value(name string) string { return f.Values.Get(name) }

// Holds reports whether one of the values of a repeated field is value.
func (f Form) Holds(name, value string) bool { return slices.Contains(f.Values[name], value) }

// Wrong returns the error of a field or of something inside it.
func (f Form) Wrong(name string) string {
	if text := f.Fields[name]; text != "" {
		return text
	}
	for _, field := range slices.Sorted(maps.Keys(f.Fields)) {
		if strings.HasPrefix(field, name+".") || strings.HasPrefix(field, name+"[") {
			return strings.TrimPrefix(field, name+".") + " " + f.Fields[field]
		}
	}
	return ""
}

// Words splits a field that takes several values, separated by commas or white space.
func Words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}

// Mistake is the error of a field that the page finds before it calls the API.
func Mistake(field, text string) error {
	return &Refusal{Status: http.StatusBadRequest, Message: "The form is not valid.",
		Fields: map[string]string{field: text}}
}

// Filled returns the submitted form with the API's errors and the status of the page; ok is false for an error
// that is not about the form.
func (v *Visit) Filled(err error) (f Form, status int, ok bool) {
	r, ok := Invalid(err)
	if !ok {
		return f, 0, false
	}
	return Form{Values: v.Request().PostForm, Fields: r.Fields, Fault: r.Message}, r.Status, true
}

// Confirmation is a page that asks for a name to be typed before something is done that can't be undone.
type Confirmation struct {
	Heading, Text, Name, Button string
	What                        string // Name is, where it is no name
	Action, Back                string
	Fields                      []ui.Header // that the form sends along
	Wrong                       bool        // what was typed is not the name
}

// Confirmed says whether a form of the page was sent with what it asks for. Its address shows the page, and takes the
// form.
func (v *Visit) Confirmed(c *Confirmation) bool {
	if v.Request().Method != http.MethodPost {
		return false
	}
	c.Wrong = v.FormValue("name") != c.Name
	return !c.Wrong
}

// Status returns the HTTP status of the page.
func (c Confirmation) Status() int {
	if c.Wrong {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}
