// Package pattern compiles regular expressions that tenants wrote. Parsing, compiling and matching are bounded for
// every text: the library bounds only the memory of the first two.
package pattern

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"unicode/utf8"
)

const (
	// MaxBytes is how long an expression can be.
	MaxBytes = 1000
	// maxSize is how large it can be. Compiling and matching take time in proportion to its size, in which a repetition
	// counts as often as it repeats.
	maxSize = 500
	// maxClasses is how many named classes, such as \pL, an expression can have. The parser copies their tables.
	maxClasses = 20
	// maxFolded is how many characters the ranges of an expression that ignores case can have. The parser visits each.
	maxFolded = 20_000
	// rangesPerStep is how many ranges of a class count as one part more of an expression's size: a match searches
	// them.
	rangesPerStep = 32
)

var (
	ignoresCase = regexp.MustCompile(`\(\?[a-zA-Z]*i`)
	namedClass  = regexp.MustCompile(`\\[pP]`)
	// rangeEnd finds whatever may be the end of a range, also outside of classes.
	rangeEnd = regexp.MustCompile(`-(?:\\x\{([0-9A-Fa-f]+)\}|\\x([0-9A-Fa-f]{2})|\\([0-7]{1,3}))`)
)

// Pattern is a compiled expression and its size.
type Pattern struct {
	*regexp.Regexp

	Size int
}

// Compile compiles an expression. The error says what is wrong with it, for its author.
func Compile(text string) (*Pattern, error) {
	size, err := Measure(text)
	if err != nil {
		return nil, err
	}
	compiled, err := regexp.Compile(text)
	if err != nil {
		return nil, err
	}
	return &Pattern{compiled, size}, nil
}

// Measure returns the size of an expression: how many parts of it a match may have to look at for each character. It
// fails as Compile does.
func Measure(text string) (int, error) {
	if len(text) > MaxBytes {
		return 0, fmt.Errorf("is a regular expression of %d bytes; it can have %d", len(text), MaxBytes)
	}
	if len(namedClass.FindAllStringIndex(text, -1)) > maxClasses {
		return 0, fmt.Errorf(`is a regular expression with more than %d classes such as \pL; use fewer`, maxClasses)
	}
	if ignoresCase.MatchString(text) && folded(text) > maxFolded {
		return 0, errors.New("is a regular expression that ignores case in ranges of too many characters; use smaller " +
			"ranges, or leave (?i) out")
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return 0,
			errors.New("is not a regular expression in the syntax of RE2, which has no look-around and no " +
				"back references")
	}
	size := sizeOf(tree)
	if size > maxSize {
		return 0, errors.New("is a regular expression that is too large; use fewer or smaller repetitions")
	}
	return size, nil
}

// folded is at least the number of characters in the ranges of an expression. It takes every range to begin at zero.
func folded(text string) int {
	n := 0
	for i := range len(text) {
		if text[i] == '-' {
			r, _ := utf8.DecodeRuneInString(text[i+1:])
			n += int(r)
		}
	}
	for _, end := range rangeEnd.FindAllStringSubmatch(text, -1) {
		digits, base := end[1]+end[2], 16
		if end[3] != "" {
			digits, base = end[3], 8
		}
		r, err := strconv.ParseInt(digits, base, 32)
		if err != nil {
			return maxFolded + 1
		}
		n += int(r)
	}
	return n
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
	case syntax.OpCharClass:
		return 1 + len(re.Rune)/2/rangesPerStep
	}
	return inner + 1
}

// Weight estimates the bytes that a compiled expression takes.
func (p *Pattern) Weight() int { return 1024 + 300*p.Size }
