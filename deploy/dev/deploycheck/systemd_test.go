package deploycheck

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const unitDir = root + "/deploy/systemd"

func unitFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(unitDir + "/*.service")
	if err != nil || len(files) != 3 {
		t.Fatalf("units: got %v, %v, want three", files, err)
	}
	for i, file := range files {
		files[i] = filepath.Base(file)
	}
	return files
}

// systemd says of a unit what systemd-analyze finds, with the program in place of the installed one.
func systemd(t *testing.T, name string, args ...string) string {
	t.Helper()
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Fatal("systemd-analyze is missing, and it checks the units: install Debian's package systemd")
	}
	raw, err := os.ReadFile(filepath.Join(unitDir, name))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), name)
	text := strings.ReplaceAll(string(raw), "/usr/bin/hookline", program(t))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, append(args, file)...).CombinedOutput()
	if err != nil {
		t.Errorf("systemd-analyze %s: got %v, want no error: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestSystemdAcceptsTheUnits(t *testing.T) {
	t.Parallel()
	for _, name := range unitFiles(t) {
		if out := systemd(t, name, "verify", "--man=no"); strings.Contains(out, name) {
			t.Errorf("systemd-analyze verify %s: got %s, want nothing to say", name, out)
		}
	}
}

func TestUnitsAreHardened(t *testing.T) {
	t.Parallel()
	// 10 is no protection; what remains of the 1.3 is the network, which the program is for.
	for _, name := range unitFiles(t) {
		systemd(t, name, "security", "--offline=true", "--threshold=15")
	}
}
