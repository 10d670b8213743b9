package endpoint

import (
	"context"
	"errors"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"

	"github.com/hookline/hookline/internal/pattern"
)

// A filter's evaluation is limited by steps, which are counted before the work where that depends on the values. Each
// is about 100 ns. They are not measured, so the result does not depend on the speed of the machine or on what else it
// does. The library's own cost limit can't be used: it counts a call after it was made, a list by its length and not by
// what is in it, and its bookkeeping takes time that grows with the square of the cost.
const (
	filterSteps = 75_000
	// The sizes of values that are a step.
	stepBytes    = 100 // of a text that a function reads
	stepKeys     = 4   // of a map, which copies its keys to iterate
	stepElements = 3   // of a list that is searched for a text or a number
	stepMatch    = 4   // characters of a text, times the size of the expression that it is matched with
	stepsElement = 3   // for each value in a list or a map that the filter makes
	stepsPattern = 40  // for each byte of an expression that is compiled during the evaluation
	stepsFlagged = 160 // the same for an expression with flags, which may ignore case in large classes
	stepsList    = 4   // for each list that is compared
	stepsMap     = 10  // for each map that is compared
	stepsEntry   = 5   // for each entry of it, beside the bytes of its key
	slowText     = 4   // how many times as long functions of slow take for a text
	stepsZone    = 500 // to load a time zone
	stepDecoded  = 7   // bytes of an event's data that are decoded
	stepCompiled = 3   // bytes of memory that a compiled filter takes
)

// interrupted is a context that has ended: the library interrupts an evaluation when it looks at the context, which is
// after filterSteps iterations, if it has not used up its steps by then.
var interrupted = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// meter counts the steps that an evaluation has left.
type meter struct{ left int }

// spend takes steps; without enough of them it ends the evaluation by the library's own panic, which the library turns
// into an error.
func (m *meter) spend(steps int) {
	if m.left -= max(0, steps); m.left < 0 {
		panic(interpreter.EvalCancelledError{Cause: interpreter.CostLimitExceeded, Message: "the steps are used up"})
	}
}

// meterName is the variable with the meter of an evaluation; no filter can have such a name.
const meterName = "@meter"

// meterOf returns the meter of an evaluation. There is none while a filter is compiled, when the library evaluates what
// is constant in it.
func meterOf(vars interpreter.Activation) *meter {
	if v, ok := vars.ResolveName(meterName); ok {
		return v.(*meter) //nolint:errcheck // nothing else has the name
	}
	return &meter{filterSteps}
}

// scope has the variables of one evaluation.
type scope struct {
	meter
	*Occurrence
}

// ResolveName implements the library's activation.
func (s *scope) ResolveName(name string) (any, bool) {
	switch name {
	case meterName:
		return &s.meter, true
	case "event.type":
		return s.Type, true
	case "event.id":
		return s.ID, true
	case "event.occurred_at":
		return s.OccurredAt, true
	case "data":
		return s.decoded, true
	}
	return nil, false
}

// Parent implements the library's activation.
func (s *scope) Parent() cel.Activation { return nil }

// steps is what whoever gets a value may spend on it.
func steps(v any) int {
	switch v := v.(type) {
	case types.String:
		return 1 + len(v)/stepBytes
	case types.Bytes:
		return 1 + len(v)/stepBytes
	case string:
		return 1 + len(v)/stepBytes
	case traits.Mapper:
		n, _ := v.Size().(types.Int)
		return 1 + int(n)/stepKeys
	}
	return 1
}

// expressions are what is known of a filter's parts when it is compiled.
type expressions struct {
	patterns map[string]*pattern.Pattern // the regular expressions that it contains, by their text
	slow     map[int64]bool              // the parts in arguments of functions that are slow for a text
}

// slow are the functions that take longer for a text than others do.
var slow = map[string]bool{
	overloads.Size: true, overloads.TypeConvertDouble: true, overloads.TypeConvertDuration: true,
	overloads.TypeConvertTimestamp: true, overloads.TypeConvertInt: true, overloads.TypeConvertUint: true,
}

// rate is how many times a part's value counts.
func (e expressions) rate(part int64) int {
	if e.slow[part] {
		return slowText
	}
	return 1
}

// call makes a call that also counts its constant arguments, which no node of their own does.
func (e expressions) call(i interpreter.InterpretableCall, price int) call {
	for _, arg := range i.Args() {
		if c, ok := arg.(interpreter.InterpretableConst); ok {
			price += (steps(c.Value()) - 1) * e.rate(c.ID())
		}
	}
	return call{i, price, e.rate(i.ID())}
}

// count replaces the parts of a filter that take time by others that count steps.
func (e expressions) count(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	switch i := i.(type) {
	case interpreter.InterpretableConst: // a constant is an attribute, too
		return i, nil
	case interpreter.InterpretableAttribute:
		return attribute{i, e.rate(i.ID())}, nil
	case interpreter.InterpretableCall:
		functions := map[string]func(m *meter, left, right ref.Val) ref.Val{
			operators.Equals: (*meter).equal, operators.NotEquals: (*meter).unequal, operators.In: (*meter).contains,
			overloads.Matches: e.matches,
		}
		args := i.Args()
		if own := functions[i.Function()]; own != nil && len(args) == 2 {
			return binary{i.ID(), args[0], args[1], own}, nil
		}
		if zoned[i.Function()] && len(args) == 2 {
			return e.call(i, stepsZone), nil
		}
		return e.call(i, 1), nil
	case interpreter.InterpretableConstructor:
		return constructor{i, 1 + stepsElement*len(i.InitVals())}, nil
	}
	return i, nil
}

// zoned are the functions that take a time zone.
var zoned = map[string]bool{
	overloads.TimeGetFullYear: true, overloads.TimeGetMonth: true, overloads.TimeGetDayOfYear: true,
	overloads.TimeGetDayOfMonth: true, overloads.TimeGetDate: true, overloads.TimeGetDayOfWeek: true,
	overloads.TimeGetHours: true, overloads.TimeGetMinutes: true, overloads.TimeGetSeconds: true,
	overloads.TimeGetMilliseconds: true,
}

// call counts a call of a function by its price, with what its constant arguments cost, and its result. Other arguments
// count themselves.
type call struct {
	interpreter.InterpretableCall
	price, rate int
}

// Exec implements the library's node.
func (n call) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	m := meterOf(frame)
	m.spend(n.price)
	v := n.InterpretableCall.Exec(frame)
	m.spend(steps(v) * n.rate)
	return v
}

// Eval implements the library's node.
func (n call) Eval(vars interpreter.Activation) ref.Val {
	return interpreter.EvalActivation(vars, n.Exec)
}

// constructor counts a list or a map that the filter makes by what is in it.
type constructor struct {
	interpreter.InterpretableV2
	price int
}

// Exec implements the library's node.
func (n constructor) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	meterOf(frame).spend(n.price)
	return n.InterpretableV2.Exec(frame)
}

// Eval implements the library's node.
func (n constructor) Eval(vars interpreter.Activation) ref.Val {
	return interpreter.EvalActivation(vars, n.Exec)
}

// attribute counts a variable or a field by its value.
type attribute struct {
	interpreter.InterpretableAttribute
	rate int
}

// Exec implements the library's node.
func (n attribute) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	v := n.InterpretableAttribute.Exec(frame)
	meterOf(frame).spend(steps(v) * n.rate)
	return v
}

// Eval implements the library's node.
func (n attribute) Eval(vars interpreter.Activation) ref.Val {
	return interpreter.EvalActivation(vars, n.Exec)
}

// Qualify implements the library's index.
func (n attribute) Qualify(vars interpreter.Activation, obj any) (any, error) {
	if err := n.checkIndex(vars); err != nil {
		return nil, err
	}
	return n.InterpretableAttribute.Qualify(vars, obj)
}

// QualifyIfPresent implements the library's index.
func (n attribute) QualifyIfPresent(vars interpreter.Activation, obj any, presenceOnly bool) (any, bool, error) {
	if err := n.checkIndex(vars); err != nil {
		return nil, false, err
	}
	return n.InterpretableAttribute.QualifyIfPresent(vars, obj, presenceOnly)
}

// checkIndex refuses a list or a map as an index. The library would write all that is in it into its error.
func (n attribute) checkIndex(vars interpreter.Activation) error {
	v, err := n.Resolve(vars)
	if err != nil {
		return err
	}
	meterOf(vars).spend(steps(v))
	switch v.(type) {
	case traits.Lister, traits.Mapper, []any, map[string]any:
		return errors.New("an index must be a text or a number")
	}
	return nil
}

// binary is a function of two values that counts its steps itself.
type binary struct {
	id          int64
	left, right interpreter.InterpretableV2
	function    func(m *meter, left, right ref.Val) ref.Val
}

// ID implements the library's node.
func (n binary) ID() int64 { return n.id }

// Exec implements the library's node.
func (n binary) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	left := n.left.Exec(frame)
	if types.IsUnknownOrError(left) {
		return left
	}
	right := n.right.Exec(frame)
	if types.IsUnknownOrError(right) {
		return right
	}
	return n.function(meterOf(frame), left, right)
}

// Eval implements the library's node.
func (n binary) Eval(vars interpreter.Activation) ref.Val {
	return interpreter.EvalActivation(vars, n.Exec)
}

// equal compares values as the library does.
func (m *meter) equal(a, b ref.Val) ref.Val {
	m.spend(steps(a))
	switch a := a.(type) {
	case traits.Lister:
		b, ok := b.(traits.Lister)
		if !ok || a.Size() != b.Size() {
			return types.False
		}
		m.spend(stepsList)
		for i := range a.Size().(types.Int) { //nolint:errcheck // sizes are
			if m.equal(a.Get(i), b.Get(i)) == types.False {
				return types.False
			}
		}
		return types.True
	case traits.Mapper:
		b, ok := b.(traits.Mapper)
		if !ok || a.Size() != b.Size() {
			return types.False
		}
		m.spend(stepsMap)
		for it := a.Iterator(); it.HasNext() == types.True; {
			name := it.Next()
			m.spend(stepsEntry + steps(name))
			mine, _ := a.Find(name)
			other, found := b.Find(name)
			if !found || m.equal(mine, other) == types.False {
				return types.False
			}
		}
		return types.True
	}
	return types.Equal(a, b)
}

func (m *meter) unequal(a, b ref.Val) ref.Val {
	if equal, ok := m.equal(a, b).(types.Bool); ok {
		return !equal
	}
	return types.True
}

// contains looks for a value in a list, or for a key in a map.
func (m *meter) contains(v, in ref.Val) ref.Val {
	switch in := in.(type) {
	case traits.Mapper:
		m.spend(steps(v))
		return in.Contains(v)
	case traits.Lister:
		compare := m.equal
		switch v.(type) {
		case traits.Lister, traits.Mapper:
		default:
			compare = m.scalar
		}
		for i := range in.Size().(types.Int) { //nolint:errcheck // sizes are
			if i%stepElements == 0 {
				m.spend(1)
			}
			if compare(v, in.Get(i)) == types.True {
				return types.True
			}
		}
		return types.False
	}
	return types.MaybeNoSuchOverloadErr(in)
}

// scalar compares a value that is no list or map. Texts of equal length are read; others only differ.
func (m *meter) scalar(a, b ref.Val) ref.Val {
	if n := steps(a) - 1; n > 0 && steps(b)-1 == n {
		m.spend(n)
	}
	return types.Equal(a, b)
}

// matches matches a text with an expression, one of the filter or one from the event.
func (e expressions) matches(m *meter, text, expression ref.Val) ref.Val {
	in, isText := text.(types.String)
	written, isPattern := expression.(types.String)
	if !isText || !isPattern {
		return types.MaybeNoSuchOverloadErr(text)
	}
	compiled := e.patterns[string(written)]
	if compiled == nil {
		price := stepsPattern
		if strings.Contains(string(written), "(?") {
			price = stepsFlagged
		}
		m.spend(price * min(len(written), pattern.MaxBytes))
		var err error
		if compiled, err = pattern.Compile(string(written)); err != nil {
			return types.NewErr("what matches() is given %s", err.Error())
		}
	}
	m.spend(len(in) * (compiled.Size + 3) / stepMatch)
	return types.Bool(compiled.MatchString(string(in)))
}
