package deploycheck

import (
	"strings"
	"testing"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

func matching(t *testing.T, selector *meta.LabelSelector, r release) []pod {
	t.Helper()
	s, err := meta.LabelSelectorAsSelector(selector)
	if err != nil {
		t.Fatal(err)
	}
	var out []pod
	for _, p := range pods(r) {
		if s.Matches(labels.Set(p.labels)) {
			out = append(out, p)
		}
	}
	return out
}

func TestEverySelectorFindsThePodsItIsFor(t *testing.T) {
	forEachCase(t, func(t *testing.T, r release) {
		one := func(kind, name string, selector *meta.LabelSelector) {
			t.Helper()
			if found := matching(t, selector, r); len(found) != 1 || found[0].name != name {
				t.Errorf("%s %s: got a selector of %v, want the pods of %s alone", kind, name, found, name)
			}
		}
		for name, d := range objects[apps.Deployment](r) {
			one("Deployment", name, d.Spec.Selector)
			for _, c := range d.Spec.Template.Spec.TopologySpreadConstraints {
				one("spread of", name, c.LabelSelector)
			}
		}
		for name, b := range objects[policy.PodDisruptionBudget](r) {
			one("PodDisruptionBudget", name, b.Spec.Selector)
		}
		for name, n := range objects[networking.NetworkPolicy](r) {
			found := matching(t, &n.Spec.PodSelector, r)
			if len(found) == 0 {
				t.Errorf("NetworkPolicy %s: got a selector of %v, which finds no pods", name, n.Spec.PodSelector)
			}
			for _, p := range found { // that of workers is for all pools of them
				if p.name != name && !strings.HasPrefix(p.name, name+"-") {
					t.Errorf("NetworkPolicy %s: got the pods of %s, want its own", name, p.name)
				}
			}
		}
	})
}

func TestServicesLeadToPortsThatTheirPodsName(t *testing.T) {
	forEachCase(t, func(t *testing.T, r release) {
		services := objects[core.Service](r)
		for name, s := range services {
			found := matching(t, &meta.LabelSelector{MatchLabels: s.Spec.Selector}, r)
			wanted := 1
			if s.Spec.ClusterIP == core.ClusterIPNone {
				wanted = len(objects[apps.Deployment](r)) // the metrics of API and workers
			}
			if len(found) != wanted {
				t.Errorf("Service %s: got %d kinds of pods, want %d", name, len(found), wanted)
			}
			for _, p := range found {
				for _, port := range s.Spec.Ports {
					if target := port.TargetPort.StrVal; !portNames(p.spec.Containers[0])[target] {
						t.Errorf("Service %s: got the target %s, which %s does not name", name, target, p.name)
					}
				}
			}
		}
		for name, i := range objects[networking.Ingress](r) {
			for _, rule := range i.Spec.Rules {
				for _, path := range rule.HTTP.Paths {
					b := path.Backend.Service
					if services[b.Name] == nil || services[b.Name].Spec.Ports[0].Name != b.Port.Name {
						t.Errorf("Ingress %s: got the backend %+v, want a Service of the release", name, b)
					}
				}
			}
		}
	})
}

func TestMonitorsFindTheServiceOfMetrics(t *testing.T) {
	t.Parallel()
	r := render(t, values(t, "everything.yaml"))
	for name, m := range objects[monitoring.ServiceMonitor](r) {
		selector, err := meta.LabelSelectorAsSelector(&m.Spec.Selector)
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, s := range objects[core.Service](r) {
			if selector.Matches(labels.Set(s.Labels)) && s.Spec.Ports[0].Name == m.Spec.Endpoints[0].Port {
				found++
			}
		}
		if found != 1 || m.Labels["release"] != "prometheus" {
			t.Errorf("ServiceMonitor %s: got %d Services and %v, want one, and the label that was asked for", name, found,
				m.Labels)
		}
	}
}

func TestAutoscalersOwnTheNumberOfPods(t *testing.T) {
	forEachCase(t, func(t *testing.T, r release) {
		scaled := map[string]bool{}
		for _, h := range objects[autoscaling.HorizontalPodAutoscaler](r) {
			scaled[h.Spec.ScaleTargetRef.Name] = true
			if len(h.Spec.Metrics) == 0 {
				t.Errorf("%s: got no metric, want one", h.Name)
			}
		}
		for _, s := range objects[scaledObject](r) {
			scaled[s.Spec.ScaleTargetRef.Name] = true
			if len(s.Spec.Triggers) != 4 {
				t.Errorf("%s: got %d triggers, want three queues and CPU", s.Name, len(s.Spec.Triggers))
			}
		}
		for name, d := range objects[apps.Deployment](r) {
			if scaled[name] == (d.Spec.Replicas != nil) {
				t.Errorf("%s: got %v replicas, want them from either the chart or an autoscaler", name, d.Spec.Replicas)
			}
			delete(scaled, name)
		}
		for name := range scaled {
			t.Errorf("an autoscaler is of %s, which is no Deployment", name)
		}
	})
}

func TestWorkersScaleByTheLatencyOfQueues(t *testing.T) {
	t.Parallel()
	h := objects[autoscaling.HorizontalPodAutoscaler](render(t, values(t, "everything.yaml")))["acme-hookline-worker"]
	got := map[string]int64{}
	for _, m := range h.Spec.Metrics {
		if m.Pods != nil && m.Pods.Metric.Name == "hookline_queue_latency_seconds" {
			got[m.Pods.Metric.Selector.MatchLabels["queue"]] = m.Pods.Target.AverageValue.Value()
		}
	}
	if len(got) != 3 || got["webhooks"] != 5 || got["webhooks-bulk"] != 60 || got["agents"] != 120 {
		t.Errorf("targets: got %v, want webhooks 5, webhooks-bulk 60, agents 120", got)
	}
}

func TestPodsReachTheInternetButNoPrivateNetwork(t *testing.T) {
	t.Parallel()
	r := render(t, values(t, "everything.yaml"))
	policies := objects[networking.NetworkPolicy](r)
	for _, name := range []string{"acme-hookline-api", "acme-hookline-worker"} {
		for address, want := range map[string]bool{"93.184.216.34:443": true, "93.184.216.34:8443": true,
			"10.96.0.1:443": false, "169.254.169.254:80": false, "192.168.1.1:443": false, "172.31.255.1:443": false,
			"100.64.1.1:443": false, "168.63.129.16:80": false, "127.0.0.1:443": false,
			"10.50.3.4:443": true, "10.51.3.4:443": false, // HOOKLINE_EGRESS_ALLOW
			"[2606:4700::1111]:443": true, "[fd00::1]:443": false, "[fd00:50::1]:443": true, "[fe80::1]:443": false,
			"[64:ff9b::a00:1]:443": false, "192.0.2.8:6379": true} {
			if got := reaches(t, policies[name], address); got != want {
				t.Errorf("%s reaches %s: got %v, want %v", name, address, got, want)
			}
		}
	}
	if got := reaches(t, policies["acme-hookline-migrate"], "93.184.216.34:443"); got {
		t.Errorf("the migration reaches the Internet: got %v, want the database alone", got)
	}
}
