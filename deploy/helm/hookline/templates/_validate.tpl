{{- /* Refuses values that make no sense, each with one sentence. */ -}}
{{- define "hookline.validate" -}}
{{- include "hookline.validateSettings" . -}}
{{- include "hookline.validateSecrets" . -}}
{{- include "hookline.validatePools" . -}}
{{- include "hookline.validateTimes" . -}}
{{- include "hookline.validateScaling" . -}}
{{- include "hookline.validateNetwork" . -}}
{{- end -}}

{{- define "hookline.validateSettings" -}}
{{- $settings := include "hookline.knownSettings" . | splitList "\n" -}}
{{- $secrets := include "hookline.knownSecrets" . | splitList "\n" -}}
{{- range $name, $value := .Values.settings -}}
{{- if has $name $secrets -}}
{{- fail (printf "settings.%s is a secret, and settings are readable for everybody in the namespace: move it to secrets." $name) -}}
{{- else if has $name (list "HOOKLINE_ADDR" "HOOKLINE_METRICS_ADDR") -}}
{{- fail (printf "settings.%s is set by the chart, whose ports and probes go with it: remove it." $name) -}}
{{- else if not (has $name $settings) -}}
{{- fail (printf "settings.%s is no setting of Hookline: correct the name; `hookline serve --help` lists all of them." $name) -}}
{{- else if kindIs "map" $value -}}
{{- fail (printf "settings.%s is a map: write it as text, as `hookline serve --help` shows it." $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "hookline.validateSecrets" -}}
{{- $secrets := include "hookline.knownSecrets" . | splitList "\n" -}}
{{- range $name := list "HOOKLINE_DATABASE_URL" "HOOKLINE_REDIS_URL" "HOOKLINE_ENCRYPTION_KEYS" -}}
{{- if not (get $.Values.secrets $name) -}}
{{- fail (printf "secrets.%s is missing, and Hookline does not start without it: set it to {secretName: NAME, key: KEY}, {remoteKey: KEY} or {value: VALUE}." $name) -}}
{{- end -}}
{{- end -}}
{{- range $name, $source := .Values.secrets -}}
{{- if not (has $name $secrets) -}}
{{- fail (printf "secrets.%s is no secret of Hookline: correct the name, or move it to settings." $name) -}}
{{- end -}}
{{- if $source -}}
{{- if ne 1 (len (compact (list $source.value $source.secretName $source.remoteKey))) -}}
{{- fail (printf "secrets.%s needs exactly one source: set one of value, secretName and remoteKey." $name) -}}
{{- end -}}
{{- if and $source.remoteKey (not $.Values.externalSecrets.secretStore.name) -}}
{{- fail (printf "secrets.%s has a remoteKey, but no store is named to fetch it from: set externalSecrets.secretStore.name." $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "hookline.validateTimes" -}}
{{- $timeout := include "hookline.shutdownTimeout" . -}}
{{- $seconds := include "hookline.seconds" $timeout -}}
{{- if not $seconds -}}
{{- fail (printf "settings.HOOKLINE_SHUTDOWN_TIMEOUT is %q, from which no grace period can be computed: write it in hours, minutes and seconds, such as 1m30s." $timeout) -}}
{{- end -}}
{{- $all := dict "root" $ -}}
{{- include "hookline.collect" $all -}}
{{- range $workload := $all.workloads -}}
{{- $values := $workload.values -}}
{{- $grace := include "hookline.gracePeriod" $workload | atoi -}}
{{- $least := add $values.preStopSeconds (atoi $seconds) -}}
{{- if le $grace (int $least) -}}
{{- fail (printf "%s.terminationGracePeriodSeconds is %d, so pods would be killed before preStopSeconds (%d) and HOOKLINE_SHUTDOWN_TIMEOUT (%s) are over: set it to more than %d, or leave it empty." $workload.path $grace (int $values.preStopSeconds) $timeout $least) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "hookline.validatePools" -}}
{{- $names := list -}}
{{- $served := list -}}
{{- range $pool := .Values.worker.pools -}}
{{- if has $pool.name $names -}}
{{- fail (printf "worker.pools has the name %s twice, and a pool is a Deployment of its own: give each another name." $pool.name) -}}
{{- end -}}
{{- $names = append $names $pool.name -}}
{{- $served = concat $served $pool.queues -}}
{{- end -}}
{{- if $names -}}
{{- if hasKey .Values.settings "HOOKLINE_WORKER_QUEUES" -}}
{{- fail "settings.HOOKLINE_WORKER_QUEUES is set by each of worker.pools: remove it." -}}
{{- end -}}
{{- range $queue := include "hookline.allQueues" . | fromYamlArray -}}
{{- if not (has $queue $served) -}}
{{- fail (printf "worker.pools has no pool for the queue %s, and its tasks would wait forever: add it to the queues of a pool." $queue) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "hookline.validateScaling" -}}
{{- $all := dict "root" $ -}}
{{- include "hookline.collect" $all -}}
{{- range $workload := $all.workloads -}}
{{- $scaling := $workload.values.autoscaling -}}
{{- if $scaling.enabled -}}
{{- if gt (int $scaling.minReplicas) (int $scaling.maxReplicas) -}}
{{- fail (printf "%s.autoscaling.minReplicas (%d) is more than maxReplicas (%d): raise maxReplicas." $workload.path (int $scaling.minReplicas) (int $scaling.maxReplicas)) -}}
{{- end -}}
{{- if and $scaling.targetCPUUtilization (not (dig "requests" "cpu" "" $workload.values.resources)) -}}
{{- fail (printf "%s.autoscaling scales by a share of the CPU that pods request, and they request none: set %s.resources.requests.cpu." $workload.path $workload.path) -}}
{{- end -}}
{{- if and $workload.queues (not (include "hookline.queues" $workload | fromYamlArray)) (not $scaling.targetCPUUtilization) -}}
{{- fail (printf "%s.autoscaling is enabled with nothing to scale by: set latencySeconds of a queue that it has, or targetCPUUtilization." $workload.path) -}}
{{- end -}}
{{- if and $workload.queues (eq $scaling.type "keda") (not $scaling.keda.prometheusAddress) -}}
{{- fail (printf "%s.autoscaling.type is keda, which reads the latency from Prometheus: set %s.autoscaling.keda.prometheusAddress to its URL." $workload.path $workload.path) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "hookline.validateNetwork" -}}
{{- $policy := .Values.networkPolicy -}}
{{- range $name := list "database" "redis" "dns" -}}
{{- if and $policy.enabled (not (get $policy $name).to) -}}
{{- fail (printf "networkPolicy.%s.to is empty, and pods could not reach it: list its peers, such as [{ipBlock: {cidr: 192.0.2.7/32}}]." $name) -}}
{{- end -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) -}}
{{- fail "ingress.hosts is empty, and the ingress would answer for every host: list the host of Hookline, such as [hooks.example.com]." -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not (and .Values.httpRoute.parentRefs .Values.httpRoute.hostnames)) -}}
{{- fail "httpRoute needs parentRefs and hostnames: name the gateway, such as [{name: public}], and the host, such as [hooks.example.com]." -}}
{{- end -}}
{{- end -}}
