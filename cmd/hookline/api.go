package main

import (
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/internal/cli"
)

var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

func apiCommand() *cobra.Command {
	var f clientFlags
	var data string
	cmd := &cobra.Command{
		Use: "api METHOD PATH", Short: "Call any operation of the API", Args: arguments("METHOD", "PATH"),
		Example: "  hookline api GET '/leads?per_page=5'\n  hookline api POST /leads --data @lead.json",
		RunE: f.run(func(c *cobra.Command, api *cli.Client, args []string) error {
			method := strings.ToUpper(args[0])
			if !slices.Contains(methods, method) {
				return usageError{"The method is one of " + strings.Join(methods, ", ") + ", not " + args[0] + "."}
			}
			path, query, err := cli.FullPath(args[1])
			if err != nil {
				return err
			}
			var body any
			if data != "" {
				if body, err = cli.Data(data, c.InOrStdin()); err != nil {
					return err
				}
			}
			answer, err := api.Call(c.Context(), method, path, query, body)
			if len(answer.Body) > 0 {
				if err := cli.JSON(c.OutOrStdout(), answer.Body); err != nil {
					return err
				}
			}
			return err
		}),
	}
	cmd.Flags().StringVar(&data, "data", "", "body: JSON, @file, or - for stdin")
	return clientCommand(cmd, &f)
}
