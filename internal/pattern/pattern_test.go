package pattern

import (
	"strings"
	"testing"
	"time"
)

func TestAnExpensivePatternIsRefusedBeforeItIsParsed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		strings.Repeat("a", MaxBytes):          "too large",
		strings.Repeat("a", MaxBytes+1):        "of 1001 bytes",
		"(":                                    "not a regular expression",
		"(?=a)":                                "not a regular expression",
		"(a{30}){30}":                          "too large",
		"((a{30}){30}){30}":                    "not a regular expression",
		strings.Repeat(`\pL|`, 240):            "more than 20 classes",
		"[" + strings.Repeat(`\pL`, 300) + "]": "more than 20 classes",
		"(?i)" + strings.Repeat(`[B-\x{1E942}]`, 70):           "ignores case",
		"(?i)" + strings.Repeat("[B-\U0001E942]", 100):         "ignores case",
		"(?i)[" + strings.Repeat("B-\U0001E942", 140) + "]":    "ignores case",
		"(?si)[!--\U0001E942]":                                 "ignores case",
		"(a(?i:[B-\U0001E942]))":                               "ignores case",
		"(?i)[\\0-\\x{fffffff}]":                               "ignores case",
		strings.Repeat(`[\PL]`, 20) + strings.Repeat("a", 200): "too large",
	} {
		start := time.Now()
		compiled, err := Compile(text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: got %v, %v, want an error with %q", text, compiled, err, want)
		}
		if took := time.Since(start); took > 200*time.Millisecond { // some took seconds
			t.Errorf("%.40q: got it refused after %s, want at most 200 ms", text, took)
		}
	}
}

func TestCommonPatternsAreCompiledAndMatch(t *testing.T) {
	t.Parallel()
	for text, match := range map[string]string{
		`(?i)^[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}$`: "Ada@Example.com",
		`(?i)^[а-яё]+$`:                               "Ада",
		`(?i)[^@\x00-\x1f]+`:                          "a",
		`^[一-龥]+$`:                                    "北京",
		`^\p{Lu}\pL*(-\p{Lu}\pL*){0,3}$`:              "Ada-Byron",
		`^.{0,300}$`:                                  strings.Repeat("x", 300),
		`^\d{4}-\d{2}-\d{2}$`:                         "2026-11-21",
		`\$-\{x\}`:                                    "$-{x}",
	} {
		compiled, err := Compile(text)
		if err != nil || !compiled.MatchString(match) {
			t.Errorf("%q: got %v, want a match with %q", text, err, match)
		}
	}
}

func TestTheSizeCountsRepetitionsAndRanges(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"abc": 3, "a{10}": 11, "(ab){3}": 10, "a|b": 1, "[a-z]": 1, "a*": 2} {
		if got, err := Measure(text); err != nil || got != want {
			t.Errorf("%q: got %d, %v, want %d", text, got, err, want)
		}
	}
	if letters, err := Measure(`\pL`); err != nil || letters < 10 {
		t.Errorf(`\pL: got %d, %v, want the size of its table`, letters, err)
	}
}
