package inhouse

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Form is a form as it was filled in, and what is wrong with it.
type Form struct {
	Values url.Values
	Fields map[string]string // what is wrong, by the field's name in the contract
	Fault  string            // what is wrong in all
}

// Value is what a field holds.
func (f Form) Value(name string) string { return f.Values.Get(name) }

// Holds says whether a field that may be there several times holds a value.
func (f Form) Holds(name, value string) bool { return slices.Contains(f.Values[name], value) }

// Wrong is what is wrong with a field or something inside it.
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

// Filled is what was sent, with what the API says about it and the status to show it with; ok is false for an error that
// is not about the form.
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
	Action, Back                string
	Wrong                       bool // what was typed is not the name
}

// Status is what the page is answered with.
func (c Confirmation) Status() int {
	if c.Wrong {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}
