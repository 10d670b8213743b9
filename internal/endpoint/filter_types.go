package endpoint

import (
	"fmt"
	"slices"
	"strconv"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"github.com/hookline/hookline/internal/eventtype"
	"github.com/hookline/hookline/internal/profile"
)

// typeName is a name of an event type in a filter, and its place.
type typeName struct {
	name         string
	line, column int
}

// typeNames lists the texts that a filter compares event.type with by ==, != and in.
func typeNames(parsed *ast.AST) []typeName {
	var out []typeName
	add := func(e ast.Expr) {
		if e.Kind() != ast.LiteralKind {
			return
		}
		if text, ok := e.AsLiteral().Value().(string); ok {
			at := parsed.SourceInfo().GetStartLocation(e.ID())
			out = append(out, typeName{text, at.Line(), at.Column() + 1})
		}
	}
	isType := func(e ast.Expr) bool { return e.Kind() == ast.IdentKind && e.AsIdent() == "event.type" }
	ast.PreOrderVisit(parsed.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || len(e.AsCall().Args()) != 2 {
			return
		}
		left, right := e.AsCall().Args()[0], e.AsCall().Args()[1]
		switch e.AsCall().FunctionName() {
		case operators.Equals, operators.NotEquals:
			if isType(left) {
				add(right)
			} else if isType(right) {
				add(left)
			}
		case operators.In:
			if isType(left) && right.Kind() == ast.ListKind {
				for _, item := range right.AsList().Elements() {
					add(item)
				}
			}
		}
	}))
	return out
}

// checkFilter says what is wrong with a filter: it does not compile, or compares event.type with a name that no event
// of the profile has, which is never true; empty when nothing is.
func checkFilter(text string, p profile.Profile, typeAt func(p profile.Profile, name string) (string, bool)) string {
	if _, err := compileFilter(text); err != nil {
		return err.Error()
	}
	for _, t := range filterTypes(text) {
		near, known := typeAt(p, t.name)
		if known {
			continue
		}
		subject := strconv.Quote(t.name)
		if called := p.EventName(t.name); called != t.name { // answers are translated, and would deny what they suggest
			near, subject = called, "our own name"
		}
		return fmt.Sprintf("line %d, column %d: %s %s", t.line, t.column, subject, eventtype.Misnamed(near))
	}
	return ""
}

// filterTypes are the names of event types in a filter; none in one that does not compile.
func filterTypes(text string) []typeName {
	if text == "" {
		return nil
	}
	if c, ok := filterCache().get(text); ok {
		return slices.Clone(c.types)
	}
	return newFilter(text).types
}
