package deploycheck

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// goreleaser has the parts of .goreleaser.yaml that the tests read. GoReleaser itself checks the whole file.
type goreleaser struct {
	Builds []struct{ Ldflags, Tags, Flags, Env []string }
	NFPMs  []struct {
		Contents []struct{ Src, Dst, Type string }
		Scripts  map[string]string
	}
}

func releaseConfig(t *testing.T) goreleaser {
	t.Helper()
	raw, err := os.ReadFile(root + "/.goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var c goreleaser
	if err := yaml.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Builds) != 1 || len(c.NFPMs) != 1 {
		t.Fatalf("the release: got %d builds and %d packages, want one of each", len(c.Builds), len(c.NFPMs))
	}
	return c
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
		if _, err := os.Stat(filepath.Join(root, c.Src)); err != nil {
			t.Errorf("the package: got %v, want %s to be there", err, c.Src)
		}
	}
	for name := range unitFiles(t) {
		if packed[name] != "/usr/lib/systemd/system/"+name {
			t.Errorf("the package: got %s at %q, want it among systemd's units", name, packed[name])
		}
	}
	for _, script := range p.Scripts {
		if _, err := os.Stat(filepath.Join(root, script)); err != nil {
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
		raw, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wanted {
			if !strings.Contains(string(raw), want) {
				t.Errorf("%s: got no %q, want the flags of the release", file, want)
			}
		}
	}
}
