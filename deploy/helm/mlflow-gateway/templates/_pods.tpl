{{/* What the Pod Security Standard "restricted" asks for. */}}
{{- define "gateway.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "gateway.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end -}}

{{/*
/health/ready asks no other part. It is 503 from SIGTERM on, and a pod that is replaced is out of its Service by then or
within 5 s x 2 + 2 s, which the drain delay outlasts.
*/}}
{{- define "gateway.probes" -}}
startupProbe:
  httpGet: { path: /health/ready, port: http }
  periodSeconds: 1
  timeoutSeconds: 2
  failureThreshold: 120
readinessProbe:
  httpGet: { path: /health/ready, port: http }
  periodSeconds: 5
  timeoutSeconds: 2
  failureThreshold: 2
livenessProbe:
  httpGet: { path: /health/live, port: http }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
{{- end -}}

{{/* Takes a list: the root, the part, and the values of the program. Replicas stand on different nodes where there are some. */}}
{{- define "gateway.placement" -}}
{{- $values := index . 2 -}}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ . }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "gateway.selectorLabels" (list (index $ 0) (index $ 1)) | nindent 8 }}
  {{- end }}
{{- with $values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{/* Takes a list: the root, the part, and the values of the program. */}}
{{- define "gateway.podMetadata" -}}
{{- $values := index . 2 -}}
labels:
  {{- include "gateway.labels" (list (index . 0) (index . 1)) | nindent 2 }}
  {{- with $values.podLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- $version := include "gateway.secretVersion" (list (index . 0) $values.existingSecret) }}
{{- if or $version $values.podAnnotations }}
annotations:
  {{- with $version }}
  mlflow-gateway/secret-version: {{ . | quote }}
  {{- end }}
  {{- with $values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Time for the drain delay, requests in flight and the last words. */}}
{{- define "gateway.gracePeriod" -}}
{{- add .drainDelaySeconds .shutdownTimeoutSeconds 5 -}}
{{- end -}}
