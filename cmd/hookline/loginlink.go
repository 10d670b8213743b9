package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/internal/app"
)

func loginLinkCommand() *cobra.Command {
	var dataDir string
	var operator, asJSON bool
	cmd := &cobra.Command{
		Use: "login-link", Short: "Print a link that signs you in to the dashboard of a running hookline dev",
		Long: "Print a link that signs one browser in to the dashboard of hookline dev, which must be running, once and\n" +
			"within 10 minutes. In production your product makes links with the API:\n" +
			"POST /admin/v1/tenants/{tenant_id}/portal-sessions.",
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if !app.HasDevData(dataDir) {
				return usageError{fmt.Sprintf("There is no data in %s. Start Hookline first: hookline dev --data-dir %s",
					dataDir, dataDir)}
			}
			link, err := app.DevLoginLink(c.Context(), dataDir, operator)
			if err != nil {
				return err
			}
			return printAs(c, asJSON, map[string]string{"url": link}, link)
		},
	}
	cmd.Flags().StringVar(&dataDir, "data-dir", defaultDataDir, "data directory of hookline dev")
	cmd.Flags().BoolVar(&operator, "operator", false, "a link to the operators' pages")
	jsonFlag(cmd, &asJSON)
	return cmd
}
