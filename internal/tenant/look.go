package tenant

import (
	"context"

	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/wire"
)

// Look is a change of a Branding: nil fields stay, empty ones become Hookline's own.
type Look struct{ Color, Logo *string } // Logo is a data: address

// logoRow is a row of tenant_logos.
type logoRow struct {
	TenantID string
	Picture  []byte
}

// TableName implements GORM's Tabler.
func (logoRow) TableName() string { return "tenant_logos" }

// look applies a change of the branding, in the transaction that changes the tenant.
func (t *Tenant) look(tx *gorm.DB, l Look) error {
	if color := wire.Or(l.Color, ""); color != "" {
		if err := CheckColor(color); err != nil {
			return err
		}
	}
	t.Branding.V.Color = wire.Or(l.Color, t.Branding.V.Color)
	if l.Logo == nil {
		return nil
	}
	t.Branding.V.Logo = nil
	if err := db.Tenant(tx, t.ID).Delete(&logoRow{}).Error; err != nil || *l.Logo == "" {
		return err
	}
	logo, picture, err := readLogo(*l.Logo)
	if err != nil {
		return err
	}
	t.Branding.V.Logo = &logo
	return tx.Create(&logoRow{t.ID, picture}).Error
}

// Logo returns the picture of a tenant's logo.
func (s *Store) Logo(ctx context.Context, tenantID string) ([]byte, error) {
	row, err := db.One[logoRow](db.Tenant(s.db.Read(ctx), tenantID), "logo")
	return row.Picture, err
}

// lookOf converts a request's change; null means Hookline's own.
func lookOf(w *api.BrandingUpdate) Look {
	var l Look
	if w == nil {
		return l
	}
	if w.Color.IsSpecified() {
		l.Color = new(wire.Or(wire.Pointer(w.Color), ""))
	}
	if w.Logo.IsSpecified() {
		l.Logo = new(wire.Or(wire.Pointer(w.Logo), ""))
	}
	return l
}

func lookToWire(b Branding) api.Branding {
	w := api.Branding{Color: wire.Null(wire.Text(b.Color))}
	w.Logo.SetNull()
	if b.Logo != nil {
		w.Logo.Set(struct {
			ContentType string `json:"content_type"`
			Sha256      string `json:"sha256"`
			Size        int    `json:"size"`
		}{b.Logo.ContentType, b.Logo.SHA256, b.Logo.Size})
	}
	return w
}
