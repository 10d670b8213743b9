package schema

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
)

// The limits of a regular expression. Compiling and matching take time in proportion to its size, in which a repetition
// counts as often as it repeats.
const (
	maxPattern     = 1000 // bytes
	maxPatternSize = 500
	maxPatterns    = 10_000 // the size of all in a schema
)

func compileRegexp(text string) (*regexp.Regexp, error) {
	if _, err := measureRegexp(text); err != nil {
		return nil, err
	}
	return regexp.Compile(text)
}

// measureRegexp returns the size of a regular expression; the error says what is wrong with it, for its author.
func measureRegexp(text string) (int, error) {
	if len(text) > maxPattern {
		return 0, fmt.Errorf("is a regular expression of %d bytes; it can have %d", len(text), maxPattern)
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return 0,
			errors.New("is not a regular expression in the syntax of RE2, which has no look-around and no " +
				"back references")
	}
	size := sizeOf(tree)
	if size > maxPatternSize {
		return 0, errors.New("is a regular expression that is too large; use fewer or smaller repetitions")
	}
	return size, nil
}

func sizeOf(re *syntax.Regexp) int {
	inner := 0
	for _, sub := range re.Sub {
		inner += sizeOf(sub)
	}
	switch re.Op {
	case syntax.OpLiteral:
		return len(re.Rune)
	case syntax.OpRepeat:
		return inner*max(1, re.Min, re.Max) + 1
	}
	return inner + 1
}
