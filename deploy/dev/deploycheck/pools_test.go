package deploycheck

import (
	"maps"
	"slices"
	"testing"

	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	policy "k8s.io/api/policy/v1"
)

func TestEachPoolOfWorkersIsADeploymentOfItsQueues(t *testing.T) {
	t.Parallel()
	r := render(t, values(t, "pools.yaml"))
	deployments := objects[apps.Deployment](r)
	want := map[string]struct {
		queues   string
		replicas int32 // 0: an autoscaler's
		memory   string
		grace    int64
	}{
		"acme-hookline-worker-fast":   {"webhooks,webhooks-bulk", 0, "1Gi", 50},
		"acme-hookline-worker-slow":   {"webhooks-slow", 1, "2Gi", 90},
		"acme-hookline-worker-agents": {"agents", 3, "1Gi", 50},
	}
	names := append(slices.Collect(maps.Keys(want)), "acme-hookline-api")
	slices.Sort(names)
	for kind, got := range map[string][]string{
		"Deployments": slices.Sorted(maps.Keys(deployments)),
		"budgets":     slices.Sorted(maps.Keys(objects[policy.PodDisruptionBudget](r))),
	} {
		if !slices.Equal(got, names) {
			t.Errorf("%s: got %v, want %v", kind, got, names)
		}
	}
	for name, w := range want {
		d := deployments[name]
		if d == nil {
			continue
		}
		spec := d.Spec.Template.Spec
		replicas := int32(0)
		if d.Spec.Replicas != nil {
			replicas = *d.Spec.Replicas
		}
		memory := spec.Containers[0].Resources.Limits.Memory().String()
		queues := variables(r, spec)["HOOKLINE_WORKER_QUEUES"]
		if queues != w.queues || replicas != w.replicas || memory != w.memory ||
			*spec.TerminationGracePeriodSeconds != w.grace || d.Spec.Template.Labels["team"] != "hooks" {
			t.Errorf("%s: got the queues %s, %d replicas, %s, %d s and the labels %v, want %+v and the label of all workers",
				name, queues, replicas, memory, *spec.TerminationGracePeriodSeconds, d.Spec.Template.Labels, w)
		}
	}
	if got := deployments["acme-hookline-worker-slow"].Spec.Template.Spec.NodeSelector["pool"]; got != "memory" {
		t.Errorf("nodes of the pool slow: got %q, want memory", got)
	}
	if _, there := variables(r, deployments["acme-hookline-api"].Spec.Template.Spec)["HOOKLINE_WORKER_QUEUES"]; there {
		t.Error("the API: got HOOKLINE_WORKER_QUEUES, want it for workers alone")
	}
}

func TestAPoolScalesByTheLatencyOfItsOwnQueues(t *testing.T) {
	t.Parallel()
	all := objects[autoscaling.HorizontalPodAutoscaler](render(t, values(t, "pools.yaml")))
	h := all["acme-hookline-worker-fast"]
	if len(all) != 1 || h == nil {
		t.Fatalf("autoscalers: got %v, want the one of the pool fast", slices.Sorted(maps.Keys(all)))
	}
	got := map[string]int64{}
	for _, m := range h.Spec.Metrics {
		if m.Pods != nil {
			got[m.Pods.Metric.Selector.MatchLabels["queue"]] = m.Pods.Target.AverageValue.Value()
		}
	}
	if !maps.Equal(got, map[string]int64{"webhooks": 2, "webhooks-bulk": 60}) || h.Spec.MaxReplicas != 8 {
		t.Errorf("targets: got %v and at most %d pods, want webhooks 2, webhooks-bulk 60 and 8", got, h.Spec.MaxReplicas)
	}
}
