package deploycheck

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

const unitDir = root + "/deploy/systemd"

// unit is a unit file: the values of each directive, in order.
type unit map[string][]string

var directive = regexp.MustCompile(`(?m)^([A-Za-z]+)=(.*)$`)

func unitFiles(t *testing.T) map[string]unit {
	t.Helper()
	files, err := filepath.Glob(unitDir + "/*.service")
	if err != nil || len(files) != 3 {
		t.Fatalf("units: got %v, %v, want three", files, err)
	}
	out := map[string]unit{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		u := unit{}
		for _, m := range directive.FindAllStringSubmatch(string(raw), -1) {
			u[m[1]] = append(u[m[1]], m[2])
		}
		out[filepath.Base(file)] = u
	}
	return out
}

func TestUnitsReadSecretsFromCredentialsThatTheyLoad(t *testing.T) {
	t.Parallel()
	known := settings(t)
	for name, u := range unitFiles(t) {
		var files []string
		for _, e := range u["Environment"] {
			variable, _, _ := strings.Cut(e, "=")
			if strings.HasSuffix(variable, "_FILE") {
				files = append(files, e)
			} else if !isSetting(known, variable) {
				t.Errorf("%s: got %s, want a setting of the program", name, variable)
			}
		}
		if len(files) != len(u["LoadCredential"]) || len(files) == 0 {
			t.Errorf("%s: got the variables %v for %d credentials, want one for each", name, files,
				len(u["LoadCredential"]))
			continue
		}
		for i, load := range u["LoadCredential"] {
			secret, path, _ := strings.Cut(load, ":")
			if !known[secret].secret || path != "/etc/hookline/secrets/"+secret {
				t.Errorf("%s: got the credential %s, want a secret of the program, from its file", name, load)
			}
			if got, want := files[i], secret+"_FILE=%d/"+secret; got != want {
				t.Errorf("%s: got Environment=%s, want %s", name, got, want)
			}
		}
	}
}

func TestUnitsGiveAShutdownItsTimeAndStartAProgramThatKnowsTheCommand(t *testing.T) {
	t.Parallel()
	shutdown, err := time.ParseDuration(settings(t)["HOOKLINE_SHUTDOWN_TIMEOUT"].fallback)
	if err != nil {
		t.Fatal(err)
	}
	for name, u := range unitFiles(t) {
		help(t, strings.TrimPrefix(u["ExecStart"][0], "/usr/bin/hookline "))
		if u["Type"][0] == "oneshot" {
			continue
		}
		if seconds, err := strconv.Atoi(u["TimeoutStopSec"][0]); err != nil || time.Duration(seconds)*time.Second <= shutdown {
			t.Errorf("%s: got TimeoutStopSec=%s, want more than %s", name, u["TimeoutStopSec"][0], shutdown)
		}
	}
}

func TestTheExampleOfSettingsHasSettingsAndNoSecret(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(unitDir + "/hookline.env")
	if err != nil {
		t.Fatal(err)
	}
	known := settings(t)
	for _, m := range regexp.MustCompile(`(?m)^#?(HOOKLINE_[A-Z_]+)=`).FindAllStringSubmatch(string(raw), -1) {
		if s, there := known[m[1]]; !there || s.secret {
			t.Errorf("hookline.env: got %s, want a setting that is no secret", m[1])
		}
	}
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
	for name := range unitFiles(t) {
		if out := systemd(t, name, "verify", "--man=no"); strings.Contains(out, name) {
			t.Errorf("systemd-analyze verify %s: got %s, want nothing to say", name, out)
		}
	}
}

func TestUnitsAreHardened(t *testing.T) {
	t.Parallel()
	// 10 is no protection; what remains of the 1.3 is the network, which the program is for.
	for name := range unitFiles(t) {
		systemd(t, name, "security", "--offline=true", "--threshold=15")
	}
}
