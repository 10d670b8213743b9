package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/hookline/hookline/internal/config"
)

// What deploys Hookline as far as it can be read without Helm and systemd, which make deploy-check needs.
const unitDir = "../../deploy/systemd"

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
		u := unit{}
		for _, m := range directive.FindAllStringSubmatch(textOf(t, file), -1) {
			u[m[1]] = append(u[m[1]], m[2])
		}
		out[filepath.Base(file)] = u
	}
	return out
}

func textOf(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// knownSettings are all variables of the server.
func knownSettings() map[string]config.Field {
	out := map[string]config.Field{}
	for _, f := range config.Fields() {
		out[f.Name] = f
	}
	return out
}

func TestUnitsReadSecretsFromCredentialsThatTheyLoad(t *testing.T) {
	t.Parallel()
	known := knownSettings()
	for name, u := range unitFiles(t) {
		var files []string
		for _, e := range u["Environment"] {
			variable, _, _ := strings.Cut(e, "=")
			if strings.HasSuffix(variable, config.FileSuffix) {
				files = append(files, e)
			} else if f, there := known[variable]; !there || f.Secret {
				t.Errorf("%s: got %s, want a setting of the program that is no secret", name, variable)
			}
		}
		if len(files) != len(u["LoadCredential"]) || len(files) == 0 {
			t.Errorf("%s: got the variables %v for %d credentials, want one for each", name, files,
				len(u["LoadCredential"]))
			continue
		}
		for i, load := range u["LoadCredential"] {
			secret, path, _ := strings.Cut(load, ":")
			if !known[secret].Secret || path != "/etc/hookline/secrets/"+secret {
				t.Errorf("%s: got the credential %s, want a secret of the program, from its file", name, load)
			}
			if got, want := files[i], secret+config.FileSuffix+"=%d/"+secret; got != want {
				t.Errorf("%s: got Environment=%s, want %s", name, got, want)
			}
		}
	}
}

func TestUnitsGiveAShutdownItsTimeAndStartAProgramThatKnowsTheCommand(t *testing.T) {
	t.Parallel()
	shutdown, err := time.ParseDuration(knownSettings()["HOOKLINE_SHUTDOWN_TIMEOUT"].Default)
	if err != nil {
		t.Fatal(err)
	}
	for name, u := range unitFiles(t) {
		if wrong := misuse(strings.TrimPrefix(u["ExecStart"][0], "/usr/bin/hookline ")); wrong != "" {
			t.Errorf("%s: got ExecStart=%s, want a call of the program: %s", name, u["ExecStart"][0], wrong)
		}
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
	known := knownSettings()
	names := regexp.MustCompile(`(?m)^#?(HOOKLINE_[A-Z_]+)=`).FindAllStringSubmatch(textOf(t, unitDir+"/hookline.env"), -1)
	for _, m := range names {
		if f, there := known[m[1]]; !there || f.Secret {
			t.Errorf("hookline.env: got %s, want a setting that is no secret", m[1])
		}
	}
}

// release has the parts of .goreleaser.yaml that the tests read. GoReleaser itself checks the whole file.
type release struct {
	Builds []struct{ Ldflags, Env []string }
	NFPMs  []struct {
		Contents []struct{ Src, Dst string }
		Scripts  map[string]string
	} `yaml:"nfpms"`
}

func releaseConfig(t *testing.T) release {
	t.Helper()
	var r release
	if err := yaml.Unmarshal([]byte(textOf(t, "../../.goreleaser.yaml")), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Builds) != 1 || len(r.NFPMs) != 1 {
		t.Fatalf("the release: got %d builds and %d packages, want one of each", len(r.Builds), len(r.NFPMs))
	}
	return r
}

func TestPackagesHaveEveryUnitAndFilesThatExist(t *testing.T) {
	t.Parallel()
	p := releaseConfig(t).NFPMs[0]
	packed := map[string]string{}
	for _, c := range p.Contents {
		packed[filepath.Base(c.Src)] = c.Dst
		if c.Src == "" || strings.HasPrefix(c.Src, "bin/") {
			continue // a folder, or built before
		}
		if _, err := os.Stat(filepath.Join("../..", c.Src)); err != nil {
			t.Errorf("the package: got %v, want %s to be there", err, c.Src)
		}
	}
	for name := range unitFiles(t) {
		if packed[name] != "/usr/lib/systemd/system/"+name {
			t.Errorf("the package: got %s at %q, want it among systemd's units", name, packed[name])
		}
	}
	for _, script := range p.Scripts {
		if _, err := os.Stat(filepath.Join("../..", script)); err != nil {
			t.Errorf("the package: got %v, want the script %s", err, script)
		}
	}
}

func TestReleasesAreBuiltAsTheMakefileAndTheImageAre(t *testing.T) {
	t.Parallel()
	build := releaseConfig(t).Builds[0]
	const version = "-X github.com/hookline/hookline/internal/app.Version="
	flags := strings.Join(build.Ldflags, " ")
	if !strings.HasPrefix(flags, "-s -w "+version) || strings.Join(build.Env, " ") != "CGO_ENABLED=0" {
		t.Errorf("the release: got %s, %v, want -s -w, the version, and no cgo", flags, build.Env)
	}
	for file, wanted := range map[string][]string{
		"Makefile":          {"LDFLAGS   := -s -w " + version, "-trimpath"},
		"deploy/Dockerfile": {"-s -w " + version, "-trimpath", "-tags timetzdata"},
	} {
		text := textOf(t, filepath.Join("../..", file))
		for _, want := range wanted {
			if !strings.Contains(text, want) {
				t.Errorf("%s: got no %q, want the flags of the release", file, want)
			}
		}
	}
}

// documents are all texts for users, operators and contributors.
func documents(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/guides/*.md", "docs/guides/*/*.md", "deploy/*/*/*.md",
		"pkg/*/*.md"} {
		files, err := filepath.Glob("../../" + pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("documents like %s: got %v, %v, want some", pattern, files, err)
		}
		out = append(out, files...)
	}
	return out
}

// programCall is a call of the program in a text: in a line of shell, with sudo and variables before it, in a
// container, or within a sentence.
var programCall = regexp.MustCompile("(?m)(?:/usr/bin/|`|\\| |<\\(|^\\$? *(?:sudo +)?(?:[A-Z_]+=\\S+ +)*)" +
	"hookline ([a-z][^`\\n#|<)]*)")

// misuse says what is wrong with the arguments of a call: its command or its flags. It is empty for a good call.
func misuse(args string) string {
	words := strings.Fields(args)
	c, rest, err := root().Find(words)
	if err != nil || !c.HasParent() || c.HasSubCommands() && len(rest) > 0 && rest[0][0] >= 'a' && rest[0][0] <= 'z' {
		return "there is no such command"
	}
	c.InitDefaultHelpFlag()
	for _, word := range words {
		name, flag := strings.CutPrefix(word, "--")
		name, _, _ = strings.Cut(strings.Trim(name, "[].,"), "=")
		if flag && c.Flag(name) == nil {
			return c.CommandPath() + " has no flag --" + name
		}
	}
	return ""
}

func TestTheCommandsOfTheDocumentsAreTheProgramsOwn(t *testing.T) {
	t.Parallel()
	n := 0
	for _, file := range documents(t) {
		text := strings.ReplaceAll(textOf(t, file), "\\\n", " ")
		for _, call := range programCall.FindAllStringSubmatch(text, -1) {
			n++
			if wrong := misuse(call[1]); wrong != "" {
				t.Errorf("%s: got hookline %s, want a call of the program: %s", file, call[1], wrong)
			}
		}
	}
	if n < 60 {
		t.Errorf("calls of the program in the documents: got %d, want at least 60", n)
	}
}

func TestDocumentsNameSettingsOfTheProgram(t *testing.T) {
	t.Parallel()
	known := knownSettings()
	for _, file := range append(documents(t), "../../deploy/helm/hookline/values.yaml") {
		if filepath.Base(file) == "configuration.md" {
			continue // made of the settings
		}
		for _, name := range regexp.MustCompile(`HOOKLINE_[A-Z_]+[A-Z]`).FindAllString(textOf(t, file), -1) {
			_, there := known[name]
			if !there && !known[strings.TrimSuffix(name, config.FileSuffix)].Secret && !slices.Contains(others, name) {
				t.Errorf("%s: got %s, want a setting of the program", file, name)
			}
		}
	}
}

// others are variables of clients, consumers, tests and of the shell in examples.
var others = []string{"HOOKLINE_API_KEY", "HOOKLINE_URL", "HOOKLINE_WEBHOOK_SECRET", "HOOKLINE_TEST_DATABASE_URL",
	"HOOKLINE_TEST_REDIS_URL", "HOOKLINE_ADMIN_KEY", "HOOKLINE_BACKEND_KEY"}
