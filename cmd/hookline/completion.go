package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/hookline/hookline/internal/app"
)

func completionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "completion bash|zsh|fish|powershell", Short: "Print the script that completes commands in a shell",
		Args:      arguments("bash|zsh|fish|powershell"),
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"}, GroupID: integrators,
		Example: "  source <(hookline completion bash)",
		RunE: func(c *cobra.Command, args []string) error {
			root, out := c.Root(), c.OutOrStdout()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(out, true)
			case "zsh":
				return root.GenZshCompletion(out)
			case "fish":
				return root.GenFishCompletion(out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(out)
			}
			return usageError{fmt.Sprintf("There is no completion for %q. It is bash, zsh, fish or powershell.", args[0])}
		},
	}
}

func manCommand() *cobra.Command {
	return &cobra.Command{
		Use: "man FOLDER", Short: "Write the man pages of all commands into a folder", Args: arguments("FOLDER"),
		Example: "  hookline man /usr/local/share/man/man1", GroupID: integrators,
		RunE: func(c *cobra.Command, args []string) error {
			root := c.Root()
			root.DisableAutoGenTag = true
			err := os.MkdirAll(args[0], 0o755)
			if err == nil {
				err = doc.GenManTree(root, &doc.GenManHeader{Title: "HOOKLINE", Section: "1", Manual: "Hookline",
					Source: "Hookline " + app.Version}, args[0])
			}
			if err != nil {
				return fmt.Errorf("the man pages can't be written: %w. Choose a folder that you can write to: %s FOLDER", err,
					c.CommandPath())
			}
			return nil
		},
	}
}
