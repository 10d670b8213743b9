package main

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/internal/cli"
)

func eventsCommand() *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{Use: "events", Short: "Publish, list and show events", RunE: needsCommand}
	var data string
	create := &cobra.Command{
		Use: "publish TYPE --data JSON", Short: "Publish an event with your own data", Args: arguments("TYPE"),
		RunE: f.run(func(c *cobra.Command, api *cli.Client, args []string) error {
			if data == "" {
				return usageError{"--data is missing. Give it, or publish the sample: hookline trigger " + args[0]}
			}
			return publish(c, api, &f, args[0], data)
		}),
	}
	create.Flags().StringVar(&data, "data", "", "data of the event: JSON, @file, or - for stdin")
	cmd.AddCommand(create, listEvents(&f), &cobra.Command{
		Use: "show ID", Short: "Show an event", Args: arguments("ID"),
		RunE: call(&f, http.MethodGet, "events/ID", printEvent),
	})
	return clientCommand(cmd, &f)
}

func printEvent(c *cobra.Command, e cli.Event) error {
	err := cli.Fields(c.OutOrStdout(),
		"Event", e.ID, "Type", e.Type, "Environment", string(e.Environment), "Occurred", cli.Time(e.OccurredAt),
		"Accepted", cli.Time(e.CreatedAt), "Deliveries", strconv.Itoa(e.Deliveries), "Reason", text(e.Reason))
	if err != nil {
		return err
	}
	return cli.JSON(c.OutOrStdout(), e.Data)
}

func listEvents(f *clientFlags) *cobra.Command {
	var eventType, cursor string
	var limit int
	cmd := &cobra.Command{
		Use: "list", Short: "List events, newest first", Args: noArgs,
		RunE: f.run(func(c *cobra.Command, api *cli.Client, _ []string) error {
			q := url.Values{}
			narrow(q, "type", eventType)
			narrow(q, "cursor", cursor)
			if err := limited(q, "limit", limit); err != nil {
				return err
			}
			return ask(c, api, f, http.MethodGet, cli.Path("events"), q, nil, printEvents)
		}),
	}
	cmd.Flags().StringVar(&eventType, "type", "", "only events of this type")
	cmd.Flags().StringVar(&cursor, "cursor", "", "go on where a list ended")
	limitFlag(cmd, &limit)
	return cmd
}

func printEvents(c *cobra.Command, l cli.EventList) error {
	rows := make([][]string, 0, len(l.Data))
	for _, e := range l.Data {
		rows = append(rows, []string{e.ID, cli.ShortTime(e.CreatedAt), strconv.Itoa(e.Deliveries), e.Type})
	}
	err := cli.Table(c.OutOrStdout(), []string{"ID", cli.Zone(), "ENDPOINTS", "TYPE"}, rows)
	if err != nil {
		return err
	}
	return more(c, text(l.Meta.NextCursor))
}
