package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/internal/cli"
)

// listenFlags are the flags of hookline listen.
type listenFlags struct {
	clientFlags
	forward   string
	events    []string
	printJSON bool
}

func listenCommand() *cobra.Command {
	var f listenFlags
	cmd := &cobra.Command{
		Use: "listen --forward URL", Short: "Receive webhooks on this machine, without a public URL", Args: noArgs,
		Long: "Make a temporary endpoint whose webhooks come down a stream and are forwarded to a server on this " +
			"machine, with\ntheir real headers and signature. What the server answers is the outcome of the attempt. " +
			"Ctrl-C removes the endpoint.\n\nPress r and Enter to send the last one again.",
		Example: "  hookline listen --forward http://127.0.0.1:3000/hooks --events 'lead.*'",
		RunE:    f.run(f.listen),
	}
	cmd.Flags().StringVar(&f.forward, "forward", "", "URL that webhooks are forwarded to")
	cmd.Flags().StringSliceVar(&f.events, "events", nil, "event types, separated by commas, such as lead.*; all by default")
	cmd.Flags().BoolVar(&f.printJSON, "print-json", false, "print the body of each webhook")
	return clientCommand(cmd, &f.clientFlags)
}

func (f *listenFlags) listen(c *cobra.Command, api *cli.Client, _ []string) error {
	if f.forward == "" {
		return usageError{"--forward is missing. Say where webhooks go: hookline listen --forward " +
			"http://127.0.0.1:3000/hooks"}
	}
	if _, err := cli.ParseURL(f.forward); err != nil {
		return usageError{fmt.Sprintf("--forward %q is not a URL. Write it like http://127.0.0.1:3000/hooks.", f.forward)}
	}
	host, _ := os.Hostname()
	out, show := c.OutOrStdout(), f.text
	if f.json {
		show = jsonLine
	}
	s := &cli.Session{Client: api, Forwarder: cli.NewForwarder(f.forward), Events: f.events, About: host,
		Ready: func(l cli.Listener) {
			if f.json {
				_ = json.NewEncoder(out).Encode(l)
				return
			}
			fmt.Fprintf(out, "Listening for %s (%s) at %s\nForwarding to %s\nSigning secret: %s\n"+
				"r and Enter sends the last one again; Ctrl-C ends.\n\n", strings.Join(l.Events, ", "), l.Environment,
				api.URL, f.forward, l.Secret)
		},
		Done: func(d cli.Forwarded) { show(out, d) },
		Note: func(text string) { fmt.Fprintln(c.ErrOrStderr(), "hookline: "+text) },
	}
	go func() {
		for in := bufio.NewScanner(c.InOrStdin()); in.Scan(); {
			if strings.TrimSpace(in.Text()) == "r" {
				s.Replay(c.Context())
			}
		}
	}()
	return s.Run(c.Context())
}

func jsonLine(out io.Writer, d cli.Forwarded) { _ = json.NewEncoder(out).Encode(d) }

// text prints a request as a line: when, what, what became of it, how long that took, and the delivery.
func (f *listenFlags) text(out io.Writer, d cli.Forwarded) {
	outcome := ""
	switch a := d.Answer; {
	case a.Status != nil:
		outcome = fmt.Sprint(*a.Status)
	case a.Error != nil && *a.Error == cli.AnswerConnect:
		outcome = "no server at " + f.forward + "; start it"
	case a.Error != nil:
		outcome = string(*a.Error)
	}
	if d.Late {
		outcome += " (too late)"
	}
	if d.Request.Attempt > 1 {
		outcome += fmt.Sprintf(" (attempt %d)", d.Request.Attempt)
	}
	fmt.Fprintf(out, "%s  %s  %s  %.0f ms  %s\n", cli.Clock(d.At), cli.Plain(d.Request.EventType), outcome,
		*d.Answer.DurationMs, d.Request.DeliveryID)
	if f.printJSON {
		_ = cli.JSON(out, d.Body())
	}
}
