package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/internal/cli"
)

func endpointsCommand() *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{Use: "endpoints", Short: "Manage webhook endpoints", RunE: needsCommand}
	cmd.AddCommand(listEndpoints(&f), changeEndpoint(&f, "create", http.MethodPost),
		changeEndpoint(&f, "update", http.MethodPatch), testEndpoint(&f),
		&cobra.Command{
			Use: "show ID", Short: "Show an endpoint", Args: arguments("ID"),
			RunE: call(&f, http.MethodGet, "webhooks/ID", printEndpoint),
		}, &cobra.Command{
			Use: "enable ID", Short: "Enable an endpoint, and retry its deliveries now", Args: arguments("ID"),
			RunE: call(&f, http.MethodPost, "webhooks/ID/enable", printEndpoint),
		}, &cobra.Command{
			Use: "delete ID", Short: "Delete an endpoint, and cancel its open deliveries", Args: arguments("ID"),
			RunE: f.run(func(c *cobra.Command, api *cli.Client, args []string) error {
				answer, err := api.Call(c.Context(), http.MethodDelete, cli.Path("webhooks", args[0]), nil, nil)
				switch {
				case err != nil:
					return err
				case f.json:
					return cli.JSON(c.OutOrStdout(), answer.Body)
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "%s is deleted.\n", args[0])
				return err
			}),
		})
	return clientCommand(cmd, &f)
}

func listEndpoints(f *clientFlags) *cobra.Command {
	var search string
	var limit int
	cmd := &cobra.Command{
		Use: "list", Short: "List endpoints, newest first", Args: noArgs,
		RunE: f.run(func(c *cobra.Command, api *cli.Client, _ []string) error {
			q := url.Values{}
			narrow(q, "search", search)
			if err := limited(q, "per_page", limit); err != nil {
				return err
			}
			return ask(c, api, f, http.MethodGet, cli.Path("webhooks"), q, nil, printEndpoints)
		}),
	}
	cmd.Flags().StringVar(&search, "search", "", "only endpoints whose name or URL contains this")
	limitFlag(cmd, &limit)
	return cmd
}

func printEndpoints(c *cobra.Command, l cli.WebhookList) error {
	rows := make([][]string, 0, len(l.Data))
	for _, w := range l.Data {
		rows = append(rows, []string{w.ID, stateOf(w), w.URL})
	}
	return cli.Table(c.OutOrStdout(), []string{"ID", "STATE", "URL"}, rows)
}

// stateOf is how an endpoint does, in a word.
func stateOf(w cli.Webhook) string {
	switch {
	case !w.Enabled:
		return "disabled"
	case w.State != nil && *w.State == "failing", w.Circuit.State != "closed":
		return "failing"
	case w.Listener:
		return "listening"
	}
	return "enabled"
}

// endpointFlags are the settings of an endpoint.
type endpointFlags struct {
	url, name, data string
	events          []string
}

// body is what the API gets of the flags.
func (e *endpointFlags) body(c *cobra.Command) (map[string]any, error) {
	body := map[string]any{}
	if e.data != "" {
		raw, err := cli.Data(e.data, c.InOrStdin())
		if err != nil {
			return nil, err
		}
		if json.Unmarshal(raw, &body) != nil {
			return nil, usageError{"--data is not a JSON object. Write it like --data '{\"timeout\":\"5s\"}'."}
		}
	}
	for field, value := range map[string]string{"url": e.url, "name": e.name} {
		if value != "" {
			body[field] = value
		}
	}
	if len(e.events) > 0 {
		body["events"] = e.events
	}
	return body, nil
}

// changeEndpoint is hookline endpoints create or update.
func changeEndpoint(f *clientFlags, name, method string) *cobra.Command {
	var e endpointFlags
	cmd := &cobra.Command{
		Use: "update ID", Short: "Change an endpoint", Args: arguments("ID"),
		Example: "  hookline endpoints update whe_… --events 'lead.*,ticket.*'",
		RunE: f.run(func(c *cobra.Command, api *cli.Client, args []string) error {
			body, err := e.body(c)
			if err != nil {
				return err
			}
			return ask(c, api, f, method, cli.Path(append([]string{"webhooks"}, args...)...), nil, body, printCreated)
		}),
	}
	if method == http.MethodPost {
		cmd.Use, cmd.Args = name+" --endpoint-url URL", noArgs
		cmd.Short = "Create an endpoint, and print its signing secret"
		cmd.Example = "  hookline endpoints create --endpoint-url https://example.com/hooks --events 'lead.*'"
	}
	cmd.Flags().StringVar(&e.url, "endpoint-url", "", "URL that receives the webhooks")
	cmd.Flags().StringVar(&e.name, "name", "", "name of the endpoint")
	cmd.Flags().StringSliceVar(&e.events, "events", nil, "event types, separated by commas, such as lead.*")
	cmd.Flags().StringVar(&e.data, "data", "", "other settings, as the API takes them: JSON, @file, or - for stdin")
	return cmd
}

func printCreated(c *cobra.Command, w cli.WebhookCreated) error {
	return cli.Fields(c.OutOrStdout(), "Endpoint", w.ID, "URL", w.URL, "Events", strings.Join(w.Events, ", "),
		"Signing secret", w.Secret)
}

func testEndpoint(f *clientFlags) *cobra.Command {
	var eventType string
	cmd := &cobra.Command{
		Use: "test ID", Short: "Send a sample to an endpoint, and show its answer", Args: arguments("ID"),
		RunE: f.run(func(c *cobra.Command, api *cli.Client, args []string) error {
			body := map[string]any{}
			if eventType != "" {
				body["event_type"] = eventType
			}
			return ask(c, api, f, http.MethodPost, cli.Path("webhooks", args[0], "test"), nil, body, printTest)
		}),
	}
	cmd.Flags().StringVar(&eventType, "type", "", "event type of the sample; the first one it subscribes to by default")
	return cmd
}

func printTest(c *cobra.Command, r cli.TestResult) error {
	said := text(r.Error)
	if r.Response != nil {
		said = fmt.Sprintf("%d in %.0f ms", r.Response.Status, r.DurationMs)
	}
	_, err := fmt.Fprintf(c.OutOrStdout(), "%s (%s): %s\n", r.EventType, r.DeliveryID, cli.Plain(said))
	return err
}

func printEndpoint(c *cobra.Command, w cli.Webhook) error {
	return cli.Fields(c.OutOrStdout(),
		"Endpoint", w.ID, "Name", w.Name, "URL", w.URL, "State", stateOf(w), "Reason", text(w.DisabledReason),
		"Events", strings.Join(w.Events, ", "), "Profile", string(w.Profile), "Environment", string(w.Environment),
		"Attempts after", strings.Join(w.RetryPreview, ", "), "Created", cli.Time(w.CreatedAt))
}
