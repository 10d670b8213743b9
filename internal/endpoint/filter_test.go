package endpoint

import (
	"strings"
	"testing"
	"time"
)

var occurrence = Occurrence{
	Type: "lead.created", ID: "evt_1", OccurredAt: time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC),
	Data: []byte(`{"score":80,"ratio":0.5,"whole":3.0,"big":9007199254740993,"email":"Ada@Example.com","vip":true,"none":null,
		"tags":["a","b"],"owner":{"team":{"name":"north"}},"items":[{"sku":"x","n":2},{"sku":"y","n":5}]}`),
}

func TestAFilterSeesTheEventAndItsData(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": true, "true": true, "false": false,
		"event.type == 'lead.created'": true, "event.type.startsWith('job.')": false, "event.id == 'evt_1'": true,
		"event.occurred_at < timestamp('2026-02-04T00:00:00Z')": true, "event.occurred_at.getHours() == 13": false,
		"data.score > 50": true, "data.score > 80.5": false, "data.score == 80.0": true, "data.score + 1 == 81": true,
		"data.ratio < 1": true, "data.whole == 3": true,
		"data.big == 9007199254740993": true, "data.big == 9007199254740992": false, // equal as floats
		"data.vip == true": true, "data.vip == false": false, "data.none == null": true,
		"data.email.matches('(?i)@example[.]com$')": true,
		"'a' in data.tags":                          true, "size(data.tags) == 2": true,
		"data.owner.team.name == 'north'":               true,
		"data.items.exists(i, i.sku == 'y' && i.n > 4)": true, "data.items.all(i, i.n > 2)": false,
		"has(data.missing) && data.missing == 1": false, "!has(data.missing)": true, "data['score'] >= 80": true,
	} {
		o := occurrence
		if got, err := Filter(text, &o); err != nil || got != want {
			t.Errorf("%s: %t, %v instead of %t", text, got, err, want)
		}
	}
}

func TestAFilterThatIsNoneIsRefusedWithItsPosition(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"data.score >":                    "line 1, column 13",
		"data.score > 1 &&\n  data.a == ": "line 2, column",
		"evnt.type == 'a'":                "line 1, column 1",
		"event.typ == 'a'":                "line 1, column",
		"event.type == 5":                 "line 1, column 12",
		"data.score":                      "true or false",
		"'a' + 'b'":                       "true or false",
		"1":                               "true or false",
		"nosuch(data)":                    "line 1, column 7",
		"data.a.lowerAscii() == 'a'":      "line 1, column",
		" ":                               "line 1",
		"data.a.matches('(')":             "regexp",
		strings.Repeat("(", 500) + "true" + strings.Repeat(")", 500): "recursion",
	} {
		_, err := compileFilter(text)
		if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 400 {
			t.Errorf("%.40q: %v instead of %q", text, err, want)
		}
		if _, again := compileFilter(text); again == nil || again.Error() != err.Error() {
			t.Errorf("%.40q: the second time %v", text, again)
		}
	}
}

func TestAFilterThatCantBeEvaluatedSaysWhy(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"data.missing > 1":         "has(data.field)",
		"data.owner.nobody.x == 1": "has(data.field)",
		"data.email > 5":           "can't be evaluated",
		"data.score / 0 == 1":      "division by zero",
		"data.tags[7] == 'a'":      "can't be evaluated",
		"data.vip && data.score":   "can't be evaluated",
		"int(data.email) == 1":     "can't be evaluated",
		"data.score.contains('8')": "can't be evaluated",
	} {
		o := occurrence
		got, err := Filter(text, &o)
		if got || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %t, %v instead of %q", text, got, err, want)
		}
	}
	if _, err := Filter("true", &Occurrence{Data: []byte(`[]`)}); err == nil {
		t.Error("a list was taken for an object")
	}
}

// TestAFilterCantBeMadeToWorkForLong gives expensive filters a large event. Steps are counted, so how fast the machine
// is changes nothing.
func TestAFilterCantBeMadeToWorkForLong(t *testing.T) {
	t.Parallel()
	large := []byte(`{"text":"` + strings.Repeat("x", 400_000) + `","items":[1` + strings.Repeat(",1", 100_000) + `]}`)
	for _, text := range []string{
		"data.items.all(i, i > 0)",
		"data.items.all(i, data.items.all(j, data.items.all(k, i + j + k > 0)))",
		"data.items.map(i, data.items.map(j, data.text + data.text)).size() > 0",
		"data.items.all(i, size(data.text) > 0)",
		"data.items.all(i, data.text.size() > 0)",
		"data.items.all(i, !data.text.matches('(x+x+)+y'))",
		"data.items.all(i, !data.text.contains('xxxxxxxxxxxxxxxxxxy'))",
		"data.items.all(i, !(2 in data.items))",
	} {
		_, err := Filter(text, &Occurrence{Data: large})
		if err == nil || !strings.Contains(err.Error(), "too many steps") {
			t.Errorf("%s: %v", text, err)
		}
	}
	for _, text := range []string{"size(data.items) > 10 && size(data.text) > 10", "data.text.startsWith('xx')"} {
		if ok, err := Filter(text, &Occurrence{Data: large}); !ok || err != nil {
			t.Errorf("%s: %t, %v", text, ok, err)
		}
	}
}

func FuzzFilter(f *testing.F) {
	for _, text := range []string{"data.score > 1", "has(data.a.b)", "data.items.exists(i, i.n == 1)",
		"event.type in ['a']", "((", "\x00", "data.?a"} {
		f.Add(text, `{"score":1}`)
	}
	f.Fuzz(func(t *testing.T, text, data string) {
		if len(text) > 2000 {
			return
		}
		if ok, err := Filter(text, &Occurrence{Data: []byte(data)}); ok && err != nil {
			t.Errorf("%q passes beside %v", text, err)
		}
	})
}
