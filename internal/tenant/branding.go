package tenant

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/hookline/hookline/internal/problem"
)

// Branding is the look of the dashboard for a tenant's members; empty fields mean Hookline's own.
type Branding struct {
	Name    string   `json:"name,omitempty"`  // of the product
	Color   string   `json:"color,omitempty"` // such as #0b6468
	Logo    *Picture `json:"logo,omitempty"`
	Favicon *Picture `json:"favicon,omitempty"`
}

// Picture describes a picture, which is stored separately.
type Picture struct {
	ContentType string `json:"content_type"`
	Size        int    `json:"size"`   // in bytes
	SHA256      string `json:"sha256"` // in hex
}

// The surfaces on which the dashboard shows a tenant's colour and that are nearest to it: where it can be read on
// these, it can on all. A test compares them with the stylesheet.
const (
	LightSurface = "#eceef2"
	DarkSurface  = "#282c37"
)

// readable is the contrast that texts need (WCAG AA).
const readable = 4.5

// CheckColor refuses a colour that is unreadable on light surfaces, or white on it.
func CheckColor(color string) error {
	if got := Contrast(color, LightSurface); got < readable {
		return problem.Invalid(problem.Detail{
			Field: "branding.color",
			Message: fmt.Sprintf("is too light: its contrast with the light parts of pages is %.1f, and %.1f is "+
				"required for readability; use a darker one", got, readable),
		})
	}
	return nil
}

// OnDark is the colour lightened until it can be read on dark surfaces.
func (b Branding) OnDark() string {
	rgb := channels(b.Color)
	for step := range 101 {
		c := mix(rgb, 255, float64(step)/100)
		if Contrast(c, DarkSurface) >= readable {
			return c
		}
	}
	return "#ffffff"
}

// Pressed is the colour a little darker, for what the pointer is over.
func (b Branding) Pressed() string { return mix(channels(b.Color), 0, .15) }

// Contrast of two colours such as #0b6468, as WCAG defines it: from 1 to 21.
func Contrast(a, b string) float64 {
	light, dark := luminance(a), luminance(b)
	if light < dark {
		light, dark = dark, light
	}
	return (light + .05) / (dark + .05)
}

func channels(color string) (rgb [3]float64) {
	n, err := strconv.ParseUint(strings.TrimPrefix(color, "#"), 16, 32)
	if err != nil {
		return rgb
	}
	return [3]float64{float64(n >> 16 & 255), float64(n >> 8 & 255), float64(n & 255)}
}

func mix(rgb [3]float64, with, share float64) string {
	part := func(c float64) int { return int(math.Round(c + (with-c)*share)) }
	return fmt.Sprintf("#%02x%02x%02x", part(rgb[0]), part(rgb[1]), part(rgb[2]))
}

func luminance(color string) float64 {
	linear := func(c float64) float64 {
		if c /= 255; c <= .04045 {
			return c / 12.92
		}
		return math.Pow((c+.055)/1.055, 2.4)
	}
	rgb := channels(color)
	return .2126*linear(rgb[0]) + .7152*linear(rgb[1]) + .0722*linear(rgb[2])
}

// The limits of a picture.
const (
	maxPicture = 64 << 10 // bytes
	maxPixels  = 1024     // on each side
)

// readPicture decodes a picture from a data: URL, and refuses other content and too large pictures.
func readPicture(field PictureKind, address string) (Picture, []byte, error) {
	refuse := func(message string) (Picture, []byte, error) {
		return Picture{}, nil, problem.Invalid(problem.Detail{Field: "branding." + string(field), Message: message})
	}
	kind, encoded, ok := strings.Cut(strings.TrimPrefix(address, "data:"), ";base64,")
	picture, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil {
		return refuse("must be a data: address in base64")
	}
	if len(picture) > maxPicture {
		return refuse("must be at most 64 KiB")
	}
	switch kind {
	case "image/png":
		size, err := png.DecodeConfig(bytes.NewReader(picture))
		if err != nil {
			return refuse("is not a PNG")
		}
		if size.Width > maxPixels || size.Height > maxPixels {
			return refuse("must be at most 1024 by 1024 pixels")
		}
	case "image/svg+xml":
		if err := checkSVG(picture); err != nil {
			return refuse(err.Error())
		}
	default:
		return refuse("must be a PNG or an SVG")
	}
	sum := sha256.Sum256(picture)
	return Picture{kind, len(picture), hex.EncodeToString(sum[:])}, picture, nil
}

// checkSVG refuses scripts and external references. Browsers run no scripts of an image; this protects people who open
// the file itself.
func checkSVG(picture []byte) error {
	d, depth := xml.NewDecoder(bytes.NewReader(picture)), 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && depth > 0 {
			return nil
		}
		if err != nil {
			return errors.New("is not an SVG")
		}
		switch t := token.(type) {
		case xml.Directive:
			return errors.New("must not have a document type")
		case xml.StartElement:
			if depth++; depth == 1 && t.Name.Local != "svg" {
				return errors.New("is not an SVG")
			}
			if err := checkElement(t); err != nil {
				return err
			}
		case xml.CharData:
			if text := string(t); strings.Contains(text, "@import") || loads(text) {
				return errors.New("must not load anything")
			}
		}
	}
}

func checkElement(t xml.StartElement) error {
	switch strings.ToLower(t.Name.Local) {
	case "script", "foreignobject", "iframe", "object", "embed", "handler", "set", "animate":
		return fmt.Errorf("must not have the element %s", t.Name.Local)
	}
	for _, a := range t.Attr {
		name, value := strings.ToLower(a.Name.Local), strings.TrimSpace(a.Value)
		switch {
		case strings.HasPrefix(name, "on"):
			return fmt.Errorf("must not have the attribute %s", a.Name.Local)
		case (name == "href" || name == "src") && !strings.HasPrefix(value, "#"), loads(value):
			return errors.New("must not load anything")
		}
	}
	return nil
}

// loads reports whether a style refers to anything outside of its picture.
func loads(style string) bool {
	for i, part := range strings.Split(strings.ToLower(style), "url(") {
		if i > 0 && !strings.HasPrefix(strings.TrimLeft(part, "\"' \t\n"), "#") {
			return true
		}
	}
	return false
}
