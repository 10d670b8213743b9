package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/internal/cli"
)

func tailCommand() *cobra.Command {
	var f clientFlags
	var filter deliveryFilter
	cmd := &cobra.Command{
		Use: "tail", Short: "Show deliveries as they happen", Args: noArgs,
		RunE: f.run(func(c *cobra.Command, api *cli.Client, _ []string) error {
			return follow(c, api, filter.query(), f.json)
		}),
	}
	filter.flags(cmd)
	return clientCommand(cmd, &f)
}

// follow prints changes of deliveries until the command is interrupted.
func follow(c *cobra.Command, api *cli.Client, q url.Values, asJSON bool) error {
	note := func(text string) { fmt.Fprintln(c.ErrOrStderr(), "hookline: "+text) }
	greet := true
	return api.Follow(c.Context(), cli.Path("webhooks", "deliveries", "stream"), q, note, func(m cli.Message) error {
		if m.Name == "ready" {
			if greet {
				note("Connected. Ctrl-C ends.")
			}
			greet = false
			return nil
		}
		return printChange(c.OutOrStdout(), c.ErrOrStderr(), m, asJSON)
	})
}

func printChange(out, notes io.Writer, m cli.Message, asJSON bool) error {
	switch m.Name {
	case "end":
		var end struct{ Reason, Message string }
		if json.Unmarshal([]byte(m.Data), &end) == nil && end.Reason == "not_allowed" {
			return &cli.Error{Text: end.Message + " Sign in again: hookline login"}
		}
	case "gap":
		fmt.Fprintln(notes, "hookline: More was missed than is shown. List it: hookline deliveries list")
	case "delivery":
		if asJSON {
			_, err := fmt.Fprintln(out, m.Data)
			return err
		}
		var change cli.DeliveryChange
		if err := json.Unmarshal([]byte(m.Data), &change); err != nil {
			return err
		}
		line := fmt.Sprintf("%s  %-10s  %s  %s", clock(change), outcome(change.Delivery), change.Delivery.ID,
			change.Delivery.EventType)
		_, err := fmt.Fprintln(out, cli.Plain(line))
		return err
	}
	return nil
}
