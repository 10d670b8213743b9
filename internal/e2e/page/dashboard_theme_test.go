package page_test

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/hookline/hookline/internal/testkit"
)

// system emulates the system's theme.
func (b *tab) system(theme string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia,
		emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme",
			Value: theme}}})
	if err != nil {
		b.t.Fatal(err)
	}
}

// ground is the colour that the page is drawn on.
func (b *tab) ground() string {
	b.t.Helper()
	colour, ok := js[string](b, "getComputedStyle(document.body).backgroundColor")
	if !ok || colour == "" {
		b.t.Fatal("background colour: got none, want one")
	}
	return colour
}

func TestInTheBrowserTheThemeIsChosenStaysAndFollowsTheSystemAgain(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	b := openTab(t, p.URL)
	b.system("light")
	b.open("/admin/login")
	light := b.ground()
	b.system("dark")
	dark := b.ground()
	if light == dark {
		t.Fatalf("page without a choice: got %s for light and dark, want two colours", light)
	}
	b.system("light")
	is := func(when, want string) {
		t.Helper()
		if got := b.ground(); got != want {
			t.Errorf("colour %s: got %s, want %s (light is %s, dark %s)", when, got, want, light, dark)
		}
	}
	toggle := func(says string) {
		t.Helper()
		if _, ok := js[bool](b, "document.querySelector('[data-theme-toggle]').click() ?? true"); !ok {
			t.Fatal("theme toggle: got none, want one")
		}
		b.await("document.querySelector('[data-theme-toggle]').title === " + quoted(says))
	}
	is("before a choice", light)
	toggle("Theme: dark. Change to light.")
	is("after the first press", dark)
	b.open("/admin/login")
	is("after a reload", dark)
	b.open("/docs")
	b.open("/admin/login")
	is("after other pages", dark)
	b.named()
	toggle("Theme: light. Change to that of your system.")
	is("after the second press", light)
	b.system("dark")
	is("chosen light, in a dark system", light)
	b.open("/admin/login")
	is("chosen light, after a reload in a dark system", light)
	b.system("light")
	b.await("document.querySelector('[data-theme-toggle]').title === 'Theme: light. Change to that of your system.'")
	toggle("Theme: that of your system. Change to dark.")
	is("after the third press", light)
	b.system("dark")
	is("following a dark system", dark)
	b.open("/admin/login")
	is("following a dark system, after a reload", dark)
	b.await("document.querySelector('[data-theme-toggle]').title === 'Theme: that of your system. Change to light.'")
	b.system("light")
	is("following a system that became light", light)
}
