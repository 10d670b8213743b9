package endpoint

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// costly is a filter that took more time than its steps said, and how many steps one evaluation needs at least: its CPU
// time, measured on a quiet machine, in steps of 100 ns.
type costly struct {
	name, filter string
	data         map[string]any
	least        int
}

func costlyFilters() []costly {
	deep := any("x")
	for range 5000 {
		deep = []any{deep}
	}
	var maps []any
	for i := range 1000 {
		maps = append(maps, map[string]any{"a": i, "b": i})
	}
	keys := map[string]any{}
	for i := range 100 {
		keys[strings.Repeat("k", 9000)+fmt.Sprint(i)] = 1
	}
	a := strings.Repeat("a", 3900)
	texts := slices.Repeat([]string{a + "b"}, 260)
	return []costly{
		{"size of a constant", "'" + strings.Repeat("é", 1800) + "'.size() > 1", map[string]any{}, 50},
		{"constant contains", "!'" + a + "'.contains('" + strings.Repeat("a", 50) + "b')", map[string]any{}, 39},
		{"duration", "duration(data.t) > duration('1s')", map[string]any{"t": strings.Repeat("1h", 1800)}, 130},
		{"double", "double(data.t) > 1.0", map[string]any{"t": "1." + strings.Repeat("1", 3800)}, 75},
		{"text in texts", "!('" + a + "z' in data.l)", map[string]any{"l": texts}, 260 * 2},
		{"long keys", "data.m == data.n", map[string]any{"m": keys, "n": keys}, 100 * 90},
		{"nested lists", "data.d == data.d", map[string]any{"d": deep}, 5000 * 3},
		{"classes that ignore case", "!data.s.matches(data.p)",
			map[string]any{"s": "a", "p": "(?i)" + strings.Repeat(`\pL`, 9)}, 3100},
		{"map in maps", "data.l[999] in data.l", map[string]any{"l": maps}, 1000 * 6},
	}
}

func (c costly) occurrence(tb testing.TB) *Occurrence {
	tb.Helper()
	raw, err := json.Marshal(c.data)
	if err != nil {
		tb.Fatal(err)
	}
	return &Occurrence{Data: raw}
}

// TestStepsCoverWhatAFilterCosts counts the steps, so that how fast the machine is changes nothing.
func TestStepsCoverWhatAFilterCosts(t *testing.T) {
	t.Parallel()
	for _, c := range costlyFilters() {
		o := c.occurrence(t)
		if ok, err := Filter(c.filter, o); !ok || err != nil {
			t.Errorf("%s: got %t, %v, want true", c.name, ok, err)
		}
		if o.spent < c.least || o.spent > filterSteps {
			t.Errorf("%s: got %d steps, want %d to %d", c.name, o.spent, c.least, filterSteps)
		}
	}
}

// BenchmarkFilterSteps shows what a step costs in each of them; it is to be some 100 ns at most.
func BenchmarkFilterSteps(b *testing.B) {
	for _, c := range costlyFilters() {
		b.Run(strings.ReplaceAll(c.name, " ", "_"), func(b *testing.B) {
			o := c.occurrence(b)
			for b.Loop() {
				_, _ = Filter(c.filter, o) // measured only
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(max(1, o.spent)), "ns/step")
		})
	}
}
