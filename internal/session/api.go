package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/audit"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/problem"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/role"
	"github.com/hookline/hookline/internal/tenant"
	"github.com/hookline/hookline/internal/wire"
)

// LoginPath is the path of links; the token follows as ?once=.
const LoginPath = "/app/login"

// FrameParam is the parameter of links that says how pages are shown in a frame, FrameBare its value for pages without
// navigation.
const (
	FrameParam = "frame"
	FrameBare  = "bare"
)

// API serves the operations on sessions in tenants' dashboards: those of operators and of tenants.
type API struct {
	store     *Store
	audit     *audit.Log
	publicURL string
}

// NewAPI makes the API. publicURL is scheme and host of links; when it is empty they use those of the request.
func NewAPI(store *Store, log *audit.Log, publicURL string) *API {
	return &API{store: store, audit: log, publicURL: publicURL}
}

// defaultLife is how long a session lasts unless the request sets it; the contract documents the same default.
const defaultLife = 3600

// CreatePortalSession implements the operation of the contract.
func (a *API) CreatePortalSession(ctx context.Context,
	r api.CreatePortalSessionRequestObject) (api.CreatePortalSessionResponseObject, error) {
	t, err := a.store.tenants.Get(ctx, r.TenantID)
	if err != nil {
		return nil, err
	}
	capabilities, err := a.capabilities(ctx, t, *r.Body)
	if err != nil {
		return nil, err
	}
	theme := themeOf(r.Body.Theme)
	if err := theme.Check(); err != nil {
		return nil, err
	}
	p := principal.From(ctx)
	n := New{
		Scope:    principal.Scope{TenantID: t.ID, Environment: principal.Environment(r.Body.Environment)},
		MemberID: wire.Or(r.Body.MemberID, ""), OperatorKeyID: p.KeyID, Capabilities: capabilities,
		MaySwitch: wire.Or(r.Body.MaySwitch, false), OpenedBy: ByLink, Theme: theme,
		Life: time.Duration(wire.Or(r.Body.ExpiresIn, defaultLife)) * time.Second,
	}
	if p.SessionID != "" { // a person, and not the product's backend
		n.OpenedBy = ByOperator
	}
	var row Session
	var link string
	err = a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		row, link, err = a.store.Invite(ctx, n)
		return audit.Change{TenantID: t.ID, Target: row.ID, After: view(row)}, err
	})
	if err != nil {
		return nil, err
	}
	base := a.publicURL
	if base == "" {
		base = p.Origin
	}
	frame := ""
	if wire.Or(r.Body.Frame, api.PortalSessionCreateFrameFull) == api.PortalSessionCreateFrameBare {
		frame = "&" + FrameParam + "=" + FrameBare
	}
	return api.CreatePortalSession201JSONResponse{
		ID: row.ID, URL: base + LoginPath + "?once=" + link + frame, ExpiresAt: row.LinkExpiresAt.Time,
		SessionExpiresAt: row.ExpiresAt.Time,
	}, nil
}

// RevokePortalSession implements the operation of the contract.
func (a *API) RevokePortalSession(ctx context.Context,
	r api.RevokePortalSessionRequestObject) (api.RevokePortalSessionResponseObject, error) {
	err := a.audit.Do(ctx, func(ctx context.Context) (audit.Change, error) {
		before, after, err := a.store.Revoke(ctx, AccessScope{TenantID: r.TenantID, All: true}, r.PortalSessionID)
		return audit.Change{TenantID: r.TenantID, Target: r.PortalSessionID, Before: view(before), After: view(after)},
			err
	})
	if err != nil {
		return nil, err
	}
	return api.RevokePortalSession204Response{}, nil
}

// capabilities returns the permissions of a new session, and refuses unknown ones and those that the member lacks.
func (a *API) capabilities(ctx context.Context, t tenant.Tenant, b api.PortalSessionCreate) ([]string, error) {
	if profile.Of(t.Profile).Keys.OfUsers && b.MemberID == nil {
		return nil, problem.Invalid(problem.Detail{Field: "member_id", Message: "is missing: in the profile " +
			t.Profile + " what users make is their own, so a session is a member's; name one"})
	}
	roles := a.store.roles.Of(t.Profile)
	as, allowed := role.Developer, roles.Known()
	if b.MemberID != nil {
		m, err := a.store.members.Get(ctx, t.ID, *b.MemberID)
		if errors.Is(gone(err), ErrNone) {
			return nil, problem.Invalid(problem.Detail{Field: "member_id", Message: "is not a member of this tenant"})
		}
		if err != nil {
			return nil, err
		}
		as, allowed = m.Role, roles.Permissions(m.Role)
	}
	switch {
	case b.Capabilities != nil && b.Role != nil:
		return nil, problem.Invalid(problem.Detail{Field: "role", Message: "can't be sent together with capabilities"})
	case b.Capabilities != nil:
		return chosen(*b.Capabilities, roles.Known(), allowed)
	case b.Role != nil:
		as = role.Role(*b.Role)
	}
	if !roles.Within(as, func(p string) bool { return slices.Contains(allowed, p) }) {
		return nil, problem.Invalid(problem.Detail{Field: "role", Message: "has more permissions than the member"})
	}
	return roles.Permissions(as), nil
}

func chosen(wanted, known, allowed []string) ([]string, error) {
	var out []string
	var details []problem.Detail
	for i, w := range wanted {
		field := fmt.Sprintf("capabilities[%d]", i)
		switch {
		case w == principal.All && len(allowed) == len(known):
			out = append(out, known...)
		case w != principal.All && !slices.Contains(known, w):
			details = append(details, problem.Detail{Field: field,
				Message: "is not a permission; operations name theirs in x-permission of the contract"})
		case !slices.Contains(allowed, w):
			details = append(details, problem.Detail{Field: field,
				Message: "exceeds the permissions of the member's role"})
		default:
			out = append(out, w)
		}
	}
	if details != nil {
		return nil, problem.Invalid(details...)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func themeOf(w *api.Theme) tenant.Theme {
	if w == nil {
		return tenant.Theme{}
	}
	palette := func(c *api.ThemeColors) *tenant.Palette {
		if c == nil {
			return nil
		}
		return &tenant.Palette{Accent: c.Accent, Background: c.Background, Surface: c.Surface, Text: c.Text,
			Muted: wire.Or(c.Muted, ""), Border: wire.Or(c.Border, "")}
	}
	return tenant.Theme{Light: palette(w.Light), Dark: palette(w.Dark), Radius: w.Radius, Font: wire.Or(w.Font, "")}
}

// seen is a session in the audit log, without its secrets.
type seen struct {
	ID           string                `json:"id"`
	TenantID     string                `json:"tenant_id,omitempty"`
	Environment  principal.Environment `json:"environment,omitempty"`
	MemberID     string                `json:"member_id,omitempty"`
	Operator     string                `json:"operator,omitempty"`
	OpenedBy     OpenedBy              `json:"opened_by"`
	Capabilities []string              `json:"capabilities"`
	ExpiresAt    time.Time             `json:"expires_at"`
	RevokedAt    *time.Time            `json:"revoked_at"`
}

func view(s Session) seen {
	return seen{s.ID, s.TenantID, s.Environment, s.MemberID, s.OperatorSubject, s.OpenedBy, s.Capabilities.V,
		s.ExpiresAt.Time, s.RevokedAt.Pointer()}
}
