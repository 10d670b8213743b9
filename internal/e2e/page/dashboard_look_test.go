package page_test

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/png"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"testing"

	gen "github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/tenant"
	"github.com/hookline/hookline/internal/testkit"
)

func dataAddress(contentType string, picture []byte) string {
	return "data:" + contentType + ";base64," + base64.StdEncoding.EncodeToString(picture)
}

func pngOf(t *testing.T, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestATenantHasItsOwnLogoAndColourAndNobodyElseDoes(t *testing.T) {
	t.Parallel()
	p := testkit.Shared(t, testkit.Servers)
	mine, other := testkit.TenantOf(t, p.NewTenant(t, "business")), testkit.TenantOf(t, p.NewTenant(t, "business"))
	v, stranger := visit(t, p, mine, map[string]any{"role": "viewer"}), visit(t, p, other,
		map[string]any{"role": "viewer"})
	set := func(status int, branding map[string]any) testkit.Answer {
		t.Helper()
		return p.Operator.Call(t, http.MethodPatch, "/admin/v1/tenants/"+mine,
			map[string]any{"branding": branding}).Want(t, status)
	}
	if page := v.get(t, "/app/settings", "the default"); strings.Contains(page, "/app/look/") {
		t.Error("settings without branding: got the tenant's, want Hookline's")
	}
	picture := pngOf(t, 60, 20)
	shown := testkit.Into[gen.Tenant](t, set(http.StatusOK, map[string]any{"color": "#0b6468",
		"logo": dataAddress("image/png", picture)})).Branding
	if logo, err := shown.Logo.Get(); err != nil || shown.Color.MustGet() != "#0b6468" ||
		logo.Size != len(picture) || logo.ContentType != "image/png" {
		t.Errorf("branding: got %+v, want the colour and the logo", shown)
	}
	page := v.get(t, "/app/settings", "your logo", "your colour")
	for address, want := range map[string]string{
		regexp.MustCompile(`src="(/app/look/logo[^"]*)"`).FindStringSubmatch(page)[1]:   string(picture),
		regexp.MustCompile(`href="(/app/look/style[^"]*)"`).FindStringSubmatch(page)[1]: "--button: #0b6468;",
	} {
		a := v.send(t, http.MethodGet, address, nil)
		if a.status != http.StatusOK || !strings.Contains(a.body, want) ||
			!strings.Contains(a.header.Get("Cache-Control"), "private") ||
			a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: got %d %v, want 200, private and nosniff", address, a.status, a.header)
		}
		if a := stranger.send(t, http.MethodGet, address, nil); a.status != http.StatusNotFound {
			t.Errorf("%s for another tenant: got %d, want 404", address, a.status)
		}
	}
	for name, branding := range map[string]map[string]any{
		"too light": {"color": "#ffcc00"},
		"no colour": {"color": "red"},
		"no PNG":    {"logo": dataAddress("image/png", []byte("nonsense"))},
		"too wide":  {"logo": dataAddress("image/png", pngOf(t, 1025, 1))},
		"a script": {"logo": dataAddress("image/svg+xml",
			[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>`))},
		"a handler": {"logo": dataAddress("image/svg+xml",
			[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="1"/>`))},
		"from afar": {"logo": dataAddress("image/svg+xml",
			[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><image href="https://example.com/x"/></svg>`))},
		"a doctype": {"logo": dataAddress("image/svg+xml", []byte(`<!DOCTYPE svg><svg/>`))},
		"cut off":   {"logo": dataAddress("image/svg+xml", []byte(`<svg><g>`))},
		"a page":    {"logo": dataAddress("text/html", []byte(`<p>`))},
		"too large": {"logo": dataAddress("image/svg+xml", []byte("<svg>"+strings.Repeat(" ", 65<<10)+"</svg>"))},
		"elsewhere": {"logo": "https://example.com/logo.png"},
	} {
		if a := p.Operator.Call(t, http.MethodPatch, "/admin/v1/tenants/"+mine,
			map[string]any{"branding": branding}); a.Status != http.StatusBadRequest {
			t.Errorf("%s: got %d, want 400", name, a.Status)
		}
	}
	set(http.StatusOK, map[string]any{"logo": dataAddress("image/svg+xml",
		[]byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><defs><linearGradient id="a"/></defs><rect width="9" height="9" fill="url(#a)"/></svg>`))})
	v.get(t, "/app/settings", "your logo", "#0b6468")
	set(http.StatusOK, map[string]any{"logo": nil, "color": nil})
	v.get(t, "/app/settings", "the default")
}

// surfaces are the stylesheet's grounds, light and dark.
func surfaces(t *testing.T) (light, dark []string) {
	t.Helper()
	css, err := fs.ReadFile(ui.Files(), "frame.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ground", "card", "sunken", "mute-ground"} {
		m := regexp.MustCompile(`--` + name + `: light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)`).FindSubmatch(css)
		if m == nil {
			t.Fatalf("stylesheet: got no --%s, want it", name)
		}
		light, dark = append(light, string(m[1])), append(dark, string(m[2]))
	}
	return light, dark
}

func TestEveryAcceptedColourHasEnoughContrastInBothThemes(t *testing.T) {
	t.Parallel()
	light, dark := surfaces(t)
	taken := 0
	for n := 0; n < 1<<24; n += 4099 {
		color := "#" + string([]byte{hexDigit(n >> 20), hexDigit(n >> 16), hexDigit(n >> 12), hexDigit(n >> 8),
			hexDigit(n >> 4), hexDigit(n)})
		if tenant.CheckColor(color) != nil {
			continue
		}
		taken++
		b := tenant.Branding{Color: color}
		at := func(text, ground string) {
			if got := tenant.Contrast(text, ground); got < 4.5 {
				t.Errorf("contrast of %s, %s on %s: got %.2f, want at least 4.5", color, text, ground, got)
			}
		}
		for _, ground := range light {
			at(color, ground)
		}
		for _, ground := range dark {
			at(b.OnDark(), ground)
		}
		at("#ffffff", color)
		at("#ffffff", b.Pressed())
	}
	if taken < 500 {
		t.Errorf("accepted colours: got %d, want at least 500", taken)
	}
	if got := tenant.Contrast("#000000", "#ffffff"); got != 21 {
		t.Errorf("contrast of black on white: got %v, want 21", got)
	}
}

func hexDigit(n int) byte { return "0123456789abcdef"[n&15] }
