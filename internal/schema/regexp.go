package schema

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
)

// What a regular expression may be. Matching takes time in proportion to its size, in which a repetition counts as
// often as it repeats.
const (
	maxPattern     = 1000 // bytes
	maxPatternSize = 500
)

// compileRegexp compiles a regular expression and returns its size; the error says what is wrong with it, for its author.
func compileRegexp(text string) (*regexp.Regexp, int, error) {
	if len(text) > maxPattern {
		return nil, 0, fmt.Errorf("is a regular expression of %d bytes; it can have %d", len(text), maxPattern)
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, 0, errors.New("is not a regular expression in the syntax of RE2, which has no look-around and no back references")
	}
	size := sizeOf(tree)
	if size > maxPatternSize {
		return nil, 0, errors.New("is a regular expression that is too large; use fewer or smaller repetitions")
	}
	re, err := regexp.Compile(text)
	return re, size, err
}

func sizeOf(re *syntax.Regexp) int {
	size := 1
	if re.Op == syntax.OpLiteral {
		size = len(re.Rune)
	}
	for _, sub := range re.Sub {
		size += sizeOf(sub)
	}
	if re.Op == syntax.OpRepeat {
		size *= max(1, re.Min, re.Max)
	}
	return size
}
