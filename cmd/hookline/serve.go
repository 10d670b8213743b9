package main

import (
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
)

func serveCommand() *cobra.Command {
	return processCommand("serve", "Serve the API (PostgreSQL and Redis)", app.Options{API: true})
}

func workerCommand() *cobra.Command {
	return processCommand("worker", "Deliver webhooks (PostgreSQL and Redis)", app.Options{Worker: true})
}

func processCommand(name, short string, o app.Options) *cobra.Command {
	return &cobra.Command{
		Use:   name,
		Short: short,
		Long: short +
			".\n\nProcesses are stateless: start as many as are needed. Configuration comes from the environment:\n\n" +
			"Each secret can also be read from a file: NAME_FILE names it instead of NAME.\n\n" + settings(),
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := config.FromEnvironment()
			if err != nil {
				return err
			}
			if err := cfg.Check(); err != nil {
				return err
			}
			if err := cfg.CheckServers(); err != nil {
				return err
			}
			app.SetUpLog(c.ErrOrStderr(), cfg)
			command := "hookline " + name
			a, err := app.New(c.Context(), cfg, o)
			if err != nil {
				return app.ExplainStop(c.Context(), command, err)
			}
			if err := a.Start(c.Context()); err != nil {
				return app.ExplainStop(c.Context(), command, err)
			}
			ready := []any{"command", name, "version", app.Version, "encryption_keys", a.EncryptionKeyIDs()}
			if o.API {
				ready = append(ready, "addr", a.Addr())
			}
			if cfg.ServesMetrics() {
				ready = append(ready, "metrics_addr", a.MetricsAddr())
			}
			slog.Info("ready", ready...)
			return a.Run(c.Context())
		},
	}
}

// settings lists every variable for --help.
func settings() string {
	var b strings.Builder
	for _, f := range config.Fields() {
		b.WriteString("  " + f.Name)
		if f.Secret {
			b.WriteString(" or " + f.Name + config.FileSuffix)
		}
		b.WriteString("\n        " + f.Help)
		if f.Default != "" {
			fmt.Fprintf(&b, " (default %s)", f.Default)
		}
		b.WriteString("\n")
	}
	return b.String()
}
