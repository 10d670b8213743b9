// Command hookline runs Hookline: API keys, a public REST API and signed webhooks for SaaS products.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

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
	if err := execute(ctx, root()); err != nil {
		stop()
		fmt.Fprintln(os.Stderr, sentence(err))
		os.Exit(exitCode(err))
	}
}

// execute runs the command that the program's arguments name. Cobra answers --help and "help" for a name that it does
// not know with the help of the group above it, and succeeds; here that is the mistake that the same call is without.
func execute(ctx context.Context, root *cobra.Command) error {
	var mistake error
	help := root.HelpFunc()
	root.SetHelpFunc(func(c *cobra.Command, given []string) {
		if args := c.Flags().Args(); c.HasSubCommands() && len(args) > 0 {
			mistake = needsCommand(c, args)
			return
		}
		help(c, given)
	})
	err := root.ExecuteContext(ctx)
	return cmp.Or(err, mistake)
}

func root() *cobra.Command {
	cmd := &cobra.Command{
		Use:           "hookline",
		Short:         "API keys, a public REST API and signed webhooks for SaaS products",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.ArbitraryArgs, // so that needsCommand gets to explain an unknown command
	}
	// Cobra's own flag would answer for an unknown command, too.
	version := cmd.Flags().BoolP("version", "v", false, "print the version")
	cmd.RunE = func(c *cobra.Command, args []string) error {
		if *version && len(args) == 0 {
			return printVersion(c, false)
		}
		return needsCommand(c, args)
	}
	cmd.CompletionOptions.DisableDefaultCmd = true
	cmd.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return flagError(c, err) })
	cmd.AddCommand(devCommand(), serveCommand(), workerCommand(), migrateCommand(), keysCommand(), dlqCommand(),
		loginLinkCommand(), healthcheckCommand(), versionCommand())
	cmd.AddGroup(&cobra.Group{ID: integrators, Title: "Commands for integrators, with any server:"})
	cmd.AddCommand(loginCommand(), logoutCommand(), whoamiCommand(), listenCommand(), triggerCommand(), tailCommand(),
		deliveriesCommand(), endpointsCommand(), eventsCommand(), apiCommand(), mcpCommand(), completionCommand(),
		manCommand())
	cmd.SetHelpCommand(helpCommand())
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
	if len(args) == 0 {
		return usageError{fmt.Sprintf("%s needs a command: %s. See: %s --help", c.CommandPath(),
			strings.Join(namesOf(c), ", "), c.CommandPath())}
	}
	text := fmt.Sprintf("%s has no command %q.", c.CommandPath(), args[0])
	if near := nearestCommand(c, args[0]); near != "" {
		return usageError{text + " Did you mean " + near + "?"}
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
