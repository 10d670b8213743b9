package inhouse

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/hookline/hookline/internal/dashboard/ui"
)

// Form is a form as it was filled in, and what is wrong with it.
type Form struct {
	Values   url.Values
	Fields   map[string]string // what is wrong, by the field's name in the contract
	Fault    string            // what is wrong in all
	Problems []string          // the fields' problems as sentences, for the top of the page
}

// Value returns the value of a field.
func (f Form) Value(name string) string { return f.Values.Get(name) }

// Holds reports whether one of the values of a repeated field is value.
func (f Form) Holds(name, value string) bool { return slices.Contains(f.Values[name], value) }

// Own returns the error of a field itself.
func (f Form) Own(name string) string { return f.Fields[name] }

// Wrong returns the errors of a field and of what is inside it.
func (f Form) Wrong(name string) string {
	var texts []string
	for _, field := range slices.Sorted(maps.Keys(f.Fields)) {
		text := f.Fields[field]
		inside, ok := strings.CutPrefix(field, name)
		switch {
		case !ok:
		case inside == "", inside[0] == '[' && strings.HasPrefix(text, "“"):
			texts = append(texts, text)
		case inside[0] == '.':
			texts = append(texts, inside[1:]+" "+text)
		case inside[0] == '[':
			texts = append(texts, field+" "+text)
		}
	}
	return strings.Join(texts, "; ")
}

// Words splits a field that takes several values, separated by commas or white space.
func Words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}

// Filled returns the submitted form with the API's errors and the status of the page; ok is false for an error
// that is not about the form. plain says some of them in words of the form, by field; it may be nil.
func (v *Visit) Filled(err error, plain map[string]string) (f Form, status int, ok bool) {
	r, ok := Invalid(err)
	if !ok {
		return f, 0, false
	}
	f = Form{Values: v.Request().PostForm, Fields: map[string]string{}, Fault: r.Message}
	for field, text := range r.Fields {
		f.Fields[field] = cmp.Or(plain[field], v.calls.plain(field, text))
	}
	for _, field := range slices.Sorted(maps.Keys(f.Fields)) {
		f.Problems = append(f.Problems, labelOf(field)+": "+f.Fields[field])
	}
	switch len(f.Problems) {
	case 0:
	case 1:
		f.Fault = "One field needs a change."
	default:
		f.Fault = strconv.Itoa(len(f.Problems)) + " fields need a change."
	}
	return f, r.Status, true
}

// labelOf is a field's path for people, such as "Retry policy, max attempts".
func labelOf(field string) string {
	text := strings.NewReplacer("_", " ", ".", ", ").Replace(index.ReplaceAllString(field, ""))
	switch text {
	case "":
		return "The form"
	case "url":
		return "URL"
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// index is the position of an item in a field's path, which people don't see in a form.
var index = regexp.MustCompile(`\[\d+\]`)

// example is what a value looks like that has to match a pattern.
var example = regexp.MustCompile(`^must match .*, such as (.+)$`)

// plain says what is wrong with a field of what was sent in words for people: an item of a list by its text.
func (c *Caller) plain(field, text string) string {
	switch {
	case text == "must be an integer":
		text = "must be a whole number"
	case strings.HasPrefix(text, "must be a time such as"):
		text = "must be a date and a time"
	case text == "is required":
		text = "must not be empty"
	}
	if m := example.FindStringSubmatch(text); m != nil {
		text = "must be like " + m[1]
	}
	if item := c.itemAt(field); item != "" {
		return "“" + item + "” " + text
	}
	return text
}

// itemAt is the text of an item in a list of what was sent; empty for other fields.
func (c *Caller) itemAt(field string) string {
	if !strings.HasSuffix(field, "]") {
		return ""
	}
	var at any
	if json.Unmarshal(c.sent, &at) != nil {
		return ""
	}
	for _, step := range strings.FieldsFunc(field, func(r rune) bool { return strings.ContainsRune(".[]", r) }) {
		switch in := at.(type) {
		case map[string]any:
			at = in[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(in) {
				return ""
			}
			at = in[i]
		}
	}
	item, _ := at.(string)
	return item
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
