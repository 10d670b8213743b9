package api

import (
	"cmp"
	"context"

	"github.com/labstack/echo/v4"

	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/principal"
	"github.com/hookline/hookline/internal/profile"
	"github.com/hookline/hookline/internal/tenant"
)

type tenants interface {
	Get(ctx context.Context, tenantID string) (tenant.Tenant, error)
}

// forTenant lets an operator act as the tenant that the path names, in the environment that the query names, live
// unless it does. Steps outside of it, such as the metrics of requests, see the operator alone.
func forTenant(rule contract.Rule, all tenants) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if !rule.ForTenant {
			return next
		}
		return func(c echo.Context) error {
			request := c.Request()
			ctx := request.Context()
			t, err := all.Get(ctx, c.Param("tenant_id"))
			if err != nil {
				return err
			}
			environment := principal.Environment(cmp.Or(c.QueryParam("environment"), string(principal.Live)))
			defer func() { c.SetRequest(request) }()
			c.SetRequest(request.WithContext(principal.With(ctx, actingAs(principal.From(ctx), t, environment))))
			return next(c)
		}
	}
}

// actingAs returns an operator with what a tenant is and has. It remains an operator to the audit log.
func actingAs(p principal.Principal, t tenant.Tenant, environment principal.Environment) principal.Principal {
	p.Scope = principal.Scope{TenantID: t.ID, Environment: environment}
	t.Describe(&p)
	p.OwnsRest = profile.Of(t.Profile).Keys.OfUsers // for every member, as the tenant's owners may
	return p
}
