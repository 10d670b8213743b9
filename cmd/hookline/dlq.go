package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/wire"
)

// dlqFlags are the flags that the commands on dead letters share.
type dlqFlags struct {
	dataDir, tenant, environment, endpoint, eventType, since, httpClass string
	json, dryRun, yes                                                   bool
	limit                                                               int
}

func dlqCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "dlq", Short: "List, show, replay and purge dead letters", RunE: needsCommand,
		Long: "List, show, replay and purge dead letters of all tenants or of one.\n\nIt uses " +
			"HOOKLINE_DATABASE_URL, or else the data of hookline dev, which may be running. Replayed deliveries are\n" +
			"sent by running workers within a second. HOOKLINE_REDIS_URL is only used to clean up " +
			"Asynq's archive after a purge."}
	var f dlqFlags
	list := &cobra.Command{Use: "list", Short: "List dead letters, newest first", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.list(c) }}
	show := &cobra.Command{Use: "show ID", Short: "Show a delivery with its body and every attempt", Args: oneID,
		RunE: func(c *cobra.Command, args []string) error { return f.show(c, args[0]) }}
	replay := &cobra.Command{Use: "replay [ID...]",
		Short: "Send dead letters again: the given ids, or all that match the flags", RunE: func(c *cobra.Command,
			args []string) error {
			return f.change(c, args, "replay", "replayed", (*app.DeadLetters).ReplayOne, (*app.DeadLetters).Replay)
		}}
	purge := &cobra.Command{Use: "purge [ID...]",
		Short: "Permanently delete dead letters: the given ids, or all that match the flags", RunE: func(c *cobra.Command,
			args []string) error {
			return f.change(c, args, "purge", "purged", (*app.DeadLetters).PurgeOne, (*app.DeadLetters).Purge)
		}}
	for _, sub := range []*cobra.Command{list, show, replay, purge} {
		sub.Flags().StringVar(&f.dataDir, "data-dir", defaultDataDir,
			"data directory of hookline dev; used without HOOKLINE_DATABASE_URL")
		sub.Flags().BoolVar(&f.json, "json", false, "print JSON")
		cmd.AddCommand(sub)
	}
	for _, sub := range []*cobra.Command{list, replay, purge} {
		sub.Flags().StringVar(&f.tenant, "tenant", "", "only of this tenant")
		sub.Flags().StringVar(&f.environment, "environment", "", "only of this environment: live or test")
		sub.Flags().StringVar(&f.endpoint, "endpoint", "", "only of this endpoint")
		sub.Flags().StringVar(&f.eventType, "event-type", "", "only of events of this type")
		sub.Flags().StringVar(&f.httpClass, "http-class", "", "only with this class of the last HTTP status: 2xx, 3xx, 4xx, 5xx or none")
		sub.Flags().StringVar(&f.since, "since", "",
			"only those that died since this time, such as 2026-11-21T09:00:00Z, or duration ago, such as 24h")
	}
	list.Flags().IntVar(&f.limit, "limit", 100, "maximum number")
	for _, sub := range []*cobra.Command{replay, purge} {
		sub.Flags().BoolVar(&f.dryRun, "dry-run", false, "only count")
	}
	purge.Flags().BoolVar(&f.yes, "yes", false, "don't ask")
	replay.Flags().BoolVar(&f.yes, "yes", false, "don't ask, not even before replaying those of all tenants")
	return cmd
}

func oneID(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usageError{c.CommandPath() + " takes the id of one delivery. See: " + c.CommandPath() + " --help"}
	}
	return nil
}

func (f dlqFlags) open(c *cobra.Command) (*app.DeadLetters, error) {
	cfg, _, err := offlineSettings(f.dataDir)
	if err != nil {
		return nil, err
	}
	return app.OpenDeadLetters(c.Context(), cfg)
}

func (f dlqFlags) selection() (app.Selection, error) {
	s := app.Selection{TenantID: f.tenant, Environment: f.environment, Filter: api.DeadLetterFilter{
		WebhookID: wire.Text(f.endpoint), EventType: wire.Text(f.eventType),
	}}
	if f.environment != "" && f.environment != "live" && f.environment != "test" {
		return s, usageError{fmt.Sprintf("--environment is live or test, not %q.", f.environment)}
	}
	if f.httpClass != "" {
		class := api.HTTPClass(f.httpClass)
		if !class.Valid() {
			return s, usageError{fmt.Sprintf("--http-class is 2xx, 3xx, 4xx, 5xx or none, not %q.", f.httpClass)}
		}
		s.Filter.HTTPClass = &class
	}
	if f.since == "" {
		return s, nil
	}
	at, err := time.Parse(time.RFC3339, f.since)
	if err != nil {
		ago, durationErr := time.ParseDuration(f.since)
		if durationErr != nil || ago < 0 {
			return s,
				usageError{fmt.Sprintf("--since is a time such as 2026-11-21T09:00:00Z, or a duration ago, such as "+
					"24h, not %q.", f.since)}
		}
		at = time.Now().Add(-ago)
	}
	s.Filter.DiedFrom = &at
	return s, nil
}

func (f dlqFlags) list(c *cobra.Command) error {
	s, err := f.selection()
	if err != nil {
		return err
	}
	if f.limit < 1 || f.limit > 10_000 {
		return usageError{"--limit is from 1 to 10000."}
	}
	l, err := f.open(c)
	if err != nil {
		return err
	}
	defer l.Close()
	rows, err := l.List(c.Context(), s, f.limit)
	if err != nil {
		return err
	}
	if f.json {
		return json.NewEncoder(c.OutOrStdout()).Encode(rows)
	}
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "DELIVERY\tTENANT\tENVIRONMENT\tENDPOINT\tEVENT TYPE\tDIED\tATTEMPTS\tERROR")
	for _, d := range rows {
		died, _ := d.FinishedAt.Get()
		why, _ := d.Error.Get()
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n", d.ID, d.TenantID, d.Environment, d.WebhookID, d.EventType,
			died.Format(time.RFC3339), d.AttemptCount, why)
	}
	return w.Flush()
}

func (f dlqFlags) show(c *cobra.Command, deliveryID string) error {
	l, err := f.open(c)
	if err != nil {
		return err
	}
	defer l.Close()
	d, err := l.Show(c.Context(), deliveryID)
	if err != nil {
		return err
	}
	e := json.NewEncoder(c.OutOrStdout())
	e.SetEscapeHTML(false)
	if !f.json {
		e.SetIndent("", "  ")
	}
	return e.Encode(d)
}

type (
	changeOne  func(*app.DeadLetters, context.Context, string) error
	changeMany func(*app.DeadLetters, context.Context, app.Selection, func(api.TenantJob)) (api.TenantJob, error)
)

// change replays or purges.
func (f dlqFlags) change(c *cobra.Command, ids []string, verb, done string, one changeOne, many changeMany) error {
	s, err := f.selection()
	if err != nil {
		return err
	}
	if len(ids) > 0 && s != (app.Selection{}) {
		return usageError{"Name deliveries, or select them with flags, but not both."}
	}
	l, err := f.open(c)
	if err != nil {
		return err
	}
	defer l.Close()
	total, skipped := len(ids), 0
	if total == 0 {
		if total, skipped, err = l.Count(c.Context(), s); err != nil {
			return err
		}
	}
	if f.dryRun {
		return f.say(c, map[string]int{"total": total, "skipped": skipped}, summary(verb, total, skipped, done))
	}
	if question := f.question(verb, total, len(ids) == 0 && s == (app.Selection{})); question != "" &&
		!confirmed(c, question) {
		return usageError{"Nothing was " + done + ". Answer yes, or call it with --yes."}
	}
	if len(ids) > 0 {
		for _, deliveryID := range ids {
			if err := one(l, c.Context(), deliveryID); err != nil {
				return err
			}
		}
		return f.say(c, map[string]int{"done": len(ids)}, fmt.Sprintf("%d %s", len(ids), done))
	}
	j, err := many(l, c.Context(), s, progress(c))
	if err == nil {
		err = jobFailure(j)
	}
	if err != nil {
		return err
	}
	return f.say(c, j, fmt.Sprintf("%d %s, %d skipped (%s)", j.Done, done, j.Skipped, j.ID))
}

func summary(verb string, total, skipped int, done string) string {
	if verb == "replay" && skipped > 0 {
		return fmt.Sprintf("%d would be %s, %d skipped", total-skipped, done, skipped)
	}
	return fmt.Sprintf("%d would be %s", total, done)
}

func (f dlqFlags) say(c *cobra.Command, v any, text string) error {
	if f.json {
		return json.NewEncoder(c.OutOrStdout()).Encode(v)
	}
	_, err := fmt.Fprintln(c.OutOrStdout(), text)
	return err
}

// question is what to ask before a change that nobody may want; empty when there is none, or nothing to change.
func (f dlqFlags) question(verb string, total int, everything bool) string {
	switch {
	case f.yes:
		return ""
	case verb == "purge":
		return fmt.Sprintf("Permanently delete %d dead letters?", total)
	case everything && total > 0:
		return fmt.Sprintf("Send %d dead letters of all tenants again?", total)
	}
	return ""
}

func confirmed(c *cobra.Command, question string) bool {
	fmt.Fprint(c.ErrOrStderr(), question+" Type yes: ")
	answer, _ := bufio.NewReader(c.InOrStdin()).ReadString('\n')
	return strings.TrimSpace(answer) == "yes"
}
