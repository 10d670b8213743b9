package ui

import (
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"testing"
)

var property = regexp.MustCompile(`(--[a-z-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)`)

// themes reads the stylesheet's colours: light is 0, dark is 1.
func themes(t *testing.T) [2]map[string]float64 {
	t.Helper()
	css, err := fs.ReadFile(Files(), "frame.css")
	if err != nil {
		t.Fatal(err)
	}
	out := [2]map[string]float64{{}, {}}
	for _, m := range property.FindAllStringSubmatch(string(css), -1) {
		for theme := range out {
			out[theme][m[1]] = luminance(t, m[2+theme])
		}
	}
	return out
}

// luminance is WCAG's relative luminance of a colour such as #a1b2c3.
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(hex[1:], 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	channel := func(shift uint) float64 {
		c := float64(n>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return .2126*channel(16) + .7152*channel(8) + .0722*channel(0)
}

func contrast(a, b float64) float64 { return (max(a, b) + .05) / (min(a, b) + .05) }

func TestContrastIsWCAGAAInBothThemes(t *testing.T) {
	t.Parallel()
	const text, graphics = 4.5, 3
	pairs := []struct {
		front  string
		back   []string
		enough float64
	}{
		{"--text", []string{"--ground", "--card", "--sunken", "--mute-ground", "--accent-ground"}, text},
		{"--soft", []string{"--ground", "--card", "--sunken", "--mute-ground"}, text},
		{"--accent", []string{"--ground", "--card", "--sunken", "--accent-ground", "--good-ground", "--bad-ground"},
			text},
		{"--good", []string{"--card", "--sunken", "--good-ground", "--bad-ground"}, text},
		{"--warn", []string{"--card", "--sunken", "--warn-ground", "--bad-ground"}, text},
		{"--bad", []string{"--card", "--sunken", "--bad-ground"}, text},
		{"--info", []string{"--card", "--sunken", "--info-ground", "--bad-ground"}, text},
		{"--button-text", []string{"--button", "--button-over", "--danger"}, text},
		{"--edge", []string{"--card"}, graphics},
		{"--button", []string{"--card"}, graphics},
		{"--fill-good", []string{"--card"}, graphics},
		{"--fill-bad", []string{"--card"}, graphics},
		{"--fill-warn", []string{"--card"}, graphics},
		{"--fill-info", []string{"--card"}, graphics},
		{"--fill-mute", []string{"--card"}, graphics},
	}
	for theme, colours := range themes(t) {
		for _, p := range pairs {
			for _, back := range p.back {
				f, known := colours[p.front]
				b, also := colours[back]
				if !known || !also {
					t.Fatalf("colours %s and %s: got one that is not in the stylesheet, want both", p.front, back)
				}
				if got := contrast(f, b); got < p.enough {
					t.Errorf("contrast of %s on %s in theme %d: got %.2f:1, want %.1f", p.front, back, theme, got,
						p.enough)
				}
			}
		}
	}
}
