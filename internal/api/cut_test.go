package api

import (
	"testing"
)

func TestWhatIsLeftOfABodyAndHowItsFieldsWereCalled(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body   string
		fields []string
		rest   string
		calls  map[string]string // fields of the rest by what the body calls them
	}{
		"a field": {`{"a":1,"b":2}`, []string{"a"}, `{"b":2}`, map[string]string{"b": "b"}},
		"a part of a field": {`{"auth":{"type":"oauth2","zz":1}}`, []string{"auth.zz"},
			`{"auth":{"type":"oauth2"}}`, map[string]string{"auth.type": "auth.type"}},
		"items": {`{"l":["x",5,"y",6,"z"]}`, []string{"l[1]", "l[3]"}, `{"l":["x","y","z"]}`,
			map[string]string{"l[0]": "l[0]", "l[1]": "l[2]", "l[2]": "l[4]", "l[3].a": "l[5].a"}},
		"a part of an item": {`{"l":[{"a":1,"b":[1,2]},{"a":2}]}`, []string{"l[0].b[0]", "l[1]"},
			`{"l":[{"a":1,"b":[2]}]}`, map[string]string{"l[0].b[0]": "l[0].b[1]", "l[0].a": "l[0].a"}},
		"a name with dots": {`{"p":{"lead.created":{"n":0,"m":1},"lead":{"created":1}}}`,
			[]string{"p.lead.created.n"}, `{"p":{"lead":{"created":1},"lead.created":{"m":1}}}`,
			map[string]string{"p.lead.created.m": "p.lead.created.m", "p.nope": "p.nope"}},
		"what isn't there":  {`{"a":{"b":1}}`, []string{"a.c", "d"}, `{"a":{"b":1}}`, map[string]string{"a.b": "a.b"}},
		"all items":         {`{"l":[1]}`, []string{"l[0]"}, `{"l":[]}`, map[string]string{"l": "l"}},
		"a part of no part": {`{"a":"x","b":1}`, []string{"a.c"}, `{"b":1}`, map[string]string{"b": "b"}},
		"no object":         {`[1]`, []string{"[0]"}, ``, nil},
	} {
		taken := newCut([]byte(c.body), c.fields)
		if got := string(taken.rest()); got != c.rest {
			t.Errorf("%s: %s without %v: got %s, want %s", name, c.body, c.fields, got, c.rest)
		}
		for of, want := range c.calls {
			if got := taken.original(of); got != want {
				t.Errorf("%s: %s of what is left of %s: got %s, want %s", name, of, c.body, got, want)
			}
		}
	}
}

func TestFieldsAboutWhatWasTakenOutAreNotViolations(t *testing.T) {
	t.Parallel()
	taken := newCut([]byte(`{}`), []string{"auth.type", "l[1]"})
	for field, want := range map[string]bool{"auth": true, "auth.type": true, "auth.type.x": true, "auth.types": false,
		"l": true, "l[1]": true, "l[1].a": true, "l[10]": false, "other": false} {
		if got := taken.touches(field); got != want {
			t.Errorf("%s: got %v, want %v", field, got, want)
		}
	}
}
