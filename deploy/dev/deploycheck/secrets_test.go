package deploycheck

import (
	"strings"
	"testing"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
)

// made are the keys of each Secret that the release makes, or has made by External Secrets Operator.
func made(r release, hooks bool) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, m := range r.manifests {
		if m.hook != hooks {
			continue
		}
		switch o := m.object.(type) {
		case *core.Secret:
			out[m.name] = map[string]bool{}
			for key := range o.StringData {
				out[m.name][key] = true
			}
		case *externalSecret:
			keys := map[string]bool{}
			for _, d := range o.Spec.Data {
				keys[d.SecretKey] = true
			}
			out[o.Spec.Target.Name] = keys
		}
	}
	return out
}

// existing are the Secrets that the values say exist already, with their keys.
func existing(r release) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	secrets, _ := r.values["secrets"].(map[string]any)
	for variable, source := range secrets {
		s, _ := source.(map[string]any)
		name, _ := s["secretName"].(string)
		key, _ := s["key"].(string)
		if name == "" {
			continue
		}
		if key == "" {
			key = variable
		}
		if out[name] == nil {
			out[name] = map[string]bool{}
		}
		out[name][key] = true
	}
	return out
}

func TestEverySecretIsAFileThatItsVariableNames(t *testing.T) {
	t.Parallel()
	known := settings(t)
	forEachCase(t, func(t *testing.T, r release) {
		for _, p := range pods(r) {
			files, used := secretFiles(t, p), 0
			for name, value := range variables(r, p.spec) {
				if _, plain := known[name]; plain || !strings.HasSuffix(name, "_FILE") {
					continue
				}
				used++
				from, mounted := files[value]
				// A hook runs before the release's own objects are there.
				if !mounted || !made(r, p.hook)[from.secret][from.key] && !existing(r)[from.secret][from.key] {
					t.Errorf("%s: got %s=%s from %+v, want a file of a Secret that is there by then", p.name, name, value,
						from)
				}
			}
			if used != len(files) || used == 0 {
				t.Errorf("%s: got %d variables for %d mounted secrets, want one for each", p.name, used, len(files))
			}
		}
	})
}

func TestEverySecretThatIsSetReachesTheAPI(t *testing.T) {
	forEachCase(t, func(t *testing.T, r release) {
		secrets, _ := r.values["secrets"].(map[string]any)
		for name, d := range objects[apps.Deployment](r) {
			has := variables(r, d.Spec.Template.Spec)
			for variable, source := range secrets {
				wanted := source != nil && (strings.HasSuffix(name, "-api") || variable != "HOOKLINE_OPERATOR_KEY")
				if _, got := has[variable+"_FILE"]; got != wanted {
					t.Errorf("%s has %s_FILE: got %v, want %v", name, variable, got, wanted)
				}
			}
		}
	})
}

func TestNoSecretIsAnywhereButInASecret(t *testing.T) {
	forEachCase(t, func(t *testing.T, r release) {
		marks := []string{"s3cret"}
		secrets, _ := r.values["secrets"].(map[string]any)
		for _, source := range secrets {
			s, _ := source.(map[string]any)
			if value, _ := s["value"].(string); value != "" {
				marks = append(marks, value)
			}
		}
		for _, m := range r.manifests {
			for _, mark := range marks {
				if m.kind != "Secret" && strings.Contains(m.text, mark) {
					t.Errorf("%s %s: got %q in it, want secrets in Secrets only", m.kind, m.name, mark)
				}
			}
		}
		for _, mark := range marks {
			if strings.Contains(r.notes, mark) {
				t.Errorf("notes: got %q in them, want no secret", mark)
			}
		}
	})
}

func TestHooksThatTheMigrationNeedsComeBeforeIt(t *testing.T) {
	forEachCase(t, func(t *testing.T, r release) {
		for _, m := range r.manifests {
			if m.hook && (m.kind == "Job") != (m.weight == 0) || m.weight > 0 {
				t.Errorf("%s %s: got the weight %d, want the Job at 0 and what it needs below", m.kind, m.name, m.weight)
			}
		}
	})
}

func TestPodsRestartWhenSettingsOrSecretsChange(t *testing.T) {
	t.Parallel()
	checksums := func(set string) string {
		r := render(t, merge(t, values(t, "values.yaml"), set))
		var out strings.Builder
		for _, d := range objects[apps.Deployment](r) {
			out.WriteString(d.Spec.Template.Annotations["checksum/settings"] +
				d.Spec.Template.Annotations["checksum/secrets"])
		}
		return out.String()
	}
	before := checksums("{}")
	for _, set := range []string{"settings: {HOOKLINE_LOG_LEVEL: debug}",
		"secrets: {HOOKLINE_REDIS_URL: {value: 'redis://other'}}", "ingress: {enabled: true, hosts: [a.example.com]}"} {
		if checksums(set) == before {
			t.Errorf("%s: got the same checksums, want pods to restart", set)
		}
	}
}
