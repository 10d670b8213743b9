package inhouse

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// shared are the parameters that every page knows: what was just done, and a place in a list.
var shared = []string{"done", "page", "cursor"}

// campaign begins the parameters that mail programs and campaigns add to links. No page has filters of such names.
const campaign = "utm_"

// QueryParam reads a parameter of the address, which the page then knows.
func (v *Visit) QueryParam(name string) string { return strings.Join(v.QueryValues(name)[:1], "") }

// QueryValues is QueryParam for one that may be given several times. It returns at least one value, which is empty if
// the parameter is not there.
func (v *Visit) QueryValues(name string) []string {
	if v.known == nil {
		v.known = map[string]bool{}
	}
	v.known[name] = true
	if values := v.QueryParams()[name]; len(values) > 0 {
		return values
	}
	return []string{""}
}

// FormValue reads a field of a form or a parameter of the address, which the page then knows.
func (v *Visit) FormValue(name string) string {
	v.QueryValues(name)
	return v.Context.FormValue(name)
}

// Choice reads a parameter that has one of a few values. Any other is a fault, under the name that the page has for it,
// and read as empty.
func (v *Visit) Choice(name, label string, values ...string) string {
	text := v.Query(name)
	if text == "" || slices.Contains(values, text) {
		return text
	}
	v.Fault(label + ": “" + text + "” is none of " + strings.Join(values, ", ") + ".")
	return ""
}

// Fault notes, in a sentence, what of the address the page can't use and leaves out.
func (v *Visit) Fault(sentences ...string) { v.faults = append(v.faults, sentences...) }

// Faults returns what a page that is about to be shown with a status says that it did not understand of its address,
// parameters that it never read included, and the status to show it with.
func (v *Visit) Faults(status int) (int, []string) {
	if v.Request().Method != http.MethodGet || !v.Whole() || status >= http.StatusBadRequest && len(v.faults) == 0 {
		return status, nil
	}
	out := slices.Clone(v.faults)
	for _, name := range slices.Sorted(maps.Keys(v.QueryParams())) {
		if !v.known[name] && !slices.Contains(shared, name) && !strings.HasPrefix(name, campaign) {
			out = append(out, "“"+name+"” is no filter of this page.")
		}
	}
	if len(out) > 0 && status == http.StatusOK {
		status = http.StatusBadRequest
	}
	return status, out
}
