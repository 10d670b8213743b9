package deploycheck

import (
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chartutil"
)

// merge lays values over others, as a second -f does.
func merge(t *testing.T, below map[string]any, above string) map[string]any {
	t.Helper()
	return chartutil.CoalesceTables(parse(t, above), below)
}

func TestValuesThatMakeNoSenseAreRefusedWithASentence(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ set, says string }{
		"a secret among settings": {"settings: {HOOKLINE_DATABASE_URL: 'postgres://db/x'}",
			"settings.HOOKLINE_DATABASE_URL is a secret"},
		"an address of the chart": {"settings: {HOOKLINE_ADDR: ':80'}", "HOOKLINE_ADDR is set by the chart"},
		"a typo": {"settings: {HOOKLINE_LGO_LEVEL: debug}",
			"settings.HOOKLINE_LGO_LEVEL is no setting"},
		"a map": {"settings: {HOOKLINE_STRIPE_PRICES: {a: pro}}", "HOOKLINE_STRIPE_PRICES is a map"},
		"no database": {"secrets: {HOOKLINE_DATABASE_URL: null}",
			"secrets.HOOKLINE_DATABASE_URL is missing"},
		"an unknown secret": {"secrets: {HOOKLINE_PASSWORD: {value: x}}", "secrets.HOOKLINE_PASSWORD is no secret"},
		"two sources": {"secrets: {HOOKLINE_REDIS_URL: {value: 'redis://r', secretName: redis}}",
			"secrets.HOOKLINE_REDIS_URL needs exactly one source"},
		"a key alone": {"secrets: {HOOKLINE_SMTP_URL: {key: url}}", "HOOKLINE_SMTP_URL needs exactly one source"},
		"no store": {"secrets: {HOOKLINE_SMTP_URL: {remoteKey: smtp}}",
			"externalSecrets.secretStore.name"},
		"a short grace period": {"worker: {terminationGracePeriodSeconds: 45}",
			"worker.terminationGracePeriodSeconds is 45"},
		"a grace period without the sleep": {"api: {terminationGracePeriodSeconds: 55}",
			"api.terminationGracePeriodSeconds is 55"},
		"a long shutdown": {"settings: {HOOKLINE_SHUTDOWN_TIMEOUT: 2m}\nworker: {terminationGracePeriodSeconds: 60}",
			"HOOKLINE_SHUTDOWN_TIMEOUT (2m)"},
		"milliseconds": {"settings: {HOOKLINE_SHUTDOWN_TIMEOUT: 45000ms}",
			`settings.HOOKLINE_SHUTDOWN_TIMEOUT is "45000ms"`},
		"more pods than the maximum": {"api: {autoscaling: {enabled: true, minReplicas: 20}}",
			"api.autoscaling.minReplicas (20) is more than maxReplicas (10)"},
		"nothing to scale by": {"worker: {autoscaling: {enabled: true, targetCPUUtilization: 0, " +
			"latencySeconds: {webhooks: 0, webhooks-bulk: 0}}}", "nothing to scale by"},
		"CPU without a request": {"api: {autoscaling: {enabled: true}, resources: {requests: {cpu: null}}}",
			"set api.resources.requests.cpu"},
		"KEDA without Prometheus": {"worker: {autoscaling: {enabled: true, type: keda}}",
			"worker.autoscaling.keda.prometheusAddress"},
		"an unknown scaler": {"worker: {autoscaling: {enabled: true, type: vpa}}", "worker.autoscaling.type"},
		"a policy without the database": {"networkPolicy: {enabled: true}",
			"networkPolicy.database.to is empty"},
		"an ingress without hosts": {"ingress: {enabled: true}", "ingress.hosts is empty"},
		"a route without a gateway": {"httpRoute: {enabled: true, hostnames: [a.example.com]}",
			"httpRoute needs parentRefs"},
		"a queue without a pool": {"worker: {pools: [{name: all, queues: [webhooks, webhooks-bulk, agents]}]}",
			"no pool for the queue webhooks-slow"},
		"two pools of a name": {"worker: {pools: [{name: a, queues: [webhooks]}, {name: a, queues: [agents]}]}",
			"the name a twice"},
		"queues of pools and of all": {"settings: {HOOKLINE_WORKER_QUEUES: agents}\nworker: {pools: [{name: a, " +
			"queues: [webhooks, webhooks-bulk, webhooks-slow, agents]}]}", "HOOKLINE_WORKER_QUEUES is set by each"},
		"a pool of an unknown queue": {"worker: {pools: [{name: a, queues: [mail]}]}", "worker.pools.0.queues.0"},
		"a pool that can't scale": {"worker: {pools: [{name: a, queues: [webhooks, webhooks-bulk, agents]}, {name: b, " +
			"queues: [webhooks-slow], autoscaling: {enabled: true, targetCPUUtilization: 0}}]}",
			"worker.pools[b].autoscaling is enabled with nothing"},
		"an unknown value":           {"workers: {replicas: 3}", "workers"},
		"an unknown value of a part": {"worker: {replicaCount: 3}", "replicaCount"},
		"a text for a number":        {"worker: {replicas: three}", "worker.replicas"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := template(t, "acme", merge(t, values(t, "required.yaml"), c.set))
			if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "/", "."), c.says) {
				t.Errorf("%s: got %v, want %q", c.set, err, c.says)
			}
		})
	}
}

func TestWithoutAnyValueTheChartNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	const want = "secrets.HOOKLINE_DATABASE_URL is missing"
	if _, _, err := template(t, "acme", nil); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("the defaults: got %v, want that the database is missing", err)
	}
}
