package docsui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/format"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	hookline "github.com/hookline/hookline/pkg/client"
)

// goSample calls the method of the SDK that is named by the operation. The types of its arguments are those of the SDK
// itself, so that the sample compiles. It is empty when the SDK can't say what the example says.
func goSample(o operation, body json.RawMessage) string {
	m, ok := reflect.TypeFor[*hookline.Client]().MethodByName(strings.ToUpper(o.ID[:1]) + o.ID[1:])
	if !ok {
		return ""
	}
	arguments := []string{"ctx"}
	for _, p := range o.in("path") {
		arguments = append(arguments, quoted(p.orID()))
	}
	// The first two are the client and the context, the last one is options.
	for i := 1 + len(arguments); i < m.Type.NumIn()-1; i++ {
		argument, err := goArgument(m.Type.In(i), o, body)
		if err != nil {
			return ""
		}
		arguments = append(arguments, argument)
	}
	answer := "answer, "
	if m.Type.NumOut() == 1 {
		answer = ""
	}
	call := answer + "err := client." + m.Name + "(" + strings.Join(arguments, ", ") + ")"
	code, err := format.Source([]byte(call))
	if err != nil {
		return ""
	}
	return string(code)
}

// goArgument writes the parameters of the query, or the body.
func goArgument(t reflect.Type, o operation, body json.RawMessage) (string, error) {
	values := map[string]any{}
	if strings.HasSuffix(t.Name(), "Params") {
		for _, p := range o.in("query") {
			if p.value() == "" || string(p.example) == "null" {
				continue
			}
			name, ok := fieldOf(t, strings.ReplaceAll(p.Name, "_", ""))
			if !ok {
				return "", fmt.Errorf("%s has no parameter %s", t, p.Name)
			}
			values[name] = p.value()
		}
		return goStruct(t, values)
	}
	if body == nil {
		return "nil", nil
	}
	var value any
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return "", err
	}
	return goValue(t, value)
}

// fieldOf is the name of the field of a struct that is written in any case.
func fieldOf(t reflect.Type, name string) (string, bool) {
	f, ok := t.FieldByNameFunc(func(field string) bool { return strings.EqualFold(field, name) })
	return f.Name, ok
}

// goStruct writes a struct from its values by the names of its fields, in the order of the fields.
func goStruct(t reflect.Type, values map[string]any) (string, error) {
	var b strings.Builder
	for f := range t.Fields() {
		value, ok := values[f.Name]
		if !ok {
			continue
		}
		text, err := goValue(f.Type, value)
		if err != nil {
			return "", err
		}
		b.WriteString(f.Name + ": " + text + ",\n")
	}
	if b.Len() == 0 {
		return goType(t) + "{}", nil
	}
	return goType(t) + "{\n" + b.String() + "}", nil
}

// goValue writes a value of JSON, or the text of a parameter, as a literal of a type of the SDK.
func goValue(t reflect.Type, value any) (string, error) {
	switch {
	case t == reflect.TypeFor[json.RawMessage]():
		raw, err := json.Marshal(value)
		return "json.RawMessage(" + goText(string(raw)) + ")", err
	case t == reflect.TypeFor[time.Time]():
		return goTime(fmt.Sprint(value))
	case strings.HasPrefix(t.Name(), "Nullable["):
		get, _ := t.MethodByName("Get")
		of := get.Type.Out(0)
		if value == nil {
			return "hookline.Null[" + goType(of) + "]()", nil
		}
		text, err := goTyped(of, value)
		return "hookline.Value(" + text + ")", err
	case value == nil:
		return "nil", nil
	}
	switch t.Kind() {
	case reflect.Pointer:
		if t.Elem().Kind() == reflect.Struct && t.Elem() != reflect.TypeFor[time.Time]() {
			text, err := goValue(t.Elem(), value)
			return "&" + text, err
		}
		text, err := goTyped(t.Elem(), value)
		return "hookline.Ptr(" + text + ")", err
	case reflect.Struct:
		return goObject(t, value)
	case reflect.Slice, reflect.Map, reflect.Interface:
		return goParts(t, value)
	case reflect.String:
		return goText(fmt.Sprint(value)), nil
	}
	return fmt.Sprint(value), nil // a number or a boolean
}

// goTyped is goValue where Go must infer the type from the literal.
func goTyped(t reflect.Type, value any) (string, error) {
	text, err := goValue(t, value)
	switch {
	case t.Kind() == reflect.Int64, t.Kind() == reflect.Float64, t.Kind() == reflect.String && t.Name() != "string":
		text = goType(t) + "(" + text + ")"
	}
	return text, err
}

// goObject writes an object of JSON as a struct.
func goObject(t reflect.Type, value any) (string, error) {
	object, ok := value.(map[string]any)
	if !ok {
		return "", fmt.Errorf("%s is an object, not %v", t, value)
	}
	values, used := map[string]any{}, 0
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if v, ok := object[name]; ok {
			values[f.Name] = v
			used++
		}
	}
	if used < len(object) {
		return "", fmt.Errorf("%s has not all of %v", t, object)
	}
	return goStruct(t, values)
}

// partsMost is how many bytes of parts stay on one line.
const partsMost = 60

// goParts writes what has parts of one type, which is any when t is.
func goParts(t reflect.Type, value any) (string, error) {
	of := t
	if t.Kind() != reflect.Interface {
		of = t.Elem()
	}
	var parts []string
	add := func(key string, v any) error {
		text, err := goValue(of, v)
		parts = append(parts, key+text)
		return err
	}
	prefix := "[]" + goType(of)
	switch value := value.(type) {
	case map[string]any:
		prefix = "map[string]" + goType(of)
		for _, key := range slices.Sorted(maps.Keys(value)) {
			if err := add(quoted(key)+": ", value[key]); err != nil {
				return "", err
			}
		}
	case []any:
		for _, v := range value {
			if err := add("", v); err != nil {
				return "", err
			}
		}
	case string:
		if t.Kind() != reflect.Interface { // a parameter that may be given several times
			return prefix + "{" + goText(value) + "}", nil
		}
		return goText(value), nil
	default:
		return fmt.Sprint(value), nil
	}
	text := strings.Join(parts, ", ")
	if len(text) > partsMost {
		text = "\n" + strings.Join(parts, ",\n") + ",\n"
	}
	return prefix + "{" + text + "}", nil
}

func goTime(text string) (string, error) {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return "", err
	}
	at = at.UTC()
	return fmt.Sprintf("time.Date(%d, time.%s, %d, %d, %d, %d, %d, time.UTC)", at.Year(), at.Month(), at.Day(),
		at.Hour(), at.Minute(), at.Second(), at.Nanosecond()), nil
}

// goText is a text as Go writes it: in backquotes where it would need escapes.
func goText(text string) string {
	if strings.ContainsAny(text, "\"\\\n") && !strings.Contains(text, "`") {
		return "`" + text + "`"
	}
	return fmt.Sprintf("%q", text)
}

// goType is a type as a program writes it that imports the SDK as hookline.
func goType(t reflect.Type) string {
	switch {
	case t.PkgPath() == reflect.TypeFor[hookline.Client]().PkgPath():
		return "hookline." + t.Name()
	case t.Name() != "" && t.Kind() != reflect.Interface:
		return t.String()
	case t.Kind() == reflect.Pointer:
		return "*" + goType(t.Elem())
	case t.Kind() == reflect.Slice:
		return "[]" + goType(t.Elem())
	case t.Kind() == reflect.Map:
		return "map[string]" + goType(t.Elem())
	}
	return "any"
}
