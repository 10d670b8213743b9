package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/hookline/hookline/internal/cli"
)

// loginFlags are the flags of hookline login.
type loginFlags struct {
	clientFlags
	url, key string
}

func loginCommand() *cobra.Command {
	var f loginFlags
	cmd := &cobra.Command{
		Use: "login", Short: "Check an API key and keep it for the commands that call a server", Args: noArgs,
		Long: "Check an API key with its server, and keep both in your configuration folder, in a file that only you " +
			"can read.\nWithout flags it asks for them; a key may also come from stdin: hookline login --url URL < key.txt\n\n" +
			"Without a login, the commands use HOOKLINE_API_KEY and HOOKLINE_URL, which also go before it.",
		RunE: func(c *cobra.Command, _ []string) error { return clientError(f.login(c)) },
	}
	cmd.Flags().StringVar(&f.url, "url", "", "URL of the server, such as "+cli.DefaultURL)
	cmd.Flags().StringVar(&f.key, "key", "", "API key; others can see it in the list of processes, so prefer stdin")
	return clientCommand(cmd, &f.clientFlags)
}

func (f *loginFlags) login(c *cobra.Command) error {
	in := bufio.NewReader(c.InOrStdin())
	terminal := isTerminal(c.InOrStdin())
	if f.url == "" && terminal {
		fmt.Fprintf(c.ErrOrStderr(), "URL of the server [%s]: ", cli.DefaultURL)
		line, _ := in.ReadString('\n')
		f.url = strings.TrimSpace(line)
	}
	if f.url == "" {
		f.url = os.Getenv(cli.EnvURL)
	}
	if f.url == "" {
		f.url = cli.DefaultURL
	}
	address, err := cli.ParseURL(f.url)
	if err != nil {
		return err
	}
	if f.key == "" {
		if f.key, err = readKey(c, in, terminal); err != nil {
			return err
		}
	}
	if f.key == "" {
		return &cli.Error{Usage: true, Text: "No key was given. Make one in the dashboard, and: hookline login --url " +
			address}
	}
	if f.profile == "" {
		f.profile = cli.DefaultProfile
	}
	s := cli.Settings{URL: address, Key: f.key, Profile: f.profile}
	me, answer, err := cli.Get[cli.Me](c.Context(), newClient(c, s), http.MethodGet, cli.Path("me"), nil, nil)
	if err != nil {
		return err
	}
	path, err := cli.Save(s)
	if err != nil {
		return err
	}
	if f.json {
		return cli.JSON(c.OutOrStdout(), answer.Body)
	}
	fmt.Fprintf(c.OutOrStdout(), "Signed in to %s as %s (%s). The key is in %s\n", s.URL, cli.Plain(me.Tenant.Name),
		me.Environment, path)
	return nil
}

// readKey reads the key from stdin, without showing it when somebody types it.
func readKey(c *cobra.Command, in *bufio.Reader, terminal bool) (string, error) {
	if terminal {
		fmt.Fprint(c.ErrOrStderr(), "API key (it is not shown): ")
		file, _ := c.InOrStdin().(*os.File)
		raw, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(c.ErrOrStderr())
		return strings.TrimSpace(string(raw)), err
	}
	line, err := in.ReadString('\n')
	if err == io.EOF { //nolint:errorlint // what bufio returns
		err = nil
	}
	return strings.TrimSpace(line), err
}

// isTerminal says whether a reader or a writer is a terminal.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

func logoutCommand() *cobra.Command {
	var f clientFlags
	return clientCommand(&cobra.Command{
		Use: "logout", Short: "Forget the key of a profile", Args: noArgs,
		Long: "Forget the key of a profile. It stays valid; revoke it in the dashboard.",
		RunE: func(c *cobra.Command, _ []string) error {
			name := f.profile
			if name == "" {
				name = cli.DefaultProfile
			}
			there, err := cli.Remove(name)
			if err != nil {
				return err
			}
			text := fmt.Sprintf("The key of the profile %s is forgotten. It stays valid until you revoke it.", name)
			if !there {
				text = fmt.Sprintf("There was no profile %s.", name)
			}
			return printAs(c, f.json, map[string]any{"profile": name, "removed": there}, text)
		},
	}, &f)
}

func whoamiCommand() *cobra.Command {
	var f clientFlags
	return clientCommand(&cobra.Command{
		Use: "whoami", Short: "Print which server, tenant and key the commands use", Args: noArgs,
		RunE: f.run(func(c *cobra.Command, api *cli.Client, _ []string) error {
			from := "the environment"
			if api.Profile != "" {
				from = api.Profile
			}
			return ask(c, api, &f, http.MethodGet, cli.Path("me"), nil, nil, func(c *cobra.Command, me cli.Me) error {
				return cli.Fields(c.OutOrStdout(), "Server", api.URL, "Profile", from,
					"Tenant", me.Tenant.Name+" ("+me.Tenant.ID+")", "Environment", string(me.Environment),
					"Key", me.Key.Name+" ("+me.Key.ID+")", "Permissions", strings.Join(me.Key.Permissions, ", "))
			})
		}),
	}, &f)
}
