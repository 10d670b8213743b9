package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/internal/app"
)

func keysCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "keys", Short: "Create API keys for hookline dev", RunE: needsCommand}
	var dataDir, name string
	create := &cobra.Command{
		Use: "create", Short: "Create another API key for the demo tenant of hookline dev", Args: noArgs,
		Long: "Create another API key for the demo tenant of hookline dev, which may be running. In production " +
			"operators make\n" +
			"keys through the API: POST /admin/v1/tenants/{tenant_id}/keys.",
		RunE: func(c *cobra.Command, _ []string) error {
			if !app.HasDevData(dataDir) {
				return usageError{fmt.Sprintf("There is no data in %s. Start Hookline first: hookline dev "+
					"--data-dir %s", dataDir, dataDir)}
			}
			key, err := app.CreateDevKey(c.Context(), dataDir, name)
			if err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), key)
			return nil
		},
	}
	create.Flags().StringVar(&dataDir, "data-dir", defaultDataDir, "data directory of hookline dev")
	create.Flags().StringVar(&name, "name", "Command line", "name of the key")
	cmd.AddCommand(create)
	return cmd
}
