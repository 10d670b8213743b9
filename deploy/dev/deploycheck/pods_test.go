package deploycheck

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// pod is what a Deployment or Job starts.
type pod struct {
	name   string
	labels map[string]string
	spec   core.PodSpec
	hook   bool
}

func pods(r release) []pod {
	var out []pod
	for name, d := range objects[apps.Deployment](r) {
		out = append(out, pod{name, d.Spec.Template.Labels, d.Spec.Template.Spec, false})
	}
	for name, j := range objects[batch.Job](r) {
		out = append(out, pod{name, j.Spec.Template.Labels, j.Spec.Template.Spec, true})
	}
	return out
}

func TestEveryContainerIsHardened(t *testing.T) {
	forEachCase(t, func(t *testing.T, r release) {
		for _, p := range pods(r) {
			s := p.spec.SecurityContext
			if s == nil || s.RunAsNonRoot == nil || !*s.RunAsNonRoot || s.RunAsUser == nil || *s.RunAsUser != 65532 ||
				s.SeccompProfile == nil || s.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
				t.Errorf("%s: got the security context %+v, want non-root 65532 with the runtime's seccomp", p.name, s)
			}
			if p.spec.AutomountServiceAccountToken == nil || *p.spec.AutomountServiceAccountToken ||
				p.spec.EnableServiceLinks == nil || *p.spec.EnableServiceLinks || p.spec.HostNetwork ||
				p.spec.HostPID || p.spec.HostIPC {
				t.Errorf("%s: got a token, service links or namespaces of the host, want none", p.name)
			}
			for _, c := range slices.Concat(p.spec.InitContainers, p.spec.Containers) {
				s := c.SecurityContext
				if s == nil || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem ||
					s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation ||
					s.Capabilities == nil || !slices.Equal(s.Capabilities.Drop, []core.Capability{"ALL"}) ||
					len(s.Capabilities.Add) > 0 || s.Privileged == nil || *s.Privileged {
					t.Errorf("%s/%s: got the security context %+v, want a read-only root without capabilities", p.name,
						c.Name, s)
				}
				if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
					t.Errorf("%s/%s: got %v, want a limit of memory and a request of CPU", p.name, c.Name, c.Resources)
				}
			}
			for _, v := range p.spec.Volumes {
				if v.HostPath != nil {
					t.Errorf("%s: got the volume %s on the host, want none", p.name, v.Name)
				}
			}
		}
	})
}

func TestMountsNameVolumesAndTmpCanBeWritten(t *testing.T) {
	forEachCase(t, func(t *testing.T, r release) {
		for _, p := range pods(r) {
			volumes := map[string]core.Volume{}
			for _, v := range p.spec.Volumes {
				volumes[v.Name] = v
			}
			for _, c := range p.spec.Containers {
				tmp := false
				for _, m := range c.VolumeMounts {
					v, there := volumes[m.Name]
					if !there {
						t.Errorf("%s: got a mount of %s, which is no volume", p.name, m.Name)
					}
					tmp = tmp || m.MountPath == "/tmp" && v.EmptyDir != nil && !m.ReadOnly
				}
				if !tmp {
					t.Errorf("%s: got %v, want an emptyDir at /tmp, since the root is read-only", p.name, c.VolumeMounts)
				}
			}
		}
	})
}

func TestProbesAskPortsThatTheContainerNames(t *testing.T) {
	forEachCase(t, func(t *testing.T, r release) {
		for name, d := range objects[apps.Deployment](r) {
			c := d.Spec.Template.Spec.Containers[0]
			ports := portNames(c)
			for kind, probe := range map[string]*core.Probe{"/healthz of startup": c.StartupProbe,
				"/healthz of liveness": c.LivenessProbe, "/readyz of readiness": c.ReadinessProbe} {
				wanted, _, _ := strings.Cut(kind, " ")
				if probe == nil || probe.HTTPGet == nil || probe.HTTPGet.Path != wanted ||
					!ports[probe.HTTPGet.Port.StrVal] {
					t.Errorf("%s: got the probe %+v, want %s at one of the ports %v", name, probe, kind, ports)
				}
			}
			if address := variables(r, d.Spec.Template.Spec)["HOOKLINE_METRICS_ADDR"]; address != ":9464" ||
				!slices.ContainsFunc(c.Ports, func(p core.ContainerPort) bool {
					return p.Name == "metrics" && p.ContainerPort == 9464
				}) {
				t.Errorf("%s: got metrics at %q and ports %v, want the port that probes ask", name, address, c.Ports)
			}
		}
	})
}

func portNames(c core.Container) map[string]bool {
	out := map[string]bool{}
	for _, p := range c.Ports {
		out[p.Name] = true
	}
	return out
}

// variables are the environment of the first container, those of its ConfigMap included.
func variables(r release, spec core.PodSpec) map[string]string {
	out := map[string]string{}
	for _, from := range spec.Containers[0].EnvFrom {
		if m := objects[core.ConfigMap](r)[from.ConfigMapRef.Name]; m != nil {
			maps.Copy(out, m.Data)
		}
	}
	for _, v := range spec.Containers[0].Env {
		out[v.Name] = v.Value
	}
	return out
}

func TestPodsAreGivenTheTimeThatAShutdownMayTake(t *testing.T) {
	t.Parallel()
	fallback := settings(t)["HOOKLINE_SHUTDOWN_TIMEOUT"].fallback
	forEachCase(t, func(t *testing.T, r release) {
		for name, d := range objects[apps.Deployment](r) {
			spec := d.Spec.Template.Spec
			text := variables(r, spec)["HOOKLINE_SHUTDOWN_TIMEOUT"]
			if text == "" {
				text = fallback
			}
			needed, err := time.ParseDuration(text)
			if err != nil {
				t.Fatal(err)
			}
			if l := spec.Containers[0].Lifecycle; l != nil {
				needed += time.Duration(l.PreStop.Sleep.Seconds) * time.Second
			}
			if grace := time.Duration(*spec.TerminationGracePeriodSeconds) * time.Second; grace <= needed {
				t.Errorf("%s: got a grace period of %s, want more than %s", name, grace, needed)
			}
		}
	})
}

func TestGoMayUseMostOfTheMemoryLimit(t *testing.T) {
	forEachCase(t, func(t *testing.T, r release) {
		for name, d := range objects[apps.Deployment](r) {
			spec := d.Spec.Template.Spec
			limit := spec.Containers[0].Resources.Limits.Memory().Value()
			text := variables(r, spec)["GOMEMLIMIT"]
			if text == "" && limit%(1<<20) != 0 {
				continue // not in Mi or Gi: left to the operator
			}
			got := resource.MustParse(strings.TrimSuffix(text, "B"))
			if share := float64(got.Value()) / float64(limit); share < 0.85 || share > 0.95 {
				t.Errorf("%s: got GOMEMLIMIT %s, want about 90 %% of %d", name, text, limit)
			}
		}
	})
}

// file is where a container finds a secret, and the Secret that it is from.
type file struct{ secret, key string }

// secretFiles are the files of the Secrets that a pod mounts, by path.
func secretFiles(t *testing.T, p pod) map[string]file {
	t.Helper()
	out := map[string]file{}
	for _, v := range p.spec.Volumes {
		if v.Projected == nil {
			continue
		}
		if v.Projected.DefaultMode == nil || *v.Projected.DefaultMode != 0o440 ||
			p.spec.SecurityContext.FSGroup == nil {
			t.Errorf("%s: got the mode %v and %+v, want files that only the pod's group reads", p.name,
				v.Projected.DefaultMode, p.spec.SecurityContext)
		}
		for _, m := range p.spec.Containers[0].VolumeMounts {
			if m.Name != v.Name {
				continue
			}
			for _, s := range v.Projected.Sources {
				for _, item := range s.Secret.Items {
					out[path.Join(m.MountPath, item.Path)] = file{s.Secret.Name, item.Key}
				}
			}
		}
	}
	return out
}
