package tenant

import (
	"context"

	"github.com/oapi-codegen/nullable"
	"gorm.io/gorm"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/wire"
)

// Look is a change of a Branding: nil fields stay, empty ones become Hookline's own. The pictures are data: addresses.
type Look struct{ Name, Color, Logo, Favicon *string }

// PictureKind is what a picture is for.
type PictureKind string

// The kinds of pictures, by their names in the contract.
const (
	Logo    PictureKind = "logo"
	Favicon PictureKind = "favicon"
)

// pictureRow is a row of tenant_pictures.
type pictureRow struct {
	TenantID string
	Kind     PictureKind
	Picture  []byte
}

// TableName implements GORM's Tabler.
func (pictureRow) TableName() string { return "tenant_pictures" }

// look applies a change of the branding, in the transaction that changes the tenant.
func (t *Tenant) look(tx *gorm.DB, l Look) error {
	if color := wire.Or(l.Color, ""); color != "" {
		if err := CheckColor(color); err != nil {
			return err
		}
	}
	b := &t.Branding.V
	b.Color, b.Name = wire.Or(l.Color, b.Color), wire.Or(l.Name, b.Name)
	if err := t.replace(tx, Logo, l.Logo, &b.Logo); err != nil {
		return err
	}
	return t.replace(tx, Favicon, l.Favicon, &b.Favicon)
}

// replace stores a picture in place of another; an empty address removes it.
func (t *Tenant) replace(tx *gorm.DB, kind PictureKind, address *string, described **Picture) error {
	if address == nil {
		return nil
	}
	*described = nil
	err := db.Tenant(tx, t.ID).Where("kind = ?", kind).Delete(&pictureRow{}).Error
	if err != nil || *address == "" {
		return err
	}
	found, picture, err := readPicture(kind, *address)
	if err != nil {
		return err
	}
	*described = &found
	return tx.Create(&pictureRow{t.ID, kind, picture}).Error
}

// Picture returns a tenant's picture.
func (s *Store) Picture(ctx context.Context, tenantID string, kind PictureKind) ([]byte, error) {
	row, err := db.One[pictureRow](db.Tenant(s.db.Read(ctx), tenantID).Where("kind = ?", kind), string(kind))
	return row.Picture, err
}

// lookOf converts a request's change; null means Hookline's own.
func lookOf(w *api.BrandingUpdate) Look {
	var l Look
	if w == nil {
		return l
	}
	read := func(n nullable.Nullable[string]) *string {
		if !n.IsSpecified() {
			return nil
		}
		return new(wire.Or(wire.Pointer(n), ""))
	}
	l.Name, l.Color, l.Logo, l.Favicon = read(w.Name), read(w.Color), read(w.Logo), read(w.Favicon)
	return l
}

func lookToWire(b Branding) api.Branding {
	w := api.Branding{Name: wire.Null(wire.Text(b.Name)), Color: wire.Null(wire.Text(b.Color))}
	w.Logo.SetNull()
	w.Favicon.SetNull()
	type described = struct {
		ContentType string `json:"content_type"`
		Sha256      string `json:"sha256"`
		Size        int    `json:"size"`
	}
	if p := b.Logo; p != nil {
		w.Logo.Set(described{p.ContentType, p.SHA256, p.Size})
	}
	if p := b.Favicon; p != nil {
		w.Favicon.Set(described{p.ContentType, p.SHA256, p.Size})
	}
	return w
}
