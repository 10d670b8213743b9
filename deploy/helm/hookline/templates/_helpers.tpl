{{- define "hookline.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "hookline.fullname" -}}
{{- $name := include "hookline.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- /* Labels of a component, or of one pool of workers. The Job of migrations has another name, so that no Service or
budget selects its pods. Input: dict "root" $ "component" "api", perhaps "pool". */ -}}
{{- define "hookline.selector" -}}
{{- $name := include "hookline.name" .root -}}
app.kubernetes.io/name: {{ eq .component "migrate" | ternary (printf "%s-migrate" $name) $name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- with .pool }}
hookline/pool: {{ . }}
{{- end }}
{{- end -}}

{{- /* Sets "workloads" of its input, dict "root" $, to what has a Deployment: the API, and all workers or each pool of
them. Each is a dict: root, component, command, suffix of names, path in the values, values, queues, pool. */ -}}
{{- define "hookline.collect" -}}
{{- $worker := omit .root.Values.worker "pools" -}}
{{- $all := list (dict "root" .root "component" "api" "command" "serve" "suffix" "api" "path" "api" "values" .root.Values.api) -}}
{{- range $pool := .root.Values.worker.pools -}}
{{- $values := mergeOverwrite (deepCopy $worker) (deepCopy (omit $pool "name" "queues")) -}}
{{- $all = append $all (dict "root" $.root "component" "worker" "command" "worker" "suffix" (printf "worker-%s" $pool.name) "path" (printf "worker.pools[%s]" $pool.name) "values" $values "queues" $pool.queues "pool" $pool.name) -}}
{{- else -}}
{{- $all = append $all (dict "root" $.root "component" "worker" "command" "worker" "suffix" "worker" "path" "worker" "values" $worker "queues" (include "hookline.allQueues" . | fromYamlArray)) -}}
{{- end -}}
{{- $_ := set . "workloads" $all -}}
{{- end -}}

{{- define "hookline.allQueues" -}}
[webhooks, webhooks-bulk, webhooks-slow, agents]
{{- end -}}

{{- define "hookline.common" -}}
app.kubernetes.io/part-of: hookline
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "hookline.labels" -}}
{{ include "hookline.selector" . }}
{{ include "hookline.common" .root }}
{{- end -}}

{{- define "hookline.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "hookline.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "hookline.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end -}}

{{- /* Seconds of a duration as Go writes it, such as 1m30s; empty for one that is not made of h, m and s. */ -}}
{{- define "hookline.seconds" -}}
{{- if regexMatch "^([0-9]+h)?([0-9]+m)?([0-9]+s)?$" . -}}
{{- $seconds := 0 -}}
{{- range $unit, $factor := dict "h" 3600 "m" 60 "s" 1 -}}
{{- $part := regexFind (printf "[0-9]+%s" $unit) $ | trimSuffix $unit -}}
{{- if $part -}}{{- $seconds = add $seconds (mul (atoi $part) $factor) -}}{{- end -}}
{{- end -}}
{{- $seconds -}}
{{- end -}}
{{- end -}}

{{- define "hookline.shutdownTimeout" -}}
{{- .Values.settings.HOOKLINE_SHUTDOWN_TIMEOUT | default "45s" -}}
{{- end -}}

{{- /* Grace period of a workload in seconds. */ -}}
{{- define "hookline.gracePeriod" -}}
{{- $values := .values -}}
{{- $timeout := include "hookline.seconds" (include "hookline.shutdownTimeout" .root) | atoi -}}
{{- $values.terminationGracePeriodSeconds | default (add $values.preStopSeconds $timeout 5) | int -}}
{{- end -}}

{{- /* One setting as text: numbers without exponent, lists with commas. */ -}}
{{- define "hookline.text" -}}
{{- if kindIs "float64" . -}}{{ int64 . }}
{{- else if kindIs "slice" . -}}{{ join "," . }}
{{- else -}}{{ . }}
{{- end -}}
{{- end -}}

{{- /* URL under which browsers reach Hookline, or nothing. */ -}}
{{- define "hookline.publicURL" -}}
{{- if hasKey .Values.settings "HOOKLINE_PUBLIC_URL" -}}
{{- .Values.settings.HOOKLINE_PUBLIC_URL -}}
{{- else if and .Values.ingress.enabled .Values.ingress.hosts -}}
https://{{ first .Values.ingress.hosts }}
{{- else if and .Values.httpRoute.enabled .Values.httpRoute.hostnames -}}
https://{{ first .Values.httpRoute.hostnames }}
{{- end -}}
{{- end -}}

{{- define "hookline.settings" -}}
{{- range $name, $value := .Values.settings }}
{{- if not (or (kindIs "invalid" $value) (eq $name "HOOKLINE_PUBLIC_URL")) }}
{{ $name }}: {{ include "hookline.text" $value | quote }}
{{- end }}
{{- end }}
{{- with include "hookline.publicURL" . }}
HOOKLINE_PUBLIC_URL: {{ . | quote }}
{{- end }}
{{- end -}}

{{- /* 90 % of a memory limit in Mi or Gi, as GOMEMLIMIT; nothing for other units. Input: resources. */ -}}
{{- define "hookline.memoryLimit" -}}
{{- $memory := dig "limits" "memory" "" . | toString -}}
{{- if hasSuffix "Mi" $memory -}}
{{- div (mul (trimSuffix "Mi" $memory | atoi) 9) 10 -}}MiB
{{- else if hasSuffix "Gi" $memory -}}
{{- div (mul (trimSuffix "Gi" $memory | atoi) 9216) 10 -}}MiB
{{- end -}}
{{- end -}}
