// Command hookline runs Hookline: API keys, a public REST API and signed webhooks for SaaS products.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
)

// garbage is how much of it may lie about, in percent of what is in use, before it is collected. Little is in use and
// much is made: collecting four times as seldom costs some ten megabytes and saves a fourteenth of the CPU.
const garbage = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := root().ExecuteContext(ctx); err != nil {
		stop()
		fmt.Fprintln(os.Stderr, sentence(err))
		os.Exit(exitCode(err))
	}
}

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "hookline",
		Short:         "API keys, a public REST API and signed webhooks for SaaS products",
		SilenceUsage:  true,
		SilenceErrors: true,
		Version:       app.Version,
		Args:          cobra.ArbitraryArgs, // so that needsCommand gets to explain an unknown command
		RunE:          needsCommand,
	}
	cmd.SetVersionTemplate("hookline {{.Version}}\n")
	cmd.CompletionOptions.DisableDefaultCmd = true
	cmd.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return flagError(c, err) })
	cmd.AddCommand(devCommand(), serveCommand(), workerCommand(), migrateCommand(), keysCommand(), dlqCommand(),
		loginLinkCommand(), healthcheckCommand(), versionCommand())
	cmd.AddGroup(&cobra.Group{ID: integrators, Title: "Commands for integrators, with any server:"})
	cmd.AddCommand(loginCommand(), logoutCommand(), whoamiCommand(), listenCommand(), triggerCommand(), tailCommand(),
		deliveriesCommand(), endpointsCommand(), eventsCommand(), apiCommand(), mcpCommand(), completionCommand(),
		manCommand())
	return cmd
}

// usageError is a mistake in how the command was called; it exits with 2.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func exitCode(err error) int {
	var usage usageError
	if errors.As(err, &usage) {
		return 2
	}
	return 1
}

// sentence is an error for people: one sentence with what failed, why, and the next command.
func sentence(err error) string {
	var c *config.Error
	if errors.As(err, &c) {
		return "hookline: " + c.Text
	}
	return "hookline: " + err.Error()
}

// needsCommand is for commands that only group others: called alone they are a mistake, not a success.
func needsCommand(c *cobra.Command, args []string) error {
	names := make([]string, 0, len(c.Commands()))
	for _, sub := range c.Commands() {
		names = append(names, sub.Name())
	}
	if len(args) == 0 {
		return usageError{fmt.Sprintf("%s needs a command: %s. See: %s --help", c.CommandPath(), strings.Join(names,
			", "), c.CommandPath())}
	}
	text := fmt.Sprintf("%s has no command %q.", c.CommandPath(), args[0])
	c.SuggestionsMinimumDistance = 2
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		return usageError{text + " Did you mean " + near[len(near)-1] + "?"}
	}
	return usageError{text + " See: " + c.CommandPath() + " --help"}
}

func flagError(c *cobra.Command, err error) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "unknown flag: --"); ok {
		if near := nearestFlag(c, name); near != "" {
			return usageError{fmt.Sprintf("%s has no flag --%s. Did you mean --%s?", c.CommandPath(), name, near)}
		}
	}
	return usageError{text + ". See: " + c.CommandPath() + " --help"}
}
