package app

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/hookline/hookline/internal/clock"
	"github.com/hookline/hookline/internal/config"
	"github.com/hookline/hookline/internal/contract"
	"github.com/hookline/hookline/internal/role"
	"github.com/hookline/hookline/internal/session"
)

// DevLoginLink makes a link into the dashboard of a running hookline dev, or into its operators' pages. The link works
// once and for ten minutes.
func DevLoginLink(ctx context.Context, dataDir string, operator bool) (string, error) {
	addr, err := devAddr(dataDir)
	if err != nil {
		return "", err
	}
	s, d, err := openSeeded(ctx, dataDir)
	if err != nil {
		return "", err
	}
	defer func() { _ = d.Close() }()
	n := session.New{Operator: true, OperatorKeyID: s.OperatorID, Life: devSession}
	if !operator {
		known, err := contract.Load()
		if err != nil {
			return "", err
		}
		n = session.New{Scope: s.scope(), Capabilities: known.Permissions(), MaySwitch: true, Life: devSession}
	}
	sessions := session.NewStore(d, nil, nil, nil, role.Roles{}, nil, clock.System)
	_, link, err := sessions.Invite(ctx, n)
	return "http://" + addr + session.LoginPath + "?once=" + link, err
}

// devAddr is where the hookline dev that has a data directory listens.
func devAddr(dataDir string) (string, error) {
	stopped := &config.Error{Text: fmt.Sprintf("No hookline dev runs with the data in %s. Start it: hookline dev "+
		"--data-dir %s", dataDir, dataDir)}
	path := filepath.Join(dataDir, lockFile)
	raw, err := os.ReadFile(path)
	var h holder
	if err != nil || json.Unmarshal(raw, &h) != nil {
		return "", stopped
	}
	lock := flock.New(path, flock.SetPermissions(0o600))
	if free, err := lock.TryLock(); err == nil && free { // what the file says is of a process that was killed
		_ = lock.Unlock()
		return "", stopped
	}
	return h.Addr, nil
}
