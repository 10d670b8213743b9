package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/dashboard/inhouse"
	"github.com/hookline/hookline/internal/tenant"
)

// Looks reads the logos of tenants; *tenant.Store implements it.
type Looks interface {
	Logo(ctx context.Context, tenantID string) ([]byte, error)
}

// Where a tenant's look is served from. Both addresses carry a version, so that browsers may keep what they name.
const (
	logoPath  = "/app/look/logo"
	stylePath = "/app/look/style.css"
)

// looks are the addresses of a tenant's logo and stylesheet; empty where Hookline's own are shown.
func looks(b tenant.Branding) (logo, style string) {
	if b.Logo != nil {
		logo = logoPath + "?v=" + b.Logo.SHA256[:12]
	}
	if b.Color != "" {
		style = stylePath + "?" + url.Values{"v": {b.Color[1:]}}.Encode()
	}
	return logo, style
}

func (d *Dashboard) registerLook(e *echo.Echo) {
	d.get(e, logoPath, "", logo)
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

func style(v *visit) error {
	b := v.Session.Tenant.Branding.V
	if b.Color == "" {
		return inhouse.ErrMissing
	}
	v.keep()
	return v.Blob(http.StatusOK, "text/css; charset=utf-8", fmt.Appendf(nil, brand, b.Color, b.OnDark(), b.Pressed()))
}

func logo(v *visit) error {
	b := v.Session.Tenant.Branding.V
	if b.Logo == nil {
		return inhouse.ErrMissing
	}
	picture, err := v.dashboard.options.Looks.Logo(v.Request().Context(), v.Session.Tenant.ID)
	if err != nil {
		return err
	}
	v.keep()
	return v.Blob(http.StatusOK, b.Logo.ContentType, picture)
}

// keep lets the browser cache the file, but no proxy.
func (v *visit) keep() {
	h := v.Response().Header()
	h.Set(echo.HeaderCacheControl, "private, max-age=604800")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
}
