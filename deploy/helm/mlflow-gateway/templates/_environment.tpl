{{/* Variables of the gateway that its `config` may replace. */}}
{{- define "gateway.defaultConfig" -}}
{{- $behindProxy := or .Values.ingress.enabled .Values.httpRoute.enabled }}
TRUSTED_PROXY_HOPS: {{ ternary "1" "0" $behindProxy | quote }}
REQUIRE_HTTPS: {{ $behindProxy | toString | quote }}
{{- if .Values.keyService.enabled }}
HOKUSAI_AUTH_SERVICE_URL: http://{{ include "gateway.keyServiceName" . }}:{{ .Values.keyService.service.port }}
USAGE_REPORT_URL: http://{{ include "gateway.keyServiceName" . }}:{{ .Values.keyService.service.port }}/api/v1/usage
{{- end }}
{{- end -}}

{{/* One gateway takes an invalidation, and Redis tells the others. */}}
{{- define "gateway.defaultKeyServiceConfig" -}}
GATEWAY_INVALIDATE_URLS: http://{{ include "gateway.fullname" . }}:{{ .Values.gateway.service.port }}/internal/keys/invalidate
MIGRATE_AT_START: {{ .Values.keyService.sqlite.enabled | toString | quote }}
{{- end -}}

{{/*
Takes a list: the root, the values of the program, its default config, and whether these are the ones of a job.
Secrets come as files: what stands in an environment is shown by more tools.
*/}}
{{- define "gateway.environment" -}}
{{- $root := index . 0 -}}
{{- $values := index . 1 -}}
{{- $config := merge (dict) $values.config (index . 2 | fromYaml) -}}
- { name: PORT, value: {{ $values.service.port | quote }} }
- { name: DRAIN_DELAY_SECONDS, value: {{ $values.drainDelaySeconds | quote }} }
- { name: SHUTDOWN_TIMEOUT_SECONDS, value: {{ $values.shutdownTimeoutSeconds | quote }} }
{{- range $name, $value := $config }}
- { name: {{ $name }}, value: {{ $value | quote }} }
{{- end }}
{{- range $name, $key := $values.secrets }}
- { name: {{ $name }}_FILE, value: /run/secrets/{{ $key }} }
{{- end }}
{{- if $root.Values.caCertificates.configMap }}
- { name: NODE_EXTRA_CA_CERTS, value: /run/ca/{{ $root.Values.caCertificates.key }} }
{{- end }}
{{- end -}}

{{- define "gateway.mounts" -}}
- { name: secrets, mountPath: /run/secrets, readOnly: true }
{{- if .Values.caCertificates.configMap }}
- { name: ca, mountPath: /run/ca, readOnly: true }
{{- end }}
{{- end -}}

{{/* Takes a list: the root and the values of the program. Only the keys that it names are mounted. */}}
{{- define "gateway.volumes" -}}
{{- $root := index . 0 -}}
{{- $values := index . 1 -}}
- name: secrets
  secret:
    secretName: {{ $values.existingSecret }}
    defaultMode: 0440
    items:
      {{- range $key := values $values.secrets | uniq | sortAlpha }}
      - { key: {{ $key }}, path: {{ $key }} }
      {{- end }}
{{- if $root.Values.caCertificates.configMap }}
- name: ca
  configMap: { name: {{ $root.Values.caCertificates.configMap }} }
{{- end }}
{{- end -}}

{{/* The version of the Secret, so that pods are replaced at the next upgrade after it has changed. */}}
{{- define "gateway.secretVersion" -}}
{{- $root := index . 0 -}}
{{- if $root.Values.rollOnSecretChange -}}
{{- $secret := lookup "v1" "Secret" $root.Release.Namespace (index . 1) -}}
{{- if $secret }}{{ $secret.metadata.resourceVersion }}{{ end -}}
{{- end -}}
{{- end -}}
