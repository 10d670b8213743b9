package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
)

// offlineSettings are those of the environment, for commands that need no running process. Without
// HOOKLINE_DATABASE_URL, dev is true and the database is that of hookline dev.
func offlineSettings(dataDir string) (cfg config.Config, dev bool, err error) {
	cfg, err = config.FromEnvironment()
	if err != nil {
		return cfg, false, err
	}
	if cfg.DatabaseURL != "" {
		return cfg, false, cfg.CheckDatabase()
	}
	if !app.HasDevData(dataDir) {
		return cfg, true, noData(dataDir)
	}
	cfg.DatabaseURL, err = app.DevDatabaseURL(dataDir)
	return cfg, true, err
}

func noData(dataDir string) error {
	return usageError{fmt.Sprintf("HOOKLINE_DATABASE_URL is not set, and there is no data in %s. Set it, or name the "+
		"data directory of hookline dev: --data-dir PATH", dataDir)}
}

// progress prints how far a job is, after each of its steps.
func progress(c *cobra.Command) func(api.TenantJob) {
	return func(j api.TenantJob) {
		fmt.Fprintf(c.ErrOrStderr(), "%s: %d of %d\n", j.ID, j.Done+j.Skipped, j.Total)
	}
}

// jobFailure says why a job failed; it is nil when it did not.
func jobFailure(j api.TenantJob) error {
	if j.Status != api.TenantJobStatusFailed {
		return nil
	}
	return fmt.Errorf("%s failed after %d of %d: %s", j.ID, j.Done, j.Total, j.Error.MustGet())
}
