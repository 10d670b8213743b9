package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/internal/app"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: noArgs,
		Run: func(c *cobra.Command, _ []string) { fmt.Fprintln(c.OutOrStdout(), "hookline", app.Version) },
	}
}
