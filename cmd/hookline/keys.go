package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/cidr"
	"github.com/hookline/hookline/internal/principal"
)

// keyFlags are the flags of keys create.
type keyFlags struct {
	dataDir, name, role, expires string
	cidrs                        []string
	operator, json               bool
}

func keysCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "keys", Short: "Create API keys and operator keys, and replace encryption keys",
		RunE: needsCommand}
	var f keyFlags
	create := &cobra.Command{
		Use: "create", Short: "Create an API key for the demo tenant of hookline dev, or an operator key", Args: noArgs,
		Long: "Create another API key for the demo tenant of hookline dev, which may be running. In production " +
			"operators make\n" +
			"keys through the API: POST /admin/v1/tenants/{tenant_id}/keys.\n\n" +
			"With --operator, create an operator key: in the database at HOOKLINE_DATABASE_URL, or else in the data " +
			"of\nhookline dev. Give each holder the least role: backend to your product's server, support to " +
			"people who look\nafter deliveries, admin to those who manage operators.",
		RunE: func(c *cobra.Command, _ []string) error { return f.create(c) },
	}
	create.Flags().StringVar(&f.dataDir, "data-dir", defaultDataDir, "data directory of hookline dev")
	create.Flags().StringVar(&f.name, "name", "Command line", "name of the key")
	create.Flags().BoolVar(&f.operator, "operator", false, "create an operator key")
	create.Flags().StringVar(&f.role, "role", "", "role of the operator key: admin, support or backend")
	create.Flags().StringVar(&f.expires, "expires", "",
		"when the operator key expires: a time such as 2026-11-21T09:00:00Z, or in a while, such as 90d; never by default")
	create.Flags().StringSliceVar(&f.cidrs, "cidr", nil,
		"network that the operator key may be used from, such as 192.0.2.0/24; repeatable; any address by default")
	jsonFlag(create, &f.json)
	cmd.AddCommand(create, rotateEncryptionCommand())
	return cmd
}

func (f keyFlags) create(c *cobra.Command) error {
	create := f.createTenantKey
	if f.operator {
		create = f.createOperatorKey
	}
	key, err := create(c)
	if err != nil {
		return err
	}
	return printAs(c, f.json, map[string]string{"key": key}, key)
}

func (f keyFlags) createTenantKey(c *cobra.Command) (string, error) {
	if f.role != "" || f.expires != "" || len(f.cidrs) > 0 {
		return "", usageError{"--role, --expires and --cidr are for operator keys: add --operator."}
	}
	if !app.HasDevData(f.dataDir) {
		return "", usageError{fmt.Sprintf("There is no data in %s. Start Hookline first: hookline dev --data-dir %s",
			f.dataDir, f.dataDir)}
	}
	return app.CreateDevKey(c.Context(), f.dataDir, f.name)
}

func (f keyFlags) createOperatorKey(c *cobra.Command) (string, error) {
	body, err := f.operatorKey(time.Now())
	if err != nil {
		return "", err
	}
	cfg, _, err := offlineSettings(f.dataDir)
	if err != nil {
		return "", err
	}
	return app.CreateOperatorKey(c.Context(), cfg.DatabaseURL, body)
}

// operatorKey reads the flags of an operator key. There is no default role: the most convenient would be too much.
func (f keyFlags) operatorKey(now time.Time) (api.OperatorKeyCreate, error) {
	body := api.OperatorKeyCreate{Name: f.name, Role: api.OperatorRole(f.role), AllowedCidrs: &f.cidrs}
	if !slices.Contains(principal.OperatorRoles(), principal.OperatorRole(f.role)) {
		return body, usageError{fmt.Sprintf("--role is admin, support or backend, not %q.", f.role)}
	}
	for _, network := range f.cidrs {
		if _, err := cidr.Parse(network); err != nil {
			return body, usageError{fmt.Sprintf("--cidr is a network such as 192.0.2.0/24, not %q.", network)}
		}
	}
	if f.expires == "" {
		return body, nil
	}
	at, err := time.Parse(time.RFC3339, f.expires)
	if err != nil {
		in, err := duration(f.expires)
		if err != nil {
			return body, usageError{fmt.Sprintf("--expires is a time such as 2026-11-21T09:00:00Z, or a duration such "+
				"as 90d, not %q.", f.expires)}
		}
		at = now.Add(in)
	}
	if !at.After(now) || at.UTC().Year() > 9999 {
		return body, usageError{fmt.Sprintf("--expires %s is not in the future, or beyond the year 9999.", f.expires)}
	}
	body.ExpiresAt = &at
	return body, nil
}

// duration reads days, such as 90d, or hours and less, such as 12h.
func duration(text string) (time.Duration, error) {
	days, ok := strings.CutSuffix(text, "d")
	if !ok {
		return time.ParseDuration(text)
	}
	n, err := strconv.ParseUint(days, 10, 16)
	return time.Duration(n) * 24 * time.Hour, err
}
