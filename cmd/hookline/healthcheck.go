package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/internal/config"
)

// healthLimit is how long a probe waits; whoever runs it has a limit of its own.
const healthLimit = 4 * time.Second

// healthcheckCommand asks a process on this machine whether it is ready: in a container there is nothing else to ask
// with.
func healthcheckCommand() *cobra.Command {
	var address string
	cmd := &cobra.Command{Use: "healthcheck", Args: noArgs,
		Short: "Exit with 0 when the process on this machine is ready",
		Long: "Ask /readyz of the process at HOOKLINE_METRICS_ADDR, serve or worker, whether it can write the " +
			"database.\n\n" +
			"It exits with 0 when it is ready, and with 1 and the reason when it is not.",
		RunE: func(c *cobra.Command, _ []string) error {
			if address == "" {
				cfg, err := config.FromEnvironment()
				if err != nil {
					return err
				}
				if !cfg.ServesMetrics() {
					return &config.Error{Text: "HOOKLINE_METRICS_ADDR is off, so the process has no probes. Set it to an " +
						"address such as 127.0.0.1:9464."}
				}
				address = cfg.MetricsAddr
			}
			return ready(c.Context(), address)
		}}
	cmd.Flags().StringVar(&address, "addr", "", "address to ask instead of HOOKLINE_METRICS_ADDR")
	return cmd
}

func ready(ctx context.Context, address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return usageError{fmt.Sprintf("The address %q has no port. Write it as 127.0.0.1:9464.", address)}
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, healthLimit)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("no process answers at %s, HOOKLINE_METRICS_ADDR; check that it runs with the same address: %w",
			address, err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(response.Body, 1000))
		return fmt.Errorf("the process at %s is not ready: %d %s", address, response.StatusCode,
			strings.TrimSpace(string(said)))
	}
	return nil
}
