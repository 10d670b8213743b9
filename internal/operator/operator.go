// Package operator manages the keys of the people and services that run Hookline. An operator key belongs to no
// tenant and sees no tenant's data through the tenants' API. Its role decides which operators' operations it may call.
package operator

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/hookline/hookline/internal/cidr"
	"github.com/hookline/hookline/internal/db"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
)

// Prefix is the prefix of operator keys.
const Prefix = "hk_op_"

// Key is a row of operator_keys.
type Key struct {
	ID           string
	Name         string
	Hint         string
	Hash         []byte
	Role         principal.OperatorRole
	AllowedCIDRs db.JSON[[]string] `gorm:"column:allowed_cidrs"` // canonical; empty means any address
	CreatedAt    db.Time
	LastUsedAt   db.Time
	ExpiresAt    db.Time // zero means never
	RevokedAt    db.Time
	Given        bool // by HOOKLINE_OPERATOR_KEY
}

// TableName implements GORM's Tabler.
func (Key) TableName() string { return "operator_keys" }

// Spec is the settings of a key. Without ExpiresAt it never expires; without AllowedCIDRs it works from any address.
type Spec struct {
	Name         string
	Role         principal.OperatorRole
	ExpiresAt    time.Time
	AllowedCIDRs []string
}

func (k *Key) apply(s Spec) {
	k.Name, k.Role, k.AllowedCIDRs.V = s.Name, s.Role, append([]string{}, s.AllowedCIDRs...)
	k.ExpiresAt = db.Time{}
	if !s.ExpiresAt.IsZero() {
		k.ExpiresAt = db.At(s.ExpiresAt)
	}
}

func (k Key) spec() Spec {
	return Spec{Name: k.Name, Role: k.Role, ExpiresAt: k.ExpiresAt.Time, AllowedCIDRs: k.AllowedCIDRs.V}
}

// worksAt reports whether the key is neither revoked nor expired.
func (k Key) worksAt(now time.Time) bool {
	return k.RevokedAt.IsZero() && (k.ExpiresAt.IsZero() || now.Before(k.ExpiresAt.Time))
}

// CheckAddress fails with a problem when the key may not be used from an address.
func (k Key) CheckAddress(address string) error { return cidr.Check(k.AllowedCIDRs.V, address) }

// check refuses unusable settings with every violation, and writes the networks in canonical form.
func (s *Spec) check(now time.Time) error {
	var details []problem.Detail
	if !slices.Contains(principal.OperatorRoles(), s.Role) {
		details = append(details, problem.Detail{Field: "role", Message: "is not a role of operators"})
	}
	if !s.ExpiresAt.IsZero() && !s.ExpiresAt.After(now) {
		details = append(details, problem.Detail{Field: "expires_at", Message: "is in the past"})
	}
	if s.ExpiresAt.UTC().Year() > 9999 {
		details = append(details, problem.Detail{Field: "expires_at",
			Message: "is beyond the year 9999; leave it out for never"})
	}
	networks, wrong := cidr.Canonical("allowed_cidrs", s.AllowedCIDRs)
	if details = append(details, wrong...); len(details) > 0 {
		return problem.Invalid(details...)
	}
	s.AllowedCIDRs = networks
	return nil
}

// sameLimits reports whether two settings differ in nothing but the name.
func (s Spec) sameLimits(other Spec) bool {
	return s.Role == other.Role && s.ExpiresAt.Equal(other.ExpiresAt) && slices.Equal(s.AllowedCIDRs,
		other.AllowedCIDRs)
}

// mayGrant refuses settings that k must not give to a key. Only an admin key can make others, so an admin key that
// expires, or is limited to networks, would otherwise lift its own limits by making another. Keys of other roles can't
// make keys, so their limits are free: the key of a server has the server's network and not that of its maker.
func (k Key) mayGrant(s Spec) error {
	if s.Role != principal.OperatorAdmin {
		return nil
	}
	if !k.ExpiresAt.IsZero() && (s.ExpiresAt.IsZero() || s.ExpiresAt.After(k.ExpiresAt.Time)) {
		return problem.New(problem.Forbidden, "Your key expires at %s. It can't give an admin key a later expiry.",
			k.ExpiresAt.UTC().Format(time.RFC3339))
	}
	if !cidr.Covers(k.AllowedCIDRs.V, s.AllowedCIDRs) {
		return problem.New(problem.Forbidden, "Your key works from certain networks only. It can't give an admin key "+
			"others.")
	}
	return nil
}

// newText makes the text of a key: the prefix and 192 random bits.
func newText() string {
	var raw [24]byte
	_, _ = rand.Read(raw[:]) // never fails: crypto/rand ends the program instead
	return Prefix + hex.EncodeToString(raw[:])
}

func hash(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}
