// Command demo has one tenant of each of the five products live a day against a running `hookline dev`, and prints what
// each product's consumer received.
//
//	go run ./deploy/dev/demo
//
// starts one on a free port, with its data in a temporary folder, and ends it. With --url and --operator-key it takes
// one that runs already, and leaves the five tenants there.
//
// It is an integrator and an operator who have nothing but the documentation: all it does goes through the published
// API, and each consumer verifies as its product's documentation says. It fails when something that should have been
// received was not.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/hookline/hookline/deploy/dev/devserver"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	if ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	cancel()
	if err != nil {
		fmt.Fprintf(os.Stderr, "demo: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("demo", flag.ExitOnError)
	var to target
	flags.StringVar(&to.url, "url", "", "a Hookline that runs already, such as http://127.0.0.1:8080")
	flags.StringVar(&to.operatorKey, "operator-key", "", "an operator key of it with the role admin")
	flags.StringVar(&to.stripeSecret, "stripe-secret", "", "its HOOKLINE_STRIPE_WEBHOOK_SECRET, if it has one")
	_ = flags.Parse(args)
	if (to.url == "") != (to.operatorKey == "") || flags.NArg() > 0 {
		return errors.New("--url and --operator-key go together, and there are no arguments besides flags. " +
			"`hookline dev` prints the operator key at its first start; to have one started, leave both out")
	}
	if to.url = strings.TrimRight(to.url, "/"); to.url != "" {
		_, err := show(ctx, out, to)
		return err
	}
	folder, err := os.MkdirTemp("", "hookline-demo-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	fmt.Fprintln(out, "Building and starting hookline dev, with its data in a temporary folder …")
	program, err := devserver.Build(ctx, folder)
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	to, wait, err := launch(running, program, folder)
	if err == nil {
		defer wait()
	}
	defer stop()
	if err != nil {
		return err
	}
	_, err = show(ctx, out, to)
	return err
}
