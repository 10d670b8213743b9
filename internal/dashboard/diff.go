package dashboard

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// fieldChange is a field that differs before and after something was done. The one that is not there is empty.
type fieldChange struct{ Path, Before, After string }

// masked replaces secret values.
const masked = "********"

// secretWords end the names of fields whose text is never shown, whatever was recorded.
var secretWords = []string{"secret", "password", "token", "private_key", "authorization"}

// differences lists the fields that are not the same in two JSON documents, by name. A document that is null has none.
func differences(before, after []byte) []fieldChange {
	old, fresh := map[string]string{}, map[string]string{}
	flatten(before, old)
	flatten(after, fresh)
	all := maps.Clone(old)
	maps.Copy(all, fresh)
	var out []fieldChange
	for _, path := range slices.Sorted(maps.Keys(all)) {
		was, there := old[path]
		is, here := fresh[path]
		if was == is && there == here {
			continue
		}
		out = append(out, fieldChange{path, fit(path, was), fit(path, is)})
	}
	return out
}

func flatten(raw []byte, into map[string]string) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) == nil && v != nil {
		leaves("", v, into)
	}
}

func leaves(path string, v any, into map[string]string) {
	join := func(name string) string {
		if path == "" {
			return name
		}
		return path + "." + name
	}
	switch v := v.(type) {
	case map[string]any:
		for name, child := range v {
			leaves(join(name), child, into)
		}
		if len(v) == 0 {
			into[path] = "{}"
		}
	case []any:
		if plain, ok := list(v); ok {
			into[path] = plain
			return
		}
		for i, child := range v {
			leaves(join(strconv.Itoa(i)), child, into)
		}
	default:
		into[path] = leaf(v)
	}
}

// list writes a list of texts and numbers in one line.
func list(items []any) (string, bool) {
	out := make([]string, 0, len(items))
	for _, item := range items {
		switch item.(type) {
		case map[string]any, []any:
			return "", false
		}
		out = append(out, leaf(item))
	}
	return "[" + strings.Join(out, ", ") + "]", true
}

// longestValue is how many characters of a value are shown.
const longestValue = 300

// fit makes the value of a field fit to be shown.
func fit(path, value string) string {
	name := strings.TrimSuffix(strings.ToLower(path[strings.LastIndex(path, ".")+1:]), "s")
	switch {
	case value == "" || value == "null":
		return value
	case slices.ContainsFunc(secretWords, func(w string) bool { return strings.HasSuffix(name, w) }):
		return masked
	case utf8.RuneCountInString(value) > longestValue:
		return string([]rune(value)[:longestValue]) + "…"
	}
	return value
}

func leaf(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(raw)
}
