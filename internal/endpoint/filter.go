package endpoint

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	// filterCost limits the cost of one evaluation: about ten thousand elements, or a MiB of text. It is counted and
	// not measured, so the result does not depend on the speed of the machine.
	filterCost = 100_000
	// filterTime limits evaluations whose cost is counted wrongly.
	filterTime = time.Second
	// filterPrograms is how many compiled filters a process caches.
	filterPrograms = 2_000
	filterDepth    = 50
	filterMessage  = 300 // bytes of an error message
)

// Occurrence is an event as filters see it. It is not safe for concurrent use.
type Occurrence struct {
	Type       string
	ID         string
	OccurredAt time.Time
	Data       []byte // a JSON object

	decoded map[string]any
}

// filterEnv declares the variables and functions of filters. The extended text functions are left out: some build texts
// whose size the cost limit does not count.
var filterEnv = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(
		cel.Variable("event.type", cel.StringType),
		cel.Variable("event.id", cel.StringType),
		cel.Variable("event.occurred_at", cel.TimestampType),
		cel.Variable("data", cel.MapType(cel.StringType, cel.DynType)),
		cel.ParserRecursionLimit(filterDepth),
	)
})

type compiled struct {
	program cel.Program
	err     error
}

var filterCache = sync.OnceValue(func() *lru.Cache[string, compiled] {
	cache, err := lru.New[string, compiled](filterPrograms)
	if err != nil {
		panic(err) // the size is not positive
	}
	return cache
})

// compileFilter compiles a filter. Its errors say in plain words where the filter is wrong.
func compileFilter(text string) (cel.Program, error) {
	if c, ok := filterCache().Get(text); ok {
		return c.program, c.err
	}
	var c compiled
	c.program, c.err = newFilter(text)
	filterCache().Add(text, c)
	return c.program, c.err
}

func newFilter(text string) (cel.Program, error) {
	env, err := filterEnv()
	if err != nil {
		return nil, err
	}
	ast, issues := env.Compile(text)
	if faults := issues.Errors(); len(faults) > 0 {
		f := faults[0]
		return nil, fmt.Errorf("line %d, column %d: %s", f.Location.Line(), f.Location.Column()+1, short(f.Message))
	}
	if !ast.OutputType().IsExactType(cel.BoolType) {
		return nil,
			errors.New("line 1, column 1: the result must be true or false; compare it with something, such as " +
				"data.vip == true")
	}
	return env.Program(ast, cel.EvalOptions(cel.OptOptimize), cel.CostTracking(lengthCost{}), cel.CostLimit(filterCost),
		cel.InterruptCheckFrequency(100))
}

// lengthCost counts the length of what functions read. The library counts it only where it knows the types in advance,
// which is never the case for the data of an event.
type lengthCost struct{}

// CallCost implements the library's estimator; nil leaves the cost to the library.
func (lengthCost) CallCost(function, _ string, args []ref.Val, _ ref.Val) *uint64 {
	price := uint64(1)
	switch function {
	case operators.Index, operators.OptIndex:
		return nil
	case overloads.Matches, overloads.Contains:
		for _, arg := range args {
			price *= 1 + length(arg)/4
		}
	default:
		for _, arg := range args {
			price += length(arg)
		}
	}
	return &price
}

// length is in steps: ten characters, or one element, are one.
func length(v ref.Val) uint64 {
	switch v := v.(type) {
	case types.String:
		return uint64(len(v)) / 10
	case types.Bytes:
		return uint64(len(v)) / 10
	case traits.Sizer:
		if n, ok := v.Size().(types.Int); ok {
			return uint64(n) / 10
		}
	}
	return 0
}

// FilterError says why a filter has no result, for the owner of the endpoint.
type FilterError string

// Error implements error.
func (e FilterError) Error() string { return string(e) }

// Filter says whether an event passes a filter; every event passes the empty one. The error is a FilterError.
func Filter(text string, o *Occurrence) (bool, error) {
	if text == "" {
		return true, nil
	}
	program, err := compileFilter(text)
	if err != nil {
		return false, FilterError("The filter is not valid: " + err.Error() + ".")
	}
	if err := o.decode(); err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), filterTime)
	defer cancel()
	result, _, err := program.ContextEval(ctx, map[string]any{
		"event.type": o.Type, "event.id": o.ID, "event.occurred_at": o.OccurredAt, "data": o.decoded,
	})
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
	case strings.Contains(text, "cost limit"), strings.Contains(text, "interrupted"):
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
