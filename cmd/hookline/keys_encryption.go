package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/spf13/cobra"

	"github.com/hookline/hookline/gen/api"
	"github.com/hookline/hookline/internal/app"
	"github.com/hookline/hookline/internal/config"
)

// rotation has the flags of hookline keys rotate-encryption.
type rotation struct {
	dataDir      string
	dryRun, json bool
}

// rotated is the JSON of hookline keys rotate-encryption.
type rotated struct {
	Job     *api.TenantJob `json:"job"` // nil when there was nothing to encrypt again
	Keys    []app.KeyUse   `json:"keys"`
	Damaged int            `json:"damaged"` // how many values can't be read
	// Processes are those that run and encrypt with another key than the first.
	Processes []sealing `json:"processes"`
}

// sealing is a running process, and the id of the key that it encrypts with.
type sealing struct {
	Name string `json:"name"`
	Key  string `json:"key"`
}

func rotateEncryptionCommand() *cobra.Command {
	var r rotation
	cmd := &cobra.Command{
		Use: "rotate-encryption", Short: "Encrypt all stored secrets with the first encryption key", Args: noArgs,
		Long: "Encrypt all stored secrets with the first key of HOOKLINE_ENCRYPTION_KEYS that are encrypted with " +
			"another one,\nwhile the service runs, and print which keys are still needed. To replace a key:\n\n" +
			"  1. Make one with openssl rand -base64 32, and add it as the second key on all processes.\n" +
			"  2. Make it the first key on all processes, and keep the old one as the second.\n" +
			"  3. Run hookline keys rotate-encryption with the same keys.\n" +
			"  4. When it says so, remove the old key from all processes.\n\n" +
			"The work is a job: workers complete it when this command is stopped, and it may be called again. It uses\n" +
			"HOOKLINE_DATABASE_URL, or, without it, the data of hookline dev, which may be running.",
		RunE: func(c *cobra.Command, _ []string) error { return r.run(c) },
	}
	cmd.Flags().StringVar(&r.dataDir, "data-dir", defaultDataDir,
		"data directory of hookline dev; used without HOOKLINE_DATABASE_URL")
	cmd.Flags().BoolVar(&r.dryRun, "dry-run", false, "only print which keys are needed")
	jsonFlag(cmd, &r.json)
	return cmd
}

// config returns the settings, and where the keys are for those who read a message.
func (r rotation) config() (config.Config, string, error) {
	cfg, dev, err := offlineSettings(r.dataDir)
	if err != nil || !dev {
		return cfg, "HOOKLINE_ENCRYPTION_KEYS on all processes", err
	}
	cfg.EncryptionKeys, err = app.DevKeys(r.dataDir)
	if errors.Is(err, fs.ErrNotExist) {
		err = noData(r.dataDir)
	}
	return cfg, app.DevKeysFile(r.dataDir), err
}

func (r rotation) run(c *cobra.Command) error {
	cfg, place, err := r.config()
	if err != nil {
		return err
	}
	e, err := app.OpenEncryption(c.Context(), cfg)
	if err != nil {
		return err
	}
	defer e.Close()
	done := rotated{Processes: []sealing{}}
	out := c.OutOrStdout()
	if r.json {
		out = io.Discard
	}
	if !r.dryRun {
		if done.Job, err = rotate(c, out, e); err != nil {
			return err
		}
	}
	others, err := e.Others(c.Context()) // before the values are counted: one that ends now counts, or they do
	if err != nil {
		return err
	}
	for _, p := range others {
		done.Processes = append(done.Processes, sealing{p.String(), p.SealsWith()})
	}
	if done.Keys, done.Damaged, err = e.Use(c.Context()); err != nil {
		return err
	}
	if r.json {
		if err := printJSON(c, done); err != nil {
			return err
		}
	}
	return r.report(out, done, place)
}

func rotate(c *cobra.Command, out io.Writer, e *app.Encryption) (*api.TenantJob, error) {
	j, err := e.Rotate(c.Context(), progress(c))
	switch {
	case err != nil:
		return nil, err
	case j == nil:
		fmt.Fprintln(out, "Nothing to encrypt again.")
		return nil, nil
	case jobFailure(*j) != nil:
		return nil, jobFailure(*j)
	case j.Status != api.TenantJobStatusDone:
		return nil, fmt.Errorf("%s was %s after %d of %d; what is done stays done", j.ID, j.Status, j.Done, j.Total)
	}
	fmt.Fprintf(out, "%d values encrypted again (%s).\n", j.Done, j.ID)
	return j, nil
}

// report prints which keys are needed. It fails when values are left that a rotation should have changed.
func (r rotation) report(out io.Writer, use rotated, place string) error {
	left := use.Damaged
	for _, k := range use.Keys {
		text := fmt.Sprintf("%d values need key %s; ", k.Values, k.ID)
		switch {
		case k.First:
			text += "new values are encrypted with it."
		case k.Known && k.Values == 0 && len(use.Processes) > 0:
			text += "keep it until every process encrypts with the first key."
		case k.Known && k.Values == 0:
			text += "remove it from " + place + "."
		case k.Known && r.dryRun:
			text += "keep it until they are encrypted again."
		case k.Known:
			left += k.Values
			text += "keep it, see that it is the first key of no process, and run this command again."
		default:
			left += k.Values
			text += "they can't be read, because it is missing: add it as the second key to " + place + "."
		}
		fmt.Fprintln(out, text)
	}
	if use.Damaged > 0 {
		fmt.Fprintf(out, "%d values are damaged and can't be read.\n", use.Damaged)
	}
	for _, p := range use.Processes {
		fmt.Fprintf(out, "%s encrypts with key %s: make key %s the first one of %s, and restart it.\n", p.Name, p.Key,
			use.Keys[0].ID, place)
	}
	switch {
	case r.dryRun:
		return nil
	case left > 0:
		return fmt.Errorf("%d values are not encrypted with the first key", left)
	case len(use.Processes) > 0:
		return fmt.Errorf("%d of the running processes encrypt with another key; run this command again when they have "+
			"been restarted (one that was killed counts for a minute)", len(use.Processes))
	}
	return nil
}
