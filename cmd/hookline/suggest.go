package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/hookline/hookline/internal/config"
)

// nearestFlag finds the flag that was probably meant; empty when none is close.
func nearestFlag(c *cobra.Command, name string) string {
	var known []string
	c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	return config.Nearest(name, known)
}

// nearestCommand finds the command of a group that was probably meant: the shortest whose name begins so, or else the
// closest. It is empty when none is close.
func nearestCommand(c *cobra.Command, name string) string {
	name = strings.ToLower(name)
	names := namesOf(c)
	begins := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !strings.HasPrefix(n, name) })
	if len(begins) > 0 {
		return slices.MinFunc(begins, func(a, b string) int { return len(a) - len(b) })
	}
	return config.Nearest(name, names)
}

// namesOf lists the commands of a group that its help lists.
func namesOf(c *cobra.Command) []string {
	var out []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			out = append(out, sub.Name())
		}
	}
	return out
}

// helpCommand shows the help of the command that its arguments name.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "Show the help of a command",
		ValidArgsFunction: completeCommands,
		RunE: func(c *cobra.Command, args []string) error {
			named, rest, err := c.Root().Find(args)
			switch {
			case err != nil:
				return usageError{err.Error()}
			case len(rest) > 0 && named.HasSubCommands():
				return needsCommand(named, rest)
			case len(rest) > 0:
				return usageError{named.CommandPath() + " has no commands. See: " + named.CommandPath() + " --help"}
			}
			named.InitDefaultHelpFlag()
			return named.Help()
		},
	}
}

// completeCommands completes the names of commands.
func completeCommands(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	named, rest, err := c.Root().Find(args)
	if err != nil || len(rest) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return namesOf(named), cobra.ShellCompDirectiveNoFileComp
}
