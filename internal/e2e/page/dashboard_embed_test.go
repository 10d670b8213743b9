package page_test

import (
	"context"
	"io/fs"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/inbox"
	"github.com/hookline/hookline/internal/tenant"
	"github.com/hookline/hookline/internal/testkit"
)

var paper = map[string]any{"accent": "#0b6b4f", "background": "#fbfaf5", "surface": "#ffffff", "text": "#17261f"}

func TestInTheBrowserAProductShowsTheDashboardInAFrameWithItsOwnLook(t *testing.T) {
	t.Parallel()
	link := ""
	p := testkit.Start(t, testkit.Embedded, func(c *config.Config, o *app.Options) {
		c.EmbedOrigins = []string{ui.SameOrigin}
		o.Pages = func(e *echo.Echo) {
			inbox.RegisterEmbed(e, func(context.Context) (string, error) { return link, nil })
		}
	})
	c := p.NewTenant(t, "business")
	c.NewEndpoint(t, testkit.NewReceiver(t, nil).URL, map[string]any{"name": "CRM"})
	link = portal(t, p, testkit.TenantOf(t, c), map[string]any{"role": "owner", "frame": "bare",
		"theme": map[string]any{
			"light": paper, "radius": 2, "font": "Georgia, serif"}}).URL
	if !strings.HasSuffix(link, "&frame=bare") {
		t.Errorf("link: got %s, want it to end in &frame=bare", link)
	}
	b := openTab(t, p.URL)
	b.open("/dev/embed")
	const inside = "document.querySelector('iframe').contentDocument"
	b.await(inside + "?.querySelector('body.bare h1')?.textContent === 'Overview'")
	for what, want := range map[string]string{
		"querySelectorAll('header.top, nav.side').length":                             "0",
		"defaultView.getComputedStyle(%s.body).backgroundColor":                       "rgb(251, 250, 245)",
		"defaultView.getComputedStyle(%s.body).fontFamily":                            "Georgia, serif",
		"defaultView.getComputedStyle(%s.querySelector('.card')).borderTopLeftRadius": "2px",
	} {
		if got, _ := js[string](b, "String("+inside+"."+strings.ReplaceAll(what, "%s", inside)+")"); got != want {
			t.Errorf("in the frame, %s: got %s, want %s", what, got, want)
		}
	}
	b.shoot("embed")
	b.press("Endpoints") // of the product's own navigation
	b.await(inside + "?.querySelector('body.bare h1')?.textContent === 'Endpoints' && " + inside +
		".querySelectorAll('nav.side').length === 0")
}

func TestTheThemeOfALinkIsCheckedStrictlyAndServedAsAStylesheet(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	id := testkit.TenantOf(t, p.NewTenant(t, "business"))
	with := func(settings ...string) map[string]any {
		out := map[string]any{}
		for k, v := range paper {
			out[k] = v
		}
		for i := 0; i < len(settings); i += 2 {
			out[settings[i]] = settings[i+1]
		}
		return out
	}
	for name, theme := range map[string]map[string]any{
		"theme.light.accent":     {"light": with("accent", "#cccccc")},
		"theme.light.text":       {"light": with("text", "#ffffff")},
		"theme.light.background": {"light": with("background", "#808080")},
		"theme.dark.surface":     {"dark": paper},
		"theme.light.muted":      {"light": with("muted", "#bbbbbb")},
		"theme.light.border":     {"light": with("border", "red;}body{display:none")},
		"theme.font":             {"font": `x";} body{background:url(//evil.example)}`},
		"theme.radius":           {"radius": 25},
		"theme.css":              {"css": "body{}"},
		"theme":                  {},
	} {
		a := p.Operator.Call(t, http.MethodPost, "/admin/v1/tenants/"+id+"/portal-sessions",
			map[string]any{"environment": "live", "theme": theme}).Want(t, http.StatusBadRequest)
		if !slices.ContainsFunc(a.Problem(t).Error.Details, func(d gen.ErrorDetail) bool { return d.Field == name }) {
			t.Errorf("theme %v: got %s, want the field %s refused", theme, a.Body, name)
		}
	}
	v := visit(t, p, id, map[string]any{"role": "viewer", "theme": map[string]any{"light": paper,
		"font": "My Font, sans-serif"}})
	page := v.get(t, "/app", `class="side"`) // the link did not ask for pages without navigation
	address := regexp.MustCompile(`href="(/app/look/style\.css[^"]*)"`).FindStringSubmatch(page)
	if address == nil {
		t.Fatal("page with a theme: got no stylesheet of it, want one")
	}
	css := v.send(t, http.MethodGet, address[1], nil)
	has(t, "the stylesheet", css.body, "color-scheme: light;", "--hookline-surface: light-dark(#ffffff, #ffffff);",
		`--hookline-font: "My Font", sans-serif;`)
	if got := css.header.Get("Content-Type"); got != "text/css; charset=utf-8" {
		t.Errorf("stylesheet: got the type %q, want text/css", got)
	}
}

func TestAThemesColoursAreReadableWhereTheyAreTaken(t *testing.T) {
	t.Parallel()
	css, err := fs.ReadFile(ui.Files(), "frame.css")
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"good", "warn", "bad", "info"} {
		m := regexp.MustCompile(`--` + name + `: light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)`).FindSubmatch(css)
		if m == nil || string(m[1]) != tenant.LightStates[i] || string(m[2]) != tenant.DarkStates[i] {
			t.Errorf("--%s of the stylesheet: got %q, want %s and %s, which themes are checked with", name, m,
				tenant.LightStates[i], tenant.DarkStates[i])
		}
	}
	dark := tenant.Palette{Accent: "#ffb454", Background: "#10141a", Surface: "#161c24", Text: "#e7e9ee"}
	if err := (tenant.Theme{Dark: &dark}).Check(); err != nil {
		t.Fatalf("dark palette: got %v, want it taken", err)
	}
	for text, ground := range map[string]string{dark.Soft(): dark.Surface, dark.Over(): dark.Accent} {
		if got := tenant.Contrast(text, ground); got < 4.5 {
			t.Errorf("contrast of %s on %s: got %.2f, want at least 4.5", text, ground, got)
		}
	}
	if got := tenant.Contrast(dark.Over(), dark.Pressed()); got < 4.5 {
		t.Errorf("contrast of a pressed button: got %.2f, want at least 4.5", got)
	}
}

func TestATenantHasItsOwnNameAndFavicon(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	id := testkit.TenantOf(t, p.NewTenant(t, "business"))
	icon := pngOf(t, 32, 32)
	set := func(branding map[string]any) {
		p.Operator.Call(t, http.MethodPatch, "/admin/v1/tenants/"+id, map[string]any{"branding": branding}).
			Want(t, http.StatusOK)
	}
	set(map[string]any{"name": "Fernhill <b>", "favicon": dataAddress("image/png", icon)})
	v := visit(t, p, id, map[string]any{"role": "viewer"})
	page := v.get(t, "/app/settings", "Settings · Fernhill &lt;b&gt;</title>")
	address := regexp.MustCompile(`rel="icon" href="(/app/look/favicon[^"]*)"`).FindStringSubmatch(page)
	if address == nil {
		t.Fatalf("page: got no favicon of the tenant, want one: %.600s", page)
	}
	if got := v.send(t, http.MethodGet, address[1], nil); got.body != string(icon) {
		t.Errorf("favicon: got %d bytes and %d, want the %d that were set", len(got.body), got.status, len(icon))
	}
	set(map[string]any{"name": nil, "favicon": nil})
	if page := v.get(t, "/app/settings", "Settings · Hookline</title>"); strings.Contains(page, "/app/look/favicon") {
		t.Error("page after the favicon was removed: got the tenant's, want Hookline's")
	}
}

func TestALinkForAFrameKeepsItsLookThroughTheButtonThatSignsIn(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Embedded)
	link := portal(t, p, testkit.TenantOf(t, p.NewTenant(t, "business")), map[string]any{"frame": "bare"}).URL
	v := &guest{p.URL, testkit.NewBrowser(t)}
	path := strings.TrimPrefix(link, p.URL)
	form := v.get(t, path, `name="frame" value="bare"`) // a client that does not say that it navigates
	once := regexp.MustCompile(`name="once" value="([^"]*)"`).FindStringSubmatch(form)[1]
	a := v.send(t, http.MethodPost, "/app/login", url.Values{"once": {once}, "frame": {"bare"}})
	if !strings.Contains(a.body, `class="bare"`) || strings.Contains(a.body, `class="side"`) {
		t.Errorf("page after the sign-in: got %.400s, want one without navigation", a.body)
	}
	expired := v.send(t, http.MethodPost, "/app/login", url.Values{"once": {once}})
	has(t, "the page of a used link", expired.body, "Open the dashboard from your product again")
}
