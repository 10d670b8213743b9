package main

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/cli"
)

// clientFlags are the flags of every command that calls the API of a server.
type clientFlags struct {
	profile string
	json    bool
}

// integrators begins the help of the commands that work with any server.
const integrators = "integrators"

// clientCommand finishes a command that calls the API.
func clientCommand(c *cobra.Command, f *clientFlags) *cobra.Command {
	c.GroupID = integrators
	c.PersistentFlags().StringVar(&f.profile, "profile", "", "sign in as this profile; see hookline login")
	c.PersistentFlags().BoolVar(&f.json, "json", false, "print JSON")
	return c
}

// client makes a client of the profile, or of the environment.
func (f *clientFlags) client(c *cobra.Command) (*cli.Client, error) {
	s, err := cli.Load(f.profile)
	if err != nil {
		return nil, clientError(err)
	}
	return newClient(c, s), nil
}

// newClient makes a client that warns of a wrong clock.
func newClient(c *cobra.Command, s cli.Settings) *cli.Client {
	out := cli.NewClient(s, app.Version)
	out.Skew = func(behind time.Duration) { fmt.Fprintln(c.ErrOrStderr(), "hookline: "+cli.SkewWarning(behind)) }
	return out
}

// clientError gives a mistake in how a command was called its exit code.
func clientError(err error) error {
	var e *cli.Error
	if errors.As(err, &e) && e.Usage {
		return usageError{e.Text}
	}
	return err
}

// run makes the RunE of a command that calls the API.
func (f *clientFlags) run(do func(c *cobra.Command, api *cli.Client, args []string) error) func(*cobra.Command,
	[]string) error {
	return func(c *cobra.Command, args []string) error {
		api, err := f.client(c)
		if err != nil {
			return err
		}
		return clientError(listInstead(c, do(c, api, args)))
	}
}

// listInstead adds to the error of an id that does not exist the command that lists those that do.
func listInstead(c *cobra.Command, err error) error {
	var missing *cli.APIError
	if !errors.As(err, &missing) || !missing.Missing() || c.Parent() == nil {
		return err
	}
	for _, sub := range c.Parent().Commands() {
		if sub.Name() == "list" && sub != c {
			return &cli.Error{Text: missing.Message + " List them: " + sub.CommandPath()}
		}
	}
	return err
}

// call makes the RunE of a command that calls one operation without a body, and shows what it answers. In the path, ID
// is the command's first argument.
func call[T any](f *clientFlags, method, path string, show func(*cobra.Command, T) error) func(*cobra.Command,
	[]string) error {
	return f.run(func(c *cobra.Command, api *cli.Client, args []string) error {
		parts := strings.Split(path, "/")
		for i, part := range parts {
			if part == "ID" {
				parts[i] = args[0]
			}
		}
		return ask(c, api, f, method, cli.Path(parts...), nil, nil, show)
	})
}

// ask calls an operation, and shows what it answers.
func ask[T any](c *cobra.Command, api *cli.Client, f *clientFlags, method, path string, q url.Values, body any,
	show func(*cobra.Command, T) error) error {
	out, answer, err := cli.Get[T](c.Context(), api, method, path, q, body)
	switch {
	case err != nil:
		return err
	case f.json:
		return cli.JSON(c.OutOrStdout(), answer.Body)
	}
	return show(c, out)
}

// arguments wants so many arguments, which names lists.
func arguments(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == len(names) {
			return nil
		}
		usage := c.CommandPath()
		for _, name := range names {
			usage += " " + name
		}
		return usageError{fmt.Sprintf("%s takes %d %s, not %d: %s", c.CommandPath(), len(names),
			plural(len(names), "argument"), len(args), usage)}
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// narrow adds a parameter unless it is empty.
func narrow(q url.Values, name, value string) {
	if value != "" {
		q.Set(name, value)
	}
}

// limitFlag adds the flag that says how many rows to list.
func limitFlag(c *cobra.Command, limit *int) {
	c.Flags().IntVar(limit, "limit", 20, "how many to list, at most 100")
}

// limited adds the parameter of limitFlag.
func limited(q url.Values, name string, limit int) error {
	if limit < 1 || limit > 100 {
		return usageError{fmt.Sprintf("--limit is from 1 to 100, not %d.", limit)}
	}
	q.Set(name, strconv.Itoa(limit))
	return nil
}
