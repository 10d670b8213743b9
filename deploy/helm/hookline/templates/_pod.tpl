{{- /* The volume with the secrets as files, each named after its variable. Input: dict "root" $ "names" list. */ -}}
{{- define "hookline.secretVolume" -}}
{{- $root := .root -}}
{{- $made := .made -}}
name: secrets
projected:
  defaultMode: 0440
  sources:
    {{- range $name := .names }}
    {{- $source := get $root.Values.secrets $name }}
    - secret:
        {{- if $source.secretName }}
        name: {{ $source.secretName }}
        {{- else if $source.remoteKey }}
        name: {{ $made }}-external
        {{- else }}
        name: {{ $made }}
        {{- end }}
        items:
          - {key: {{ empty $source.secretName | ternary $name ($source.key | default $name) }}, path: {{ $name }}}
    {{- end }}
{{- end -}}

{{- define "hookline.secretEnv" -}}
{{- range $name := . }}
- {name: {{ $name }}_FILE, value: /run/secrets/hookline/{{ $name }}}
{{- end }}
{{- end -}}

{{- define "hookline.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "hookline.containerSecurity" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- define "hookline.probe" -}}
{{- $probe := dict "httpGet" (dict "path" .path "port" "metrics") -}}
{{- merge $probe .probe | toYaml -}}
{{- end -}}

{{- /* Names of the secrets that are set, for a component: what only the API reads stays with it. */ -}}
{{- define "hookline.secretNames" -}}
{{- $names := list -}}
{{- range $name, $source := .root.Values.secrets -}}
{{- if and $source (or (eq $.component "api") (ne $name "HOOKLINE_OPERATOR_KEY")) -}}
{{- $names = append $names $name -}}
{{- end -}}
{{- end -}}
{{- toYaml $names -}}
{{- end -}}

{{- /* Deployment of a workload (hookline.collect). */ -}}
{{- define "hookline.deployment" -}}
{{- $root := .root -}}
{{- $values := .values -}}
{{- $name := include "hookline.fullname" $root -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}-{{ .suffix }}
  labels: {{- include "hookline.labels" . | nindent 4 }}
spec:
  {{- if not $values.autoscaling.enabled }}
  replicas: {{ $values.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  selector:
    matchLabels: {{- include "hookline.selector" . | nindent 6 }}
  strategy:
    type: RollingUpdate
    rollingUpdate: {maxUnavailable: 0, maxSurge: 25%}
  template:
    metadata:
      labels:
        {{- include "hookline.labels" . | nindent 8 }}
        {{- with $values.podLabels }}{{ toYaml . | nindent 8 }}{{ end }}
      annotations:
        kubectl.kubernetes.io/default-container: hookline
        checksum/settings: {{ include "hookline.settings" $root | sha256sum }}
        checksum/secrets: {{ toYaml $root.Values.secrets | sha256sum }}
        {{- with $values.podAnnotations }}{{ toYaml . | nindent 8 }}{{ end }}
    spec: {{- include "hookline.pod" . | nindent 6 }}
{{- end -}}

{{- define "hookline.pod" -}}
{{- $root := .root -}}
{{- $values := .values -}}
{{- $secrets := include "hookline.secretNames" . | fromYamlArray -}}
serviceAccountName: {{ include "hookline.serviceAccountName" $root }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ include "hookline.gracePeriod" . }}
securityContext: {{- include "hookline.podSecurity" $root | nindent 2 }}
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- range $field := list "nodeSelector" "tolerations" "affinity" }}
{{- with get $values $field }}
{{ $field }}: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- with $root.Values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- range . }}
  - {{ toYaml . | nindent 4 | trim }}
    labelSelector:
      matchLabels: {{- include "hookline.selector" $ | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
  {{- end }}
{{- end }}
containers:
  - name: hookline
    image: {{ include "hookline.image" $root }}
    imagePullPolicy: {{ $root.Values.image.pullPolicy }}
    args: [{{ .command }}]
    ports:
      {{- if eq .component "api" }}
      - {name: http, containerPort: 8080}
      {{- end }}
      - {name: metrics, containerPort: 9464}
    envFrom:
      - configMapRef: {name: {{ include "hookline.fullname" $root }}}
    env:
      - {name: HOOKLINE_ADDR, value: ":8080"}
      - {name: HOOKLINE_METRICS_ADDR, value: ":9464"}
      {{- if .pool }}
      - {name: HOOKLINE_WORKER_QUEUES, value: {{ join "," .queues | quote }}}
      {{- end }}
      {{- include "hookline.secretEnv" $secrets | trim | nindent 6 }}
      {{- with include "hookline.memoryLimit" $values.resources }}
      - {name: GOMEMLIMIT, value: {{ . }}}
      {{- end }}
      {{- with $root.Values.extraEnv }}{{ toYaml . | nindent 6 }}{{ end }}
    startupProbe:
      {{- include "hookline.probe" (dict "path" "/healthz" "probe" $root.Values.probes.startup) | nindent 6 }}
    livenessProbe:
      {{- include "hookline.probe" (dict "path" "/healthz" "probe" $root.Values.probes.liveness) | nindent 6 }}
    readinessProbe:
      {{- include "hookline.probe" (dict "path" "/readyz" "probe" $root.Values.probes.readiness) | nindent 6 }}
    {{- if $values.preStopSeconds }}
    lifecycle:
      preStop:
        sleep: {seconds: {{ $values.preStopSeconds }}}
    {{- end }}
    resources: {{- toYaml $values.resources | nindent 6 }}
    securityContext: {{- include "hookline.containerSecurity" $root | nindent 6 }}
    volumeMounts: {{- include "hookline.mounts" $root | nindent 6 }}
volumes:
  {{- $made := include "hookline.fullname" $root }}
  {{- include "hookline.volumes" (dict "root" $root "names" $secrets "made" $made) | nindent 2 }}
{{- end -}}

{{- define "hookline.mounts" -}}
- {name: secrets, mountPath: /run/secrets/hookline, readOnly: true}
- {name: tmp, mountPath: /tmp}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "hookline.volumes" -}}
- {{ include "hookline.secretVolume" . | nindent 2 | trim }}
- name: tmp
  emptyDir: {sizeLimit: 64Mi}
{{- with .root.Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}
