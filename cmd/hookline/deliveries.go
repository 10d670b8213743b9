package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/internal/cli"
)

func deliveriesCommand() *cobra.Command {
	var f clientFlags
	cmd := &cobra.Command{Use: "deliveries", Short: "List, show and replay deliveries", RunE: needsCommand}
	cmd.AddCommand(listDeliveries(&f), &cobra.Command{
		Use: "show ID", Short: "Show a delivery, what was sent and what came back", Args: arguments("ID"),
		RunE: call(&f, http.MethodGet, "deliveries/ID", printDelivery),
	}, &cobra.Command{
		Use: "replay ID", Short: "Send a delivery again", Args: arguments("ID"),
		RunE: call(&f, http.MethodPost, "deliveries/ID/replay", func(c *cobra.Command, d cli.Delivery) error {
			_, err := fmt.Fprintf(c.OutOrStdout(), "%[1]s is sent again. See what becomes of it: hookline deliveries "+
				"show %[1]s\n", d.ID)
			return err
		}),
	})
	return clientCommand(cmd, &f)
}

// deliveryFilter are the flags that narrow deliveries.
type deliveryFilter struct{ status, eventType, endpointID string }

func (d *deliveryFilter) flags(c *cobra.Command) {
	c.Flags().StringVar(&d.status, "status", "", "only deliveries in this status, such as dead")
	c.Flags().StringVar(&d.eventType, "type", "", "only events of this type")
	c.Flags().StringVar(&d.endpointID, "endpoint", "", "only deliveries to the endpoint with this id")
}

func (d *deliveryFilter) query() url.Values {
	q := url.Values{}
	narrow(q, "status", d.status)
	narrow(q, "event_type", d.eventType)
	narrow(q, "webhook_id", d.endpointID)
	return q
}

func listDeliveries(f *clientFlags) *cobra.Command {
	var filter deliveryFilter
	var cursor string
	var limit int
	cmd := &cobra.Command{
		Use: "list", Short: "List deliveries, newest first", Args: noArgs,
		RunE: f.run(func(c *cobra.Command, api *cli.Client, _ []string) error {
			q := filter.query()
			narrow(q, "cursor", cursor)
			if err := limited(q, "limit", limit); err != nil {
				return err
			}
			return ask(c, api, f, http.MethodGet, cli.Path("webhooks", "deliveries"), q, nil, printDeliveries)
		}),
	}
	filter.flags(cmd)
	cmd.Flags().StringVar(&cursor, "cursor", "", "go on where a list ended")
	limitFlag(cmd, &limit)
	return cmd
}

func printDeliveries(c *cobra.Command, l cli.DeliveryList) error {
	rows := make([][]string, 0, len(l.Data))
	for _, d := range l.Data {
		rows = append(rows, []string{d.ID, cli.ShortTime(d.CreatedAt), outcome(d), d.EventType})
	}
	err := cli.Table(c.OutOrStdout(), []string{"ID", cli.Zone(), "STATUS", "EVENT TYPE"}, rows)
	if err != nil {
		return err
	}
	return more(c, text(l.Meta.NextCursor))
}

// more says how to go on with a list.
func more(c *cobra.Command, cursor string) error {
	if cursor == "" {
		return nil
	}
	_, err := fmt.Fprintln(c.ErrOrStderr(), "hookline: There are more: --cursor "+cursor)
	return err
}

// outcome is where a delivery stands, with the status that its endpoint answered.
func outcome(d cli.Delivery) string {
	out := string(d.Status)
	if status, err := d.ResponseStatus.Get(); err == nil {
		out += fmt.Sprintf(" %d", status)
	}
	return out
}

// nullable is a value of the API that may be null or absent.
type nullable interface{ Get() (string, error) }

// text is a text of the API; empty when it is null.
func text(n nullable) string {
	value, err := n.Get()
	if err != nil {
		return ""
	}
	return value
}

// clock is when a change was, or now.
func clock(change cli.DeliveryChange) string {
	if change.Attempt != nil {
		return cli.Clock(change.Attempt.StartedAt)
	}
	return cli.Clock(time.Now())
}

func printDelivery(c *cobra.Command, d cli.DeliveryDetail) error {
	out := c.OutOrStdout()
	next := ""
	if at, err := d.NextAttemptAt.Get(); err == nil {
		next = cli.Time(at)
	}
	err := cli.Fields(out,
		"Delivery", d.ID, "Event", d.EventID, "Type", d.EventType, "Endpoint", d.WebhookID,
		"Status", string(d.Status), "Reason", text(d.Reason), "Error", text(d.Error),
		"Created", cli.Time(d.CreatedAt), "Next attempt", next)
	if err != nil {
		return err
	}
	for _, a := range d.Attempts {
		fmt.Fprintf(out, "\nAttempt %d  %s  %s\n", a.Number, cli.Time(a.StartedAt), a.Status)
		fmt.Fprintf(out, "  %s %s\n", a.Method, cli.Plain(a.URL))
		if status, err := a.ResponseStatus.Get(); err == nil {
			fmt.Fprintf(out, "  answered %d  %s\n", status, cli.Plain(firstLine(a.ResponseBody)))
		}
		if why := text(a.Error); why != "" {
			fmt.Fprintf(out, "  %s\n", cli.Plain(why))
		}
	}
	fmt.Fprintln(out, "\nBody")
	return cli.JSON(out, []byte(d.Body))
}

// firstLine is the beginning of a text.
func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	if runes := []rune(line); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return line
}
