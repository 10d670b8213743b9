package main

import (
	"encoding/json"
	"errors"
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

// follow prints changes of deliveries until the command is interrupted. A cut stream is resumed.
func follow(c *cobra.Command, api *cli.Client, q url.Values, asJSON bool) error {
	last, failed, path := "", 0, cli.Path("webhooks", "deliveries", "stream")
	for {
		err := api.Stream(c.Context(), path, q, last, func(m cli.Message) error {
			if m.ID != "" {
				last = m.ID
			}
			failed = 0
			return printChange(c.OutOrStdout(), c.ErrOrStderr(), m, asJSON)
		})
		if c.Context().Err() != nil {
			return nil
		}
		if !cli.Retryable(err) {
			return err
		}
		wait := cli.Backoff(failed)
		if refused := (*cli.APIError)(nil); errors.As(err, &refused) {
			wait = max(wait, refused.RetryAfter)
		}
		if failed == 0 {
			fmt.Fprintln(c.ErrOrStderr(), "hookline: The connection was cut; connecting again.")
		}
		if failed++; !cli.Pause(c.Context(), wait) {
			return nil
		}
	}
}

func printChange(out, notes io.Writer, m cli.Message, asJSON bool) error {
	switch m.Name {
	case "ready":
		fmt.Fprintln(notes, "hookline: Connected. Ctrl-C ends.")
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
