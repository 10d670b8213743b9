package endpoint

import (
	"fmt"
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

func TestAnInvalidFilterIsRefusedWithThePositionOfTheError(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"data.score >":                    "line 1, column 13",
		"data.score > 1 &&\n  data.a == ": "line 2, column",
		"evnt.type == 'a'":                "did you mean 'event.type'?",
		"event.typ == 'a'":                "line 1, column",
		"event.type == 5":                 "line 1, column 12",
		"data.score":                      "true or false",
		"'a' + 'b'":                       "true or false",
		"1":                               "true or false",
		"nosuch(data)":                    "line 1, column 7",
		"data.a.lowerAscii() == 'a'":      "line 1, column",
		" ":                               "line 1",
		"data.a == 1 &&\n data.a.matches('(a{30}){30}')": "line 2, column 17: what matches() is given is a regular",
		"matches(data.a, '" + strings.Repeat("a", 1001) + "')": "line 1, column 17: what matches() is given is a " +
			"regular expression of 1001 bytes",
		"data.a.matches(r'(?i)[B-\\x{1E942}]')":                      "ignores case",
		"data.a.matches('(')":                                        "line 1, column 16: what matches() is given is not a regular expression",
		strings.Repeat("(", 500) + "true" + strings.Repeat(")", 500): "recursion",
	} {
		_, err := compileFilter(text)
		if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 400 {
			t.Errorf("%.40q: %v instead of %q", text, err, want)
		}
		if _, again := compileFilter(text); again == nil || again.Error() != err.Error() {
			t.Errorf("%.40q a second time: got %v, want %v", text, again, err)
		}
	}
}

func TestAFilterThatCantBeEvaluatedSaysWhy(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"data.missing > 1":                          "has(data.field)",
		"data.owner.nobody.x == 1":                  "has(data.field)",
		"data.email > 5":                            "can't be evaluated",
		"data.score / 0 == 1":                       "division by zero",
		"data.tags[7] == 'a'":                       "can't be evaluated",
		"data.vip && data.score":                    "can't be evaluated",
		"int(data.email) == 1":                      "can't be evaluated",
		"data.score.contains('8')":                  "can't be evaluated",
		"data.email.matches(data.email + '(')":      "what matches() is given is not a regular expression",
		"data.email.matches(data.email + 'a{999}')": "what matches() is given is a regular expression that is too large",
		"data.email.matches(data.score)":            "can't be evaluated",
		"data.tags[data.tags] == 'a'":               "an index must be a text or a number",
		"[data.tags][data.owner] == 'a'":            "an index must be a text or a number",
	} {
		o := occurrence
		got, err := Filter(text, &o)
		if got || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %t, %v instead of %q", text, got, err, want)
		}
	}
	if _, err := Filter("true", &Occurrence{Data: []byte(`[]`)}); err == nil {
		t.Error("filter on a list: got no error, want one")
	}
}

// large is an event of which everything is large.
func large() *Occurrence {
	var fields strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&fields, `"k%d":1,`, i)
	}
	o := &Occurrence{Data: []byte(`{"text":"` + strings.Repeat("x", 400_000) + `","items":[1` +
		strings.Repeat(",1", 100_000) + `],"deep":[[[1` + strings.Repeat(",1", 100_000) + `]]],"map":{` +
		fields.String() +
		`"last":1},"small":{"a":1,"b":[2]},` +
		`"short":"` + strings.Repeat("x", 100) + `","pattern":"` + strings.Repeat("(a|b)*", 80) +
		`","slow":"(?i)` + strings.Repeat("[B-\U0001E942]", 100) + `","huge":"((a{30}){30}){30}"}`)}
	_ = o.decode()
	return o
}

// TestTheCostOfAFilterIsLimited gives expensive filters a large event. Steps are counted, so how fast the machine
// is changes nothing; BenchmarkFilterSteps measures how long they take.
func TestTheCostOfAFilterIsLimited(t *testing.T) {
	t.Parallel()
	const sevens = "[7,7,7,7,7,7,7,7,7,7]"
	nested := "true"
	for range 9 {
		nested = sevens + ".all(a, " + nested + ")"
	}
	shared := "a == a"
	for range 9 {
		shared = "[[a,a,a,a,a,a,a,a,a,a]].all(a, " + shared + ")"
	}
	o := large()
	for _, text := range []string{
		"data.items.all(i, i > 0)",
		"data.items.all(i, true ? true : false)",
		"data.items.all(i, data.items.all(j, data.items.all(k, i + j + k > 0)))",
		"data.items.map(i, {'a': i}).size() > 0",
		"data.items.filter(i, i > 0).size() > 0",
		"data.items.map(i, data.items.map(j, data.text + data.text)).size() > 0",
		"data.items.all(i, size(data.text) > 0)",
		"data.items.all(i, data.text.size() > 0)",
		"data.items.all(i, !data.text.matches('(x+x+)+y'))",
		"data.items.all(i, !data.short.matches('(x+x+)+y'))",
		"!data.text.matches('(x+x+)+y')",
		"data.items.all(i, data.short.matches(data.pattern))",
		"data.items.all(i, data.short.matches(data.slow) || true)",
		"data.items.all(i, data.short.matches(data.huge) || true)",
		"data.items.all(i, !data.text.contains('xxxxxxxxxxxxxxxxxxy'))",
		"[data.text].all(t, data.items.all(i, !t.contains('y')))",
		"[data.text].all(t, data.items.all(i, !has(data.map[t].x) || true))",
		"[data.text + data.text].all(t, [t + t].all(u, [u + u].all(v, [v + v].all(w, w + w != w))))",
		"data.items.all(i, !(2 in data.items))",
		"data.deep == data.deep",
		"data.items.all(i, data.map == data.map)",
		"data.items.all(i, !(data.deep in [data.deep]))",
		"data.items.all(i, data.map.exists(k, true))",
		"data.items.all(i, data.map['k1'] == 1)",
		"data.items.all(i, [1][dyn(data.deep)] == 1 || true)",
		"data.items.all(i, event.occurred_at.getHours('Europe/Berlin') < 24)",
		"data.items.all(i, timestamp('2026-02-04T00:00:00Z') < timestamp('2026-02-0' + string(5 + i) + 'T00:00:00Z'))",
		nested,
		"[7].all(a, " + shared + ")",
	} {
		_, err := Filter(text, o)
		if err == nil || !strings.Contains(err.Error(), "too many steps") {
			t.Errorf("%s: got %v, want too many steps", text, err)
		}
	}
	for _, text := range []string{"size(data.items) > 10 && size(data.text) > 10", "data.text.startsWith('xx')",
		"!data.text.contains('xy')", "!(2 in data.items)", "data.map['k1'] == 1", "data.short.matches('^x+$')",
		"data.short.matches(data.short)", "data.small == data.small"} {
		if ok, err := Filter(text, o); !ok || err != nil {
			t.Errorf("%s: got %t, %v, want true", text, ok, err)
		}
	}
}

func TestEqualityIsTheLibrarys(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"data.tags == ['a', 'b']": true, "data.tags == ['b', 'a']": false, "data.tags == ['a']": false,
		"data.tags != ['a', 'b']": false, "data.tags != 'a'": true, "data.tags == 'a'": false,
		"data.owner == {'team': {'name': 'north'}}": true, "data.owner == {'team': {'name': 'south'}}": false,
		"data.owner == {'group': {'name': 'north'}}": false, "data.owner == {}": false,
		"data.owner == data.tags":                 false,
		"data.items[0] == {'sku': 'x', 'n': 2.0}": true, "data.items[0] in data.items": true,
		"{'sku': 'x'} in data.items": false, "'team' in data.owner": true, "'x' in data.owner": false,
		"data.none == null": true, "data.none != null": false, "null in [1, null]": true, "dyn(2.0) in [1, 2]": true,
		"dyn(2) == 2.0": true, "data.email == data.score": false, "[1] + [2] == [1, 2]": true,
	} {
		o := occurrence
		if got, err := Filter(text, &o); err != nil || got != want {
			t.Errorf("%s: got %t, %v, want %t", text, got, err, want)
		}
	}
	for _, text := range []string{"'a' in data.score", "data.missing == 1", "1 in data.missing"} {
		o := occurrence
		if got, err := Filter(text, &o); err == nil {
			t.Errorf("%s: got %t, want an error", text, got)
		}
	}
}

// TestCompiledFiltersAreKeptByTheirSize fills a cache with the largest filters there are.
func TestCompiledFiltersAreKeptByTheirSize(t *testing.T) {
	t.Parallel()
	cache := newFilters()
	const n = 1000
	for i := range n {
		text := fmt.Sprintf(`data.a%d.matches('%s')`, i, strings.Repeat(`\\pL`, 20))
		c := newFilter(text)
		if c.err != nil || c.weight < 100_000 { // what it takes in memory, measured once
			t.Fatalf("%s: weighs %d bytes, %v, want 100,000 or more", text, c.weight, c.err)
		}
		cache.add(text, c)
	}
	if cache.bytes > filterBytes || cache.kept.Len() >= n || cache.kept.Len() < 10 {
		t.Errorf("%d filters of %d bytes are kept, want as many as fit into %d", cache.kept.Len(), cache.bytes, filterBytes)
	}
	for cache.kept.Len() > 0 {
		cache.kept.RemoveOldest()
	}
	if cache.bytes != 0 {
		t.Errorf("bytes of an empty cache: got %d, want 0", cache.bytes)
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
		o := &Occurrence{Data: []byte(data)}
		if ok, err := Filter(text, o); ok && err != nil {
			t.Errorf("%q: got true and %v, want one of both", text, err)
		}
		if o.spent > filterSteps {
			t.Errorf("%q: got %d steps, want at most %d", text, o.spent, filterSteps)
		}
	})
}
