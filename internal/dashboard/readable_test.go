package dashboard

import (
	"reflect"
	"strings"
	"testing"
)

func TestDifferencesAreOfFieldsAndHideSecrets(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before, after string
		want          []fieldChange
	}{
		"nothing":  {`null`, `null`, nil},
		"the same": {`{"a":1,"b":[1,2]}`, `{"b":[1,2],"a":1}`, nil},
		"made":     {`null`, `{"name":"x"}`, []fieldChange{{"name", "", "x"}}},
		"gone":     {`{"name":"x"}`, `null`, []fieldChange{{"name", "x", ""}}},
		"inside": {`{"retry":{"max":3,"wait":"1s"}}`, `{"retry":{"max":5,"wait":"1s"}}`,
			[]fieldChange{{"retry.max", "3", "5"}}},
		"a list":        {`{"events":["a"]}`, `{"events":["a","b"]}`, []fieldChange{{"events", "[a]", "[a, b]"}}},
		"things":        {`{"l":[{"a":1}]}`, `{"l":[{"a":2}]}`, []fieldChange{{"l.0.a", "1", "2"}}},
		"large numbers": {`{"n":9007199254740993}`, `{"n":null}`, []fieldChange{{"n", "9007199254740993", "null"}}},
		"an own secret": {`{"client_secret":"s3cret"}`, `null`, []fieldChange{{"client_secret", masked, ""}}},
		"a header": {`null`, `{"headers":{"Authorization":"Bearer s3cret"}}`,
			[]fieldChange{{"headers.Authorization", "", masked}}},
		"no document":    {`nonsense`, `{"a":""}`, []fieldChange{{"a", "", ""}}},
		"what is hidden": {`{"token":"a"}`, `{"token":"b"}`, []fieldChange{{"token", masked, masked}}},
	} {
		if got := differences([]byte(c.before), []byte(c.after)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
	long := differences([]byte(`null`), []byte(`{"a":"`+strings.Repeat("ä", 5000)+`"}`))
	if len([]rune(long[0].After)) != longestValue+1 {
		t.Errorf("characters of a long value: got %d, want %d", len([]rune(long[0].After)), longestValue+1)
	}
}

func TestASchemaBecomesATableOfFields(t *testing.T) {
	t.Parallel()
	got := fields([]byte(`{"type":"object","required":["id"],"allOf":[{"properties":{"base":{"type":"string","format":"email"}},"required":["base"]}],
		"properties":{"a":{"type":["string","null"],"enum":["x","y"]},"id":{"type":"integer","minimum":1,"description":"The ` + "`id`" + `."},
		"list":{"type":"array","items":{"type":"object","properties":{"n":{"type":"number"}}}},
		"map":{"type":"object","additionalProperties":{"type":"boolean"}},"any":{}}}`))
	var lines []string
	for _, f := range got {
		line := f.Path + ": " + f.Type
		if f.Required {
			line += "!"
		}
		for _, r := range f.Rules {
			line += "; " + r
		}
		lines = append(lines, line)
	}
	want := []string{
		"base: string!; email", "id: integer!; at least 1", "a: string or null; one of x, y", "any: anything",
		"list: array of object", "list[].n: number", "map: object", "map.*: boolean",
	}
	if !reflect.DeepEqual(lines, want) {
		t.Errorf("fields: got %q, want %q", lines, want)
	}
	if text := got[1].Text; !reflect.DeepEqual(text, []phrase{{"The ", false}, {"id", true}, {".", false}}) {
		t.Errorf("text with code: got %+v, want The, id as code and a full stop", text)
	}
	if fields([]byte(`true`)) != nil || len(fields([]byte(`{}`))) != 0 {
		t.Error("fields of a schema without any: got some, want none")
	}
}
