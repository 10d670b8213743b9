package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

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
			"Ctrl-C removes the endpoint.\n\nr sends the last one again: at once in a terminal; followed by Enter when " +
			"stdin or stdout is a pipe or a file.",
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
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	keys, err := openKeyboard(c)
	if err != nil {
		return err
	}
	defer keys.Restore()
	s := f.session(c, api, keys)
	if keys == nil {
		go readLines(ctx, c.InOrStdin(), s)
		return s.Run(ctx)
	}
	// They end the program too, and must not leave the terminal raw.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP, syscall.SIGQUIT)
	defer stop()
	go keys.Guard(func() {
		keys.Read(ctx, func(key byte) {
			if key == 'r' {
				s.Replay(ctx)
			}
		}, cancel)
	})
	return s.Run(ctx)
}

// openKeyboard has the terminal send each key at once, and what the command prints begin its lines in the first column.
// Without a terminal it is nil; also when only stdin is one: the program that reads the output may print on the same
// terminal, and would not know that it is raw.
func openKeyboard(c *cobra.Command) (*cli.Keyboard, error) {
	in, _ := c.InOrStdin().(*os.File)
	if in == nil || !isTerminal(in) || !isTerminal(c.OutOrStdout()) {
		return nil, nil
	}
	keys, err := cli.OpenKeyboard(in)
	if err != nil {
		return nil, fmt.Errorf("the terminal does not send keys at once: %w. Use another one, or hookline listen "+
			"</dev/null", err)
	}
	c.SetOut(cli.LineEnds{To: c.OutOrStdout()})
	if isTerminal(c.ErrOrStderr()) {
		c.SetErr(cli.LineEnds{To: c.ErrOrStderr()})
	}
	return keys, nil
}

// readLines replays at each line that is an r.
func readLines(ctx context.Context, in io.Reader, s *cli.Session) {
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if strings.TrimSpace(lines.Text()) == "r" {
			s.Replay(ctx)
		}
	}
}

// session is the session of a call.
func (f *listenFlags) session(c *cobra.Command, api *cli.Client, keys *cli.Keyboard) *cli.Session {
	host, _ := os.Hostname()
	out, show, again := c.OutOrStdout(), f.text, "r and Enter sends"
	if f.json {
		show = jsonLine
	}
	s := &cli.Session{Client: api, Forwarder: cli.NewForwarder(f.forward), Events: f.events, About: host,
		Done: func(d cli.Forwarded) { show(out, d) },
		Note: func(text string) { fmt.Fprintln(c.ErrOrStderr(), "hookline: "+text) },
	}
	if keys != nil {
		again, s.Guard = "r sends", keys.Guard
	}
	s.Ready = func(l cli.Listener) {
		if f.json {
			_ = json.NewEncoder(out).Encode(l)
			return
		}
		fmt.Fprintf(out, "Listening for %s (%s) at %s\nForwarding to %s\nSigning secret: %s\n"+
			"%s the last one again; Ctrl-C ends.\n\n", strings.Join(l.Events, ", "), l.Environment, api.URL, f.forward,
			l.Secret, again)
	}
	return s
}

func jsonLine(out io.Writer, d cli.Forwarded) { _ = json.NewEncoder(out).Encode(d) }

// text prints a request as a line: when, what, what became of it, how long that took, and the delivery.
func (f *listenFlags) text(out io.Writer, d cli.Forwarded) {
	outcome := ""
	switch a := d.Answer; {
	case a.Status != nil:
		outcome = fmt.Sprint(*a.Status)
	case a.Error != nil:
		outcome = failure(*a.Error, f.forward)
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

// failure says why the server at a URL did not answer, and what to do.
func failure(code cli.AnswerError, forward string) string {
	switch code {
	case cli.AnswerConnect:
		return "no server at " + forward + "; start it"
	case cli.AnswerTimeout:
		return "no answer from " + forward + " in time; answer first, and work afterwards"
	case cli.AnswerDNS:
		return "the host name of " + forward + " can't be looked up; check --forward"
	case cli.AnswerTLS:
		return "no TLS connection to " + forward + "; check its certificate, or forward to http://"
	case cli.AnswerProtocol:
		return "no complete HTTP answer from " + forward + "; check its log, and whether it speaks HTTP"
	}
	return string(code) + " at " + forward + "; check its log"
}
