package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/db"
)

// migration runs a command on the schema, and returns what to print as JSON.
type migration func(ctx context.Context, d *db.DB, out io.Writer) (any, error)

func migrateCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "migrate", Short: "Migrate the database schema", RunE: needsCommand}
	add := func(name, short string, run migration) *cobra.Command {
		asJSON := false
		c := &cobra.Command{
			Use: name, Short: short, Args: noArgs,
			Long: short + ".\n\nIt uses HOOKLINE_DATABASE_URL. Concurrent runs wait for each other.",
			RunE: func(c *cobra.Command, _ []string) error {
				return withDatabase(c, func(d *db.DB) error {
					if !asJSON {
						_, err := run(c.Context(), d, c.OutOrStdout())
						return err
					}
					value, err := run(c.Context(), d, io.Discard)
					if value == nil {
						return err
					}
					return cmp.Or(err, printJSON(c, value)) // what is applied is so with an error, too
				})
			},
		}
		jsonFlag(c, &asJSON)
		cmd.AddCommand(c)
		return c
	}
	dry := false
	up := add("up", "Apply all pending migrations", func(ctx context.Context, d *db.DB, out io.Writer) (any, error) {
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

func migrateUp(ctx context.Context, d *db.DB, out io.Writer) (any, error) {
	names, err := d.MigrateUp(ctx)
	for _, n := range names {
		fmt.Fprintln(out, "applied", n)
	}
	if err == nil && len(names) == 0 {
		fmt.Fprintln(out, "nothing to do: the schema is up to date")
	}
	return map[string][]string{"applied": append([]string{}, names...)}, err
}

func migratePending(ctx context.Context, d *db.DB, out io.Writer) (any, error) {
	all, err := d.Migrations(ctx)
	pending := []string{}
	for _, m := range all {
		if m.AppliedAt.IsZero() {
			fmt.Fprintln(out, "pending", m.Name)
			pending = append(pending, m.Name)
		}
	}
	return map[string][]string{"pending": pending}, err
}

func migrateDown(ctx context.Context, d *db.DB, out io.Writer) (any, error) {
	name, err := d.MigrateDown(ctx)
	if err != nil {
		return nil, err
	}
	if name == "" {
		fmt.Fprintln(out, "nothing to do: no migration is applied")
		return map[string]*string{"rolled_back": nil}, nil
	}
	fmt.Fprintln(out, "took back", name)
	return map[string]*string{"rolled_back": &name}, nil
}

// schemaStatus is the JSON of migrate status.
type schemaStatus struct {
	Migrations []migrationStatus `json:"migrations"`
	Unfinished []string          `json:"unfinished_indexes"`
	Known      int64             `json:"known"`
	Applied    int64             `json:"applied"`
	Needs      int64             `json:"needs"`
}

type migrationStatus struct {
	Name      string     `json:"name"`
	AppliedAt *time.Time `json:"applied_at"` // nil while it is pending
}

func migrateStatus(ctx context.Context, d *db.DB, out io.Writer) (any, error) {
	all, err := d.Migrations(ctx)
	status := schemaStatus{Migrations: []migrationStatus{}}
	for _, m := range all {
		state, row := "pending", migrationStatus{Name: m.Name}
		if !m.AppliedAt.IsZero() {
			at := m.AppliedAt.UTC().Truncate(time.Second)
			state, row.AppliedAt = "applied "+at.Format(time.RFC3339), &at
		}
		fmt.Fprintf(out, "%-24s %s\n", m.Name, state)
		status.Migrations = append(status.Migrations, row)
	}
	if err != nil {
		return nil, err
	}
	s, err := d.Schema(ctx)
	for _, index := range s.Unfinished {
		fmt.Fprintf(out, "unfinished index %s: a migration was interrupted; complete it: hookline migrate up\n", index)
	}
	if s.Applied > s.Known {
		fmt.Fprintf(out, "the schema is newer (migration %d) than this version knows (%d); it needs a version that knows "+
			"%d\n", s.Applied, s.Known, s.Needs)
	}
	status.Unfinished = append([]string{}, s.Unfinished...)
	status.Known, status.Applied, status.Needs = s.Known, s.Applied, s.Needs
	return status, err
}
