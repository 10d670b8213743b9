package dashboard

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/tenant"
)

// Looks reads the pictures of tenants; *tenant.Store implements it.
type Looks interface {
	Picture(ctx context.Context, tenantID string, kind tenant.PictureKind) ([]byte, error)
}

// Where a tenant's look is served from. All addresses carry a version, so that browsers may keep what they name.
const (
	logoPath    = "/app/look/logo"
	faviconPath = "/app/look/favicon"
	stylePath   = "/app/look/style.css"
)

// dress gives a page the look of the tenant, and that of the session.
func (v *visit) dress(p *ui.Page) {
	b := v.Session.Tenant.Branding.V
	p.Brand = b.Name
	if b.Logo != nil {
		p.Logo = logoPath + "?v=" + b.Logo.SHA256[:12]
	}
	if b.Favicon != nil {
		p.Icon = faviconPath + "?v=" + b.Favicon.SHA256[:12]
	}
	if css := v.stylesheet(); css != "" {
		sum := sha256.Sum256([]byte(css))
		p.Style = stylePath + "?v=" + hex.EncodeToString(sum[:6])
	}
	if p.Bare = v.Session.Session.Bare; p.Bare {
		p.Sections = nil
	}
}

func (d *Dashboard) registerLook(e *echo.Echo) {
	d.get(e, logoPath, "", func(v *visit) error { return v.picture(tenant.Logo, v.Session.Tenant.Branding.V.Logo) })
	d.get(e, faviconPath, "", func(v *visit) error {
		return v.picture(tenant.Favicon, v.Session.Tenant.Branding.V.Favicon)
	})
	d.get(e, stylePath, "", style)
}

// brand is the stylesheet of a colour. The ground behind the chosen entry of the navigation becomes grey, since nobody
// knows how a colour stands on a paler one of itself.
const brand = `:root {
  --accent: light-dark(%[1]s, %[2]s);
  --accent-ground: var(--mute-ground);
  --button: %[1]s;
  --button-over: %[3]s;
}
`

// stylesheet is that of the tenant's colour and, after it, of the session's theme; empty for Hookline's own look.
func (v *visit) stylesheet() string {
	css := ""
	if b := v.Session.Tenant.Branding.V; b.Color != "" {
		css = fmt.Sprintf(brand, b.Color, b.OnDark(), b.Pressed())
	}
	return css + themeCSS(v.Session.Session.Theme.V)
}

// themed makes the variables of the pages follow those of a theme.
const themed = `:root:root {
  --accent: var(--hookline-accent);
  --ground: var(--hookline-background);
  --card: var(--hookline-surface);
  --text: var(--hookline-text);
  --soft: var(--hookline-muted);
  --line: var(--hookline-border);
  --edge: var(--hookline-muted);
  --sunken: color-mix(in srgb, var(--hookline-surface) 97%, var(--hookline-text));
  --mute-ground: color-mix(in srgb, var(--hookline-surface) 94%, var(--hookline-text));
  --accent-ground: var(--hookline-surface);
  --button: var(--hookline-accent);
`

// rounded and lettered are the rules of a theme's radius and font.
const (
	rounded = `:is(.card, .tile, dialog, pre, .done, .fault, .result) { border-radius: var(--hookline-radius); }
:is(button, .button, input, select, textarea, .switch, .chip) { border-radius: min(var(--hookline-radius), 1.2rem); }
`
	lettered = "body { font-family: var(--hookline-font); }\n"
)

// themeCSS is the stylesheet of a theme. Every value was checked when the session was made.
func themeCSS(t tenant.Theme) string {
	var b strings.Builder
	light, dark := cmp.Or(t.Light, t.Dark), cmp.Or(t.Dark, t.Light)
	if light != nil {
		b.WriteString(":root:root {\n")
		if t.Dark == nil {
			b.WriteString("  color-scheme: light;\n")
		}
		if t.Light == nil {
			b.WriteString("  color-scheme: dark;\n")
		}
		pair := func(name, l, d string) { fmt.Fprintf(&b, "  --%s: light-dark(%s, %s);\n", name, l, d) }
		pair("hookline-accent", light.Accent, dark.Accent)
		pair("hookline-background", light.Background, dark.Background)
		pair("hookline-surface", light.Surface, dark.Surface)
		pair("hookline-text", light.Text, dark.Text)
		pair("hookline-muted", light.Soft(), dark.Soft())
		pair("hookline-border", light.Line(), dark.Line())
		pair("button-text", light.Over(), dark.Over())
		pair("button-over", light.Pressed(), dark.Pressed())
		b.WriteString("}\n" + themed + "}\n")
	}
	if t.Radius != nil {
		fmt.Fprintf(&b, ":root { --hookline-radius: %dpx; }\n%s", *t.Radius, rounded)
	}
	if t.Font != "" {
		fmt.Fprintf(&b, ":root { --hookline-font: %s; }\n%s", families(t.Font), lettered)
	}
	return b.String()
}

// generic are the families that CSS itself names; those are not quoted.
const generic = " serif sans-serif monospace system-ui ui-serif ui-sans-serif ui-monospace ui-rounded cursive "

func families(list string) string {
	var out []string
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); !strings.Contains(generic, " "+name+" ") {
			name = `"` + name + `"`
		}
		out = append(out, name)
	}
	return strings.Join(out, ", ")
}

func style(v *visit) error {
	css := v.stylesheet()
	if css == "" {
		return inhouse.ErrMissing
	}
	v.keep()
	return v.Blob(http.StatusOK, "text/css; charset=utf-8", []byte(css))
}

func (v *visit) picture(kind tenant.PictureKind, described *tenant.Picture) error {
	if described == nil {
		return inhouse.ErrMissing
	}
	picture, err := v.dashboard.options.Looks.Picture(v.Request().Context(), v.Session.Tenant.ID, kind)
	if err != nil {
		return err
	}
	v.keep()
	return v.Blob(http.StatusOK, described.ContentType, picture)
}

// keep lets the browser cache the file, but no proxy.
func (v *visit) keep() {
	h := v.Response().Header()
	h.Set(echo.HeaderCacheControl, "private, max-age=604800")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
}
