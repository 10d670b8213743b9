package tenant

import (
	"fmt"
	"strings"

	"github.com/hookline/hookline/internal/problem"
)

// Theme is how the pages of a session look, in place of the tenant's branding. With one palette the pages have one
// look, with both they follow the browser. Its zero value changes nothing.
type Theme struct {
	Light  *Palette `json:"light,omitempty"`
	Dark   *Palette `json:"dark,omitempty"`
	Radius *int     `json:"radius,omitempty"` // of corners, in pixels
	Font   string   `json:"font,omitempty"`   // families, separated by commas
}

// Palette has colours such as #0b6468; Muted and Border may be empty.
type Palette struct {
	Accent     string `json:"accent"`
	Background string `json:"background"`
	Surface    string `json:"surface"`
	Text       string `json:"text"`
	Muted      string `json:"muted,omitempty"`
	Border     string `json:"border,omitempty"`
}

// The colours of texts that say a state, which a theme doesn't change. A test compares them with the stylesheet.
var (
	LightStates = []string{"#0f6b3c", "#8a4b00", "#b01c2e", "#1d4fb8"}
	DarkStates  = []string{"#6ee7a8", "#fcc971", "#ff9ba6", "#a0c2ff"}
)

// IsZero reports whether the theme changes nothing.
func (t Theme) IsZero() bool { return t == Theme{} }

// Check refuses colours that can't be read on one another. It names all of them.
func (t Theme) Check() error {
	var wrong []problem.Detail
	if t.Light != nil {
		wrong = append(wrong, t.Light.check("theme.light", LightStates)...)
	}
	if t.Dark != nil {
		wrong = append(wrong, t.Dark.check("theme.dark", DarkStates)...)
	}
	if wrong != nil {
		return problem.Invalid(wrong...)
	}
	return nil
}

func (p Palette) check(at string, states []string) []problem.Detail {
	var wrong []problem.Detail
	// The last is the darkest part of a surface, such as the row that the pointer is over.
	for _, ground := range []struct{ field, color string }{{"background", p.Background}, {"surface", p.Surface},
		{"surface", p.shaded()}} {
		for _, state := range states {
			if got := Contrast(state, ground.color); got < readable {
				wrong = append(wrong, problem.Detail{Field: at + "." + ground.field, Message: fmt.Sprintf(
					"makes states such as warnings unreadable: the contrast of their colour %s with it is %.1f, and "+
						"%.1f is required", state, got, readable)})
				break
			}
		}
		for _, on := range []struct{ field, color string }{{"accent", p.Accent}, {"text", p.Text}, {"muted", p.Muted}} {
			if on.color == "" {
				continue
			}
			if got := Contrast(on.color, ground.color); got < readable {
				wrong = append(wrong, problem.Detail{Field: at + "." + on.field, Message: fmt.Sprintf(
					"is unreadable on the %s: their contrast is %.1f, and %.1f is required", ground.field, got, readable)})
			}
		}
	}
	return wrong
}

// shaded is the surface behind what is marked or less important.
func (p Palette) shaded() string { return blend(p.Surface, p.Text, .06) }

// Over returns the colour of texts on the accent: white, or black where that is easier to read.
func (p Palette) Over() string {
	if Contrast("#ffffff", p.Accent) >= Contrast("#000000", p.Accent) {
		return "#ffffff"
	}
	return "#000000"
}

// Pressed returns the accent a little nearer to the background of its text, for what the pointer is over.
func (p Palette) Pressed() string {
	if p.Over() == "#ffffff" {
		return mix(channels(p.Accent), 0, .15)
	}
	return mix(channels(p.Accent), 255, .15)
}

// Soft returns the colour of texts of less weight.
func (p Palette) Soft() string {
	if p.Muted != "" {
		return p.Muted
	}
	for _, share := range []float64{.35, .25, .15} {
		c := blend(p.Text, p.Surface, share)
		if Contrast(c, p.shaded()) >= readable && Contrast(c, p.Background) >= readable {
			return c
		}
	}
	return p.Text
}

// Line returns the colour of lines.
func (p Palette) Line() string {
	if p.Border != "" {
		return p.Border
	}
	return blend(p.Surface, p.Text, .14)
}

// blend mixes a share of a colour into another.
func blend(color, with string, share float64) string {
	a, b := channels(color), channels(with)
	var out strings.Builder
	out.WriteByte('#')
	for i := range a {
		fmt.Fprintf(&out, "%02x", int(a[i]+(b[i]-a[i])*share+.5))
	}
	return out.String()
}
