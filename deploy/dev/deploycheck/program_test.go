package deploycheck

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
)

// binary is the program, built once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "hookline-deploy")
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "hookline")
	cmd := exec.Command("go", "build", "-o", out, "./cmd/hookline")
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	return out, cmd.Run()
})

func TestMain(m *testing.M) {
	code := m.Run()
	if out, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(out))
	}
	os.Exit(code)
}

func program(t *testing.T) string {
	t.Helper()
	out, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// setting is a variable as the program's help shows it.
type setting struct {
	secret   bool
	fallback string
}

var (
	variable = regexp.MustCompile(`(?m)^  (HOOKLINE_[A-Z_]+)( or HOOKLINE_[A-Z_]+_FILE)?\n        (.*)$`)
	fallback = regexp.MustCompile(`\(default (.*)\)$`)
)

// settings are all variables that the program knows.
func settings(t *testing.T) map[string]setting {
	t.Helper()
	help, err := exec.Command(program(t), "serve", "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]setting{}
	for _, m := range variable.FindAllStringSubmatch(string(help), -1) {
		s := setting{secret: m[2] != ""}
		if d := fallback.FindStringSubmatch(m[3]); d != nil {
			s.fallback = d[1]
		}
		out[m[1]] = s
	}
	if len(out) < 40 {
		t.Fatalf("settings in serve --help: got %d, want at least 40", len(out))
	}
	return out
}

func TestEveryVariableIsOneOfTheProgram(t *testing.T) {
	t.Parallel()
	known := settings(t)
	forEachCase(t, func(t *testing.T, r release) {
		for _, p := range pods(r) {
			for name := range variables(r, p.spec) {
				if strings.HasPrefix(name, "HOOKLINE_") && !isSetting(known, name) {
					t.Errorf("%s: got %s, want a setting of the program", p.name, name)
				}
			}
		}
	})
}

// isSetting says whether a variable is read: secrets only from files, since these are for production.
func isSetting(known map[string]setting, name string) bool {
	if s, there := known[name]; there {
		return !s.secret
	}
	return known[strings.TrimSuffix(name, "_FILE")].secret
}

// TestTheProgramAcceptsItsSettings starts API and worker with the environment and the files of the pods. The database
// is at a port where nothing listens, so a process that says so has accepted every setting.
func TestTheProgramAcceptsItsSettings(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"values.yaml", "everything.yaml"} {
		r := render(t, values(t, file))
		for name, d := range objects[apps.Deployment](r) {
			t.Run(file+" "+name, func(t *testing.T) {
				t.Parallel()
				said := start(t, r, d)
				if !strings.Contains(said, "127.0.0.1:1") && !strings.Contains(said, "HOOKLINE_DATABASE_URL") ||
					strings.Contains(said, "must be") || strings.Contains(said, "s3cret") {
					t.Errorf("the program with the settings of %s said %q, want that the database does not answer", name, said)
				}
			})
		}
	}
}

func start(t *testing.T, r release, d *apps.Deployment) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	spec := d.Spec.Template.Spec
	files := secretFiles(t, pod{name: d.Name, spec: spec})
	cmd := exec.CommandContext(ctx, program(t), spec.Containers[0].Args...)
	for name, value := range variables(r, spec) {
		if from, secret := files[value]; secret {
			value = filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(value, []byte(secretValue(r, from)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	if err == nil || ctx.Err() != nil {
		t.Fatalf("%s ended with %v and said %q, want it to refuse without a database", d.Name, err, out)
	}
	return string(out)
}

// secretValue is the value in a Secret of the release, or one that fits for a Secret that is made elsewhere.
func secretValue(r release, from file) string {
	if s := objects[core.Secret](r)[from.secret]; s != nil {
		return s.StringData[from.key]
	}
	if strings.Contains(from.key, "KEYS") {
		return "czNjcmV0LWtleS1vZi0zMi1ieXRlcy1sb25nLTAwMDA="
	}
	return "redis://127.0.0.1:1/0"
}
