// Package deploycheck tests what deploys Hookline: the Helm chart, the systemd units, the compose file, the image's
// Dockerfile, the release configuration and docs/deploy.md.
package deploycheck

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/lint/support"
	"helm.sh/helm/v3/pkg/releaseutil"
	"sigs.k8s.io/yaml"
)

const (
	root     = "../../.."
	chartDir = root + "/deploy/helm/hookline"
	// kubernetes is the oldest version that the chart supports.
	kubernetes = "v1.30.0"
)

// manifest is one rendered object, decoded strictly into the type of its API.
type manifest struct {
	kind, name string
	hook       bool
	weight     int
	text       string
	object     any
}

// release is a rendered chart.
type release struct {
	values    map[string]any // merged with the defaults
	manifests []manifest
	notes     string
}

// values reads the values of a case; with none, a case is the defaults.
func values(t *testing.T, file string) map[string]any {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, string(raw))
}

func parse(t *testing.T, text string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := yaml.UnmarshalStrict([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// cases are the values that are rendered and checked: the files in testdata.
func cases(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("values in testdata: got %d files, %v, want at least 5", len(files), err)
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	return files
}

// forEachCase runs a check of a rendered release for the values of every case.
func forEachCase(t *testing.T, check func(t *testing.T, r release)) {
	for _, file := range cases(t) {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			check(t, render(t, values(t, file)))
		})
	}
}

func load(t *testing.T) *chart.Chart {
	t.Helper()
	c, err := loader.LoadDir(chartDir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// template renders the chart as helm template does, named as a release called name.
func template(t *testing.T, name string, set map[string]any) (map[string]string, map[string]any, error) {
	t.Helper()
	c := load(t)
	version, err := chartutil.ParseKubeVersion(kubernetes)
	if err != nil {
		t.Fatal(err)
	}
	capabilities := *chartutil.DefaultCapabilities
	capabilities.KubeVersion = *version
	merged, err := chartutil.ToRenderValues(c, set,
		chartutil.ReleaseOptions{Name: name, Namespace: "hooks", IsInstall: true}, &capabilities)
	if err != nil {
		return nil, nil, err
	}
	files, err := engine.Render(c, merged)
	table, ok := merged["Values"].(chartutil.Values)
	if !ok {
		t.Fatalf("merged values: got %T, want a map", merged["Values"])
	}
	return files, table, err
}

func render(t *testing.T, set map[string]any) release {
	t.Helper()
	return renderAs(t, "acme", set)
}

func renderAs(t *testing.T, name string, set map[string]any) release {
	t.Helper()
	files, merged, err := template(t, name, set)
	if err != nil {
		t.Fatal(err)
	}
	r := release{values: merged}
	for file, text := range maps.Clone(files) {
		switch {
		case strings.HasSuffix(file, "NOTES.txt"):
			r.notes = text
			delete(files, file)
		case strings.HasSuffix(file, ".tpl"):
			delete(files, file)
		}
	}
	hooks, plain, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range hooks {
		m := decode(t, h.Manifest)
		m.hook, m.weight = true, h.Weight
		r.manifests = append(r.manifests, m)
	}
	for _, p := range plain {
		r.manifests = append(r.manifests, decode(t, p.Content))
	}
	return r
}

func decode(t *testing.T, text string) manifest {
	t.Helper()
	var head struct {
		APIVersion, Kind string
		Metadata         struct{ Name string }
	}
	if err := yaml.Unmarshal([]byte(text), &head); err != nil {
		t.Fatalf("a manifest is no YAML: %v\n%s", err, text)
	}
	make, known := kinds[head.APIVersion+" "+head.Kind]
	if !known {
		t.Fatalf("%s %s: got a kind that this test has no type for", head.APIVersion, head.Kind)
	}
	object := make()
	if err := yaml.UnmarshalStrict([]byte(text), object); err != nil {
		t.Errorf("%s %s: got %v, want it to fit its type", head.Kind, head.Metadata.Name, err)
	}
	return manifest{kind: head.Kind, name: head.Metadata.Name, text: text, object: object}
}

// objects are the release's objects of one type, by name.
func objects[T any](r release) map[string]*T {
	out := map[string]*T{}
	for _, m := range r.manifests {
		if o, ok := m.object.(*T); ok {
			out[m.name] = o
		}
	}
	return out
}

func TestTheChartPassesLintForEveryCase(t *testing.T) {
	for _, file := range cases(t) {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			version, err := chartutil.ParseKubeVersion(kubernetes)
			if err != nil {
				t.Fatal(err)
			}
			linter := lint.AllWithKubeVersion(chartDir, values(t, file), "hooks", version)
			for _, m := range linter.Messages {
				// As helm lint --strict: warnings fail. The icon is only information.
				if m.Severity >= support.WarningSev {
					t.Errorf("helm lint: got %v, want no warning", m)
				}
			}
		})
	}
}

func TestEveryManifestFitsItsTypeAndHasANameOfItsOwn(t *testing.T) {
	forEachCase(t, func(t *testing.T, r release) {
		seen := map[string]bool{}
		for _, m := range r.manifests {
			key := m.kind + " " + m.name
			if seen[key] || m.name == "" {
				t.Errorf("objects: got %q twice or without name, want one", key)
			}
			seen[key] = true
		}
		for _, kind := range []string{"Deployment", "Service", "ConfigMap", "PodDisruptionBudget"} {
			if !slices.ContainsFunc(r.manifests, func(m manifest) bool { return m.kind == kind }) {
				t.Errorf("objects: got no %s, want one", kind)
			}
		}
		if strings.Contains(r.notes, "<no value>") || !strings.Contains(r.notes, "rollout status") {
			t.Errorf("notes: got %q, want the next steps", r.notes)
		}
	})
}

func TestALongReleaseNameMakesValidNames(t *testing.T) {
	t.Parallel()
	r := renderAs(t, strings.Repeat("a", 53), values(t, "everything.yaml"))
	for _, m := range r.manifests {
		if len(m.name) > 63 || strings.HasSuffix(m.name, "-") {
			t.Errorf("%s: got the name %q, want at most 63 characters that end with a letter", m.kind, m.name)
		}
	}
}

func TestNothingIsRenderedTwiceWithDifferentResults(t *testing.T) {
	forEachCase(t, func(t *testing.T, r release) {
		again := render(t, r.values)
		for i, m := range again.manifests {
			if !bytes.Equal([]byte(m.text), []byte(r.manifests[i].text)) {
				t.Errorf("%s %s differs when it is rendered again, so each upgrade would restart pods", m.kind, m.name)
			}
		}
	})
}
