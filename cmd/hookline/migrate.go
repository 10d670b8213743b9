package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/db"
)

func migrateCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "migrate", Short: "Migrate the database schema", RunE: needsCommand}
	add := func(name, short string, run func(ctx context.Context, d *db.DB, out io.Writer) error) *cobra.Command {
		c := &cobra.Command{
			Use: name, Short: short, Args: noArgs,
			Long: short + ".\n\nIt uses HOOKLINE_DATABASE_URL. Concurrent runs wait for each other.",
			RunE: func(c *cobra.Command, _ []string) error {
				return withDatabase(c, func(d *db.DB) error { return run(c.Context(), d, c.OutOrStdout()) })
			},
		}
		cmd.AddCommand(c)
		return c
	}
	dry := false
	up := add("up", "Apply all pending migrations", func(ctx context.Context, d *db.DB, out io.Writer) error {
		if dry {
			return migratePending(ctx, d, out)
		}
		return migrateUp(ctx, d, out)
	})
	up.Flags().BoolVar(&dry, "dry-run", false, "only list what is pending")
	up.Long += " A migration that gets no lock within two seconds lets requests go first and is tried again for two " +
		"minutes; one that was interrupted is completed."
	add("down", "Roll back the newest migration, with the data in its tables", migrateDown)
	add("status", "List the migrations and when each was applied", migrateStatus)
	return cmd
}

func withDatabase(c *cobra.Command, run func(*db.DB) error) error {
	cfg, err := config.FromEnvironment()
	if err != nil {
		return err
	}
	if err := cfg.CheckDatabase(); err != nil {
		return err
	}
	d, err := app.OpenDatabase(c.Context(), cfg.DatabaseURL)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return run(d)
}

func migrateUp(ctx context.Context, d *db.DB, out io.Writer) error {
	names, err := d.MigrateUp(ctx)
	for _, n := range names {
		fmt.Fprintln(out, "applied", n)
	}
	if err == nil && len(names) == 0 {
		fmt.Fprintln(out, "nothing to do: the schema is up to date")
	}
	return err
}

func migratePending(ctx context.Context, d *db.DB, out io.Writer) error {
	all, err := d.Migrations(ctx)
	for _, m := range all {
		if m.AppliedAt.IsZero() {
			fmt.Fprintln(out, "pending", m.Name)
		}
	}
	return err
}

func migrateDown(ctx context.Context, d *db.DB, out io.Writer) error {
	name, err := d.MigrateDown(ctx)
	if err != nil {
		return err
	}
	if name == "" {
		fmt.Fprintln(out, "nothing to do: no migration is applied")
		return nil
	}
	fmt.Fprintln(out, "took back", name)
	return nil
}

func migrateStatus(ctx context.Context, d *db.DB, out io.Writer) error {
	all, err := d.Migrations(ctx)
	for _, m := range all {
		state := "pending"
		if !m.AppliedAt.IsZero() {
			state = "applied " + m.AppliedAt.UTC().Format("2006-01-02T15:04:05Z")
		}
		fmt.Fprintf(out, "%-24s %s\n", m.Name, state)
	}
	if err != nil {
		return err
	}
	s, err := d.Schema(ctx)
	for _, index := range s.Unfinished {
		fmt.Fprintf(out, "unfinished index %s: a migration was interrupted; complete it: hookline migrate up\n", index)
	}
	if s.Applied > s.Known {
		fmt.Fprintf(out, "the schema is newer (migration %d) than this version knows (%d); it needs a version that knows "+
			"%d\n", s.Applied, s.Known, s.Needs)
	}
	return err
}
