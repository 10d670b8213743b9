package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/cli"
)

func versionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "version", Short: "Print the version", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return printVersion(c, asJSON) },
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}

func printVersion(c *cobra.Command, asJSON bool) error {
	return printAs(c, asJSON, map[string]string{"version": app.Version}, "hookline "+app.Version)
}

// jsonFlag adds --json to a command that calls no server.
func jsonFlag(c *cobra.Command, asJSON *bool) { c.Flags().BoolVar(asJSON, "json", false, "print JSON") }

// printAs prints a value as JSON, or the text that says the same to people.
func printAs(c *cobra.Command, asJSON bool, value any, text string) error {
	if asJSON {
		return printJSON(c, value)
	}
	_, err := fmt.Fprintln(c.OutOrStdout(), text)
	return err
}

func printJSON(c *cobra.Command, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return cli.JSON(c.OutOrStdout(), raw)
}
