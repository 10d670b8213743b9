package endpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/overloads"
	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/hookline/hookline/internal/pattern"
	"github.com/hookline/hookline/internal/profile"
)

const (
	// filterBytes is the approximate size of the compiled filters that a process caches.
	filterBytes   = 32 << 20
	filterDepth   = 50
	filterMessage = 300 // bytes of an error message
)

// Occurrence is an event as filters see it. It is not safe for concurrent use.
type Occurrence struct {
	Type       string
	ID         string
	OccurredAt time.Time
	Data       []byte // a JSON object
	// Budget is how many steps the filters of all endpoints may take together, about; 0 is for no limit. See Spent.
	Budget int

	decoded  map[string]any
	forms    map[string]*Occurrence // by profile; see In
	spent    int                    // steps of all filters
	prepared int                    // steps of decoding the data and compiling filters
}

// Spent is how many steps, of some 100 ns, the filters took that the event was given to, in all its forms.
func (o *Occurrence) Spent() int {
	n := o.spent + o.prepared
	for _, form := range o.forms {
		if form != o {
			n += form.spent + form.prepared
		}
	}
	return n
}

// In returns the event with the type and the data that bodies of a profile have, given one with ours.
func (o *Occurrence) In(p profile.Profile) (*Occurrence, error) {
	if known, ok := o.forms[p.Name]; ok {
		return known, nil
	}
	out := o
	if name := p.EventName(o.Type); name != o.Type || p.Rewrites(o.Type) {
		data, err := p.FromCanonical(o.Type, o.Data)
		if err != nil {
			return nil, err
		}
		out = &Occurrence{Type: name, ID: o.ID, OccurredAt: o.OccurredAt, Data: data}
	}
	if o.forms == nil {
		o.forms = map[string]*Occurrence{}
	}
	o.forms[p.Name] = out
	return out, nil
}

// filterEnv declares the variables and functions of filters. The extended text functions are left out: some build texts
// whose size is not counted before.
var filterEnv = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(
		cel.Variable("event.type", cel.StringType),
		cel.Variable("event.id", cel.StringType),
		cel.Variable("event.occurred_at", cel.TimestampType),
		cel.Variable("data", cel.MapType(cel.StringType, cel.DynType)),
		cel.ParserRecursionLimit(filterDepth),
	)
})

// compiled is a compiled filter, or what is wrong with it.
type compiled struct {
	program cel.Program
	err     error
	types   []typeName // that it compares event.type with
	weight  int        // in bytes
}

// minFilter, filterNode and filterText estimate what a compiled filter takes in memory: one by itself, for each part of
// it, and for each byte of its text.
const (
	minFilter  = 4 << 10
	filterNode = 150
	filterText = 4
)

var filterCache = sync.OnceValue(newFilters)

// filters is an LRU cache of compiled filters by their text.
type filters struct {
	mu    sync.Mutex
	kept  *simplelru.LRU[string, compiled]
	bytes int
}

func newFilters() *filters {
	f := &filters{}
	kept, err := simplelru.NewLRU(filterBytes/minFilter, func(_ string, dropped compiled) { f.bytes -= dropped.weight })
	if err != nil {
		panic(err) // the size is not positive
	}
	f.kept = kept
	return f
}

func (f *filters) get(text string) (compiled, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.kept.Get(text)
}

func (f *filters) add(text string, c compiled) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.kept.Contains(text) {
		return
	}
	f.kept.Add(text, c)
	f.bytes += c.weight
	for f.bytes > filterBytes && f.kept.Len() > 1 {
		f.kept.RemoveOldest()
	}
}

// compileFilter compiles a filter. Its errors say in plain words where the filter is wrong.
func compileFilter(text string) (cel.Program, error) {
	c, _ := filterOf(text)
	return c.program, c.err
}

// filterOf returns a compiled filter, and how many steps compiling it took now.
func filterOf(text string) (c compiled, steps int) {
	if c, ok := filterCache().get(text); ok {
		return c, 0
	}
	c = newFilter(text)
	filterCache().add(text, c)
	return c, c.weight / stepCompiled
}

func newFilter(text string) compiled {
	c := compiled{weight: minFilter + filterText*len(text)}
	var parsed *cel.Ast
	if parsed, c.err = parseFilter(text); c.err != nil {
		return c
	}
	c.types = typeNames(parsed.NativeRep())
	known, nodes, err := constants(parsed.NativeRep())
	if c.err = err; err != nil {
		return c
	}
	c.weight += filterNode * nodes
	for _, p := range known.patterns {
		c.weight += p.Weight()
	}
	env, err := filterEnv()
	if err != nil {
		c.err = err
		return c
	}
	c.program, c.err = env.Program(parsed, cel.EvalOptions(cel.OptOptimize), cel.CustomDecoratorV2(known.count),
		cel.InterruptCheckFrequency(filterSteps))
	return c
}

func parseFilter(text string) (*cel.Ast, error) {
	env, err := filterEnv()
	if err != nil {
		return nil, err
	}
	parsed, issues := env.Compile(text)
	if faults := issues.Errors(); len(faults) > 0 {
		f := faults[0]
		return nil, fmt.Errorf("line %d, column %d: %s", f.Location.Line(), f.Location.Column()+1, short(f.Message))
	}
	if !parsed.OutputType().IsExactType(cel.BoolType) {
		return nil,
			errors.New("line 1, column 1: the result must be true or false; compare it with something, such as " +
				"data.vip == true")
	}
	return parsed, nil
}

// constants compiles the regular expressions that a filter contains, and counts its parts.
func constants(parsed *ast.AST) (known expressions, nodes int, err error) {
	known = expressions{map[string]*pattern.Pattern{}, map[int64]bool{}}
	ast.PreOrderVisit(parsed.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		nodes++
		if e.Kind() != ast.CallKind {
			return
		}
		if slow[e.AsCall().FunctionName()] {
			known.markSlow(e)
		}
		if e.AsCall().FunctionName() != overloads.Matches {
			return
		}
		args := e.AsCall().Args()
		last := args[len(args)-1]
		text, ok := "", last.Kind() == ast.LiteralKind
		if ok {
			text, ok = last.AsLiteral().Value().(string)
		}
		if !ok {
			return
		}
		compiled, wrong := pattern.Compile(text)
		if wrong != nil && err == nil {
			at := parsed.SourceInfo().GetStartLocation(last.ID())
			err = fmt.Errorf("line %d, column %d: what matches() is given %w", at.Line(), at.Column()+1, wrong)
		}
		known.patterns[text] = compiled
	}))
	return known, nodes, err
}

// markSlow marks all parts of a call's arguments: the library names a field by the id of any of its parts.
func (e expressions) markSlow(of ast.Expr) {
	mark := ast.NewExprVisitor(func(part ast.Expr) { e.slow[part.ID()] = true })
	for _, arg := range of.AsCall().Args() {
		ast.PreOrderVisit(arg, mark)
	}
	if of.AsCall().IsMemberFunction() {
		ast.PreOrderVisit(of.AsCall().Target(), mark)
	}
}

// FilterError says why a filter has no result, for the owner of the endpoint.
type FilterError string

// Error implements error.
func (e FilterError) Error() string { return string(e) }

// Passes says whether an event, with our type and data, passes the endpoint's filter, which sees it as bodies have it.
// The error is a FilterError, unless the event has no such body.
func (e Endpoint) Passes(o *Occurrence) (bool, error) {
	if e.Filter == "" {
		return true, nil
	}
	if o.Budget > 0 && o.Spent() >= o.Budget {
		return false, errBudget
	}
	seen, err := o.In(profile.Of(e.Profile))
	if err != nil {
		return false, err
	}
	return Filter(e.Filter, seen)
}

const errBudget = FilterError("The filters of all endpoints together need too many steps for this event. Make them " +
	"simpler.")

// Filter says whether an event passes a filter; every event passes the empty one. The error is a FilterError.
func Filter(text string, o *Occurrence) (bool, error) {
	if text == "" {
		return true, nil
	}
	c, took := filterOf(text)
	if o.prepared += took; c.err != nil {
		return false, FilterError("The filter is not valid: " + c.err.Error() + ".")
	}
	if err := o.decode(); err != nil {
		return false, err
	}
	vars := &scope{meter{filterSteps}, o}
	result, _, err := c.program.ContextEval(interrupted, vars)
	o.spent += filterSteps - max(0, vars.left)
	if err != nil {
		return false, explainFilter(err)
	}
	passes, ok := result.Value().(bool)
	if !ok {
		return false, FilterError("The filter's result is neither true nor false.")
	}
	return passes, nil
}

func explainFilter(err error) error {
	text := err.Error()
	switch {
	case strings.Contains(text, "steps are used up"), strings.Contains(text, "interrupted"):
		text = "The filter needs too many steps for this event. Make it simpler."
	case strings.Contains(text, "no such key"), strings.Contains(text, "no such attribute"):
		text = "The filter can't be evaluated: " + short(text) +
			". Ask has(data.field) first where a field may be missing."
	default:
		text = "The filter can't be evaluated: " + short(text) + "."
	}
	return FilterError(text)
}

func short(text string) string {
	text = strings.TrimSuffix(strings.ToValidUTF8(strings.ReplaceAll(text, "\n", " "), ""), ".")
	if len(text) > filterMessage {
		return strings.ToValidUTF8(text[:filterMessage], "") + "…"
	}
	return text
}

// decode decodes the data. Whole numbers stay integers, so that large ids compare exactly.
func (o *Occurrence) decode() error {
	if o.decoded != nil {
		return nil
	}
	o.prepared += len(o.Data) / stepDecoded
	d := json.NewDecoder(bytes.NewReader(o.Data))
	d.UseNumber()
	if err := d.Decode(&o.decoded); err != nil || o.decoded == nil {
		return FilterError("The data of the event is not a JSON object.")
	}
	for name, v := range o.decoded {
		o.decoded[name] = numbers(v)
	}
	return nil
}

func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	case map[string]any:
		for name, child := range v {
			v[name] = numbers(child)
		}
	case []any:
		for i, child := range v {
			v[i] = numbers(child)
		}
	}
	return v
}
