package inbox

import (
	"context"
	"io/fs"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/dashboard/ui"
	"github.com/hookline/hookline/internal/tenant"
)

const embedPath = "/dev/embed"

// embedCSP is the policy of the demo of a frame, which shows a page of this server in one.
const embedCSP = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; " +
	"frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

var corners = 3

// EmbedTheme is the look of the pages in the demo of a frame: that of the product around it.
var EmbedTheme = tenant.Theme{
	Light: &tenant.Palette{Accent: "#0b6b4f", Background: "#ffffff", Surface: "#ffffff", Text: "#17261f",
		Border: "#d5e0da"},
	Radius: &corners, Font: "Georgia, serif",
}

// RegisterEmbed adds /dev/embed, the page of a made-up product that shows the dashboard in a frame. link makes an
// address that signs the frame in, once.
func RegisterEmbed(e *echo.Echo, link func(ctx context.Context) (string, error)) {
	files, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		panic(err) // the path is a constant
	}
	css, err := fs.Sub(files, "embed")
	if err != nil {
		panic(err)
	}
	assets := ui.NewAssets(embedPath+"/assets", css, ui.Files())
	assets.Register(e)
	pages := ui.Parse(assets, files, "embed")
	e.GET(embedPath, func(c echo.Context) error {
		address, err := link(c.Request().Context())
		if err != nil {
			return err
		}
		return pages.RenderWith(c, embedCSP, http.StatusOK, "embed", ui.Page{Title: "Webhooks", Brand: "Fernhill",
			Bare: true, Data: address})
	})
}
