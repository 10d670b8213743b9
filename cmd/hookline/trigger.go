package main

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/internal/cli"
)

func triggerCommand() *cobra.Command {
	var f clientFlags
	var data string
	cmd := &cobra.Command{
		Use: "trigger TYPE", Short: "Publish an event, with the sample of its type or your own data",
		Args:    arguments("TYPE"),
		Long:    "Publish an event. Without --data it has the sample of its type, as hookline api GET /event-types/TYPE shows it.",
		Example: "  hookline trigger lead.created\n  hookline trigger lead.created --data @lead.json",
		RunE: f.run(func(c *cobra.Command, api *cli.Client, args []string) error {
			if data != "" {
				return publish(c, api, &f, args[0], data)
			}
			path := cli.Path("event-types", args[0])
			t, _, err := cli.Get[cli.EventType](c.Context(), api, http.MethodGet, path, nil, nil)
			if cli.IsStatus(err, http.StatusNotFound) {
				return &cli.Error{Text: fmt.Sprintf("There is no event type %q. List them: hookline api GET /event-types",
					args[0])}
			}
			if err != nil {
				return err
			}
			return publishRaw(c, api, &f, args[0], t.Sample)
		}),
	}
	cmd.Flags().StringVar(&data, "data", "", "data of the event: JSON, @file, or - for stdin")
	return clientCommand(cmd, &f)
}

// publish publishes an event with data as it was given.
func publish(c *cobra.Command, api *cli.Client, f *clientFlags, eventType, data string) error {
	raw, err := cli.Data(data, c.InOrStdin())
	if err != nil {
		return err
	}
	return publishRaw(c, api, f, eventType, raw)
}

func publishRaw(c *cobra.Command, api *cli.Client, f *clientFlags, eventType string, data json.RawMessage) error {
	return ask(c, api, f, http.MethodPost, cli.Path("events"), nil, map[string]any{"type": eventType, "data": data},
		printPublished)
}

func printPublished(c *cobra.Command, e cli.Event) error {
	text := fmt.Sprintf("Published %s as %s, for %d %s.", e.Type, e.ID, e.Deliveries, plural(e.Deliveries, "endpoint"))
	if e.Deliveries == 0 && e.Reason.IsSpecified() && !e.Reason.IsNull() {
		text += " No endpoint subscribes to it. Receive it here: hookline listen --forward http://127.0.0.1:3000/hooks"
	}
	_, err := fmt.Fprintln(c.OutOrStdout(), text)
	return err
}
