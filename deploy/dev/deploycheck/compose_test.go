package deploycheck

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// composeProject reads the compose file as docker compose config does.
func composeProject(t *testing.T) *types.Project {
	t.Helper()
	project, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  root + "/deploy",
		ConfigFiles: []types.ConfigFile{{Filename: root + "/deploy/compose.yaml"}},
		Environment: types.Mapping{"POSTGRES_PASSWORD": "a", "REDIS_PASSWORD": "b", "HOOKLINE_ENCRYPTION_KEYS": "c",
			"HOOKLINE_OPERATOR_KEY": "d"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func TestTheComposeFileIsValidAndItsSettingsAreKnown(t *testing.T) {
	t.Parallel()
	known := settings(t)
	for name, s := range composeProject(t).Services {
		for variable := range s.Environment {
			if _, there := known[variable]; strings.HasPrefix(variable, "HOOKLINE_") && !there {
				t.Errorf("%s: got %s, want a setting of the program", name, variable)
			}
		}
		for _, p := range s.Ports {
			if p.HostIP != "127.0.0.1" {
				t.Errorf("%s: got the port %v, want it bound to the loopback interface", name, p)
			}
		}
	}
}

func TestComposeWaitsForHealthAndGivesTimeToStop(t *testing.T) {
	t.Parallel()
	shutdown, err := time.ParseDuration(settings(t)["HOOKLINE_SHUTDOWN_TIMEOUT"].fallback)
	if err != nil {
		t.Fatal(err)
	}
	project := composeProject(t)
	for _, name := range []string{"api", "worker"} {
		s := project.Services[name]
		if s.StopGracePeriod == nil || time.Duration(*s.StopGracePeriod) <= shutdown {
			t.Errorf("%s: got a grace period of %v, want more than %s", name, s.StopGracePeriod, shutdown)
		}
		if s.HealthCheck != nil {
			t.Errorf("%s: got the health check %+v, want that of the image", name, s.HealthCheck)
		}
		if d := s.DependsOn; d["migrate"].Condition != types.ServiceConditionCompletedSuccessfully ||
			d["redis"].Condition != types.ServiceConditionHealthy {
			t.Errorf("%s: got dependencies %+v, want the migrations done and Redis healthy", name, d)
		}
		if !s.ReadOnly || !slices.Contains(s.CapDrop, "ALL") ||
			!slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s: got read_only %v, cap_drop %v, %v, want a hardened container", name, s.ReadOnly, s.CapDrop,
				s.SecurityOpt)
		}
	}
	for _, name := range []string{"postgres", "redis"} {
		if project.Services[name].HealthCheck == nil {
			t.Errorf("%s: got no health check, want one", name)
		}
	}
}

// pinned is an image by tag and digest.
var pinned = regexp.MustCompile(`^[a-z0-9./-]+:[A-Za-z0-9._-]+@sha256:[0-9a-f]{64}$`)

func TestEveryImageFromARegistryIsNamedByTagAndDigest(t *testing.T) {
	t.Parallel()
	var images []string
	for _, name := range []string{"postgres", "redis"} {
		images = append(images, composeProject(t).Services[name].Image)
	}
	raw, err := os.ReadFile(root + "/deploy/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	stages := map[string]bool{"scratch": true, "$BINARY": true}
	for _, from := range regexp.MustCompile(`(?m)^FROM (?:--platform=\S+ )?(\S+)(?: AS (\S+))?$`).
		FindAllStringSubmatch(string(raw), -1) {
		if !stages[from[1]] {
			images = append(images, from[1])
		}
		stages[from[2]] = true
	}
	for _, image := range images {
		if !pinned.MatchString(image) {
			t.Errorf("image: got %s, want NAME:TAG@sha256:DIGEST", image)
		}
	}
	module, err := os.ReadFile(root + "/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(string(module))[1]
	if len(images) != 3 || !strings.HasPrefix(images[2], "golang:"+version+"@") {
		t.Errorf("images: got %v, want three, and Go %s as in go.mod, since the image takes no other", images, version)
	}
}

func TestTheImageHasNothingButTheProgramAndRunsAsNobody(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(root + "/deploy/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	final := text[strings.LastIndex(text, "\nFROM "):]
	if !strings.HasPrefix(final, "\nFROM scratch\n") || strings.Contains(final, "\nRUN ") ||
		!strings.Contains(final, "\nUSER 65532:65532\n") ||
		!strings.Contains(final, "\nENV HOOKLINE_METRICS_ADDR=:9464\n") ||
		!strings.Contains(final, `CMD ["/usr/bin/hookline", "healthcheck"]`) {
		t.Errorf("the last stage: got %s, want scratch, no RUN, USER 65532, metrics at 9464 and a health check", final)
	}
}
