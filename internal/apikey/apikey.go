// Package apikey manages the API keys of tenants. A key is shown once and stored only as its SHA-256; its last
// characters are a checksum, so that a mistyped key is refused without a database query.
package apikey

import (
	"crypto/rand"
	"crypto/sha256"
	"hash/crc32"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/ratelimit"
	"github.com/hookline/hookline/internal/role"
)

// Key is a row of api_keys.
type Key struct {
	ID           string
	TenantID     string
	Environment  principal.Environment
	Name         string
	Prefix       string
	Hint         string
	Hash         []byte
	Permissions  db.JSON[[]string]
	CreatedAt    db.Time
	LastUsedAt   db.Time
	RevokedAt    db.Time
	ExpiresAt    db.Time
	Role         role.Role         // when set, the permissions are the role's
	UserID       string            // the member it belongs to; empty for a key of the tenant
	Tier         string            // its own rate limit, as tier writes it; empty for none
	AllowedCIDRs db.JSON[[]string] `gorm:"column:allowed_cidrs"`
}

// Spec is the settings of a new key: Permissions or a Role, the rest optional.
type Spec struct {
	Name         string
	Permissions  []string
	Role         role.Role
	UserID       string // set once, when the key is made
	ExpiresAt    time.Time
	AllowedCIDRs []string
	Limit        ratelimit.Limit // the zero Limit means none of its own
}

// tier writes a rate limit in its stored form: requests and period, such as 1000/1h0m0s.
func tier(l ratelimit.Limit) string {
	if l.Requests == 0 {
		return ""
	}
	return strconv.Itoa(l.Requests) + "/" + l.Window.String()
}

// ownLimit parses Tier; the zero Limit when the key has none.
func (k Key) ownLimit() ratelimit.Limit {
	requests, period, _ := strings.Cut(k.Tier, "/")
	n, err := strconv.Atoi(requests)
	d, werr := time.ParseDuration(period)
	if err != nil || werr != nil {
		return ratelimit.Limit{}
	}
	return ratelimit.Limit{Requests: n, Window: d}
}

// worksAt reports whether the key is neither revoked nor expired.
func (k Key) worksAt(now time.Time) bool {
	return k.RevokedAt.IsZero() && (k.ExpiresAt.IsZero() || now.Before(k.ExpiresAt.Time))
}

// TableName implements GORM's Tabler.
func (Key) TableName() string { return "api_keys" }

const (
	alphabet       = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	randomLength   = 30
	checksumLength = 6
)

// prefixes are those of all profiles: a key stays valid when its tenant's profile changes.
var prefixes = profile.KeyPrefixes()

// Generate makes a key: the prefix, 30 random base62 characters (178 bits) and their checksum.
func Generate(prefix string) string {
	body := prefix + randomText(randomLength)
	return body + checksum(body)
}

// randomText draws each character with equal probability by throwing away bytes beyond a multiple of 62.
func randomText(n int) string {
	out := make([]byte, 0, n)
	for len(out) < n {
		var buf [64]byte
		_, _ = rand.Read(buf[:]) // never fails: crypto/rand ends the program instead
		for _, b := range buf {
			if int(b) < 256/len(alphabet)*len(alphabet) && len(out) < n {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out)
}

// checksum is the CRC32 of the text in six base62 characters.
func checksum(text string) string {
	v := crc32.ChecksumIEEE([]byte(text))
	var out [checksumLength]byte
	for i := checksumLength - 1; i >= 0; i-- {
		out[i] = alphabet[v%uint32(len(alphabet))]
		v /= uint32(len(alphabet))
	}
	return string(out[:])
}

// WellFormed reports whether a text can be a key: a known prefix, the right length, and a matching checksum.
func WellFormed(text string) bool {
	i := slices.IndexFunc(prefixes, func(p string) bool { return strings.HasPrefix(text, p) })
	if i < 0 || len(text) != len(prefixes[i])+randomLength+checksumLength {
		return false
	}
	body := text[:len(text)-checksumLength]
	return checksum(body) == text[len(body):]
}

// looks matches keys in texts, also truncated and mistyped ones: what is left of them is still worth redacting.
var looks = regexp.MustCompile(`\b(?:` + strings.Join(prefixes, "|") + `)[0-9A-Za-z]{8}`)

// Carried reports whether a text contains something that looks like a key.
func Carried(text string) bool { return looks.MatchString(text) }

// Hash returns the stored form of a key, its SHA-256.
func Hash(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

// Hint returns the first characters of a key, which stay visible after its creation.
func Hint(text string, shown int) string { return text[:min(len(text), shown)] }
