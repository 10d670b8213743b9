package app

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"
)

func TestAStopDuringTheStartBlamesNoSetting(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := filepath.Join(t.TempDir(), "data")
	dev := RunDev(ctx, DevOptions{Addr: "127.0.0.1:0", DataDir: dir}, io.Discard, io.Discard)
	_, database := OpenDatabase(ctx, "postgres://u:p@127.0.0.1:1/x")
	for want, err := range map[string]error{"Start it again: hookline dev": dev, "run the command again": database} {
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "HOOKLINE_") {
			t.Errorf("stopped during the start: got %v, want %q and no variable", err, want)
		}
	}
}

func TestAnUnusableDatabaseFileBlamesNoVariable(t *testing.T) {
	t.Parallel()
	_, err := OpenDatabase(t.Context(), "sqlite://"+filepath.ToSlash(t.TempDir())+"/missing/hookline.db")
	if err == nil || !strings.Contains(err.Error(), "/missing/hookline.db") ||
		strings.Contains(err.Error(), "HOOKLINE_") {
		t.Errorf("got %v, want the file and no variable", err)
	}
}
