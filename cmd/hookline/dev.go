package main

import (
	"github.com/spf13/cobra"

	"github.com/hookline/hookline/internal/app"
)

const defaultDataDir = "./.hookline"

func devCommand() *cobra.Command {
	var o app.DevOptions
	cmd := &cobra.Command{
		Use:   "dev",
		Short: "Run everything in one process, with nothing to install or configure",
		Long: "Run the API, the worker, a database (SQLite) and a queue in one process, with a demo tenant, a " +
			"key and an\n" +
			"inbox that shows the webhooks that arrive. For development: do not expose it.",
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return app.RunDev(c.Context(), o, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&o.Addr, "addr", "127.0.0.1:8080", "address to listen on")
	cmd.Flags().StringVar(&o.DataDir, "data-dir", defaultDataDir, "data directory")
	cmd.Flags().BoolVar(&o.Reset, "reset", false, "delete the data first")
	cmd.Flags().BoolVar(&o.JSON, "json", false, "print one JSON object on stdout when ready, and nothing else there")
	return cmd
}

func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{c.CommandPath() + " takes no arguments. See: " + c.CommandPath() + " --help"}
	}
	return nil
}
