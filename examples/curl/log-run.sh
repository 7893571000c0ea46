#!/usr/bin/env bash
# Logs a run over HTTP. Needs curl and python3 (to read one field of JSON), and the two variables of the MLflow client.
set -euo pipefail
: "${MLFLOW_TRACKING_URI:?set it to https://<gateway>/api/mlflow}"
: "${MLFLOW_TRACKING_TOKEN:?set it to your API key}"

# The key goes to curl on standard input, so that no other user sees it in the list of processes.
call() { # method, path below the tracking URI, JSON
  printf 'header = "Authorization: Bearer %s"\n' "$MLFLOW_TRACKING_TOKEN" |
    curl --silent --show-error --fail-with-body --config - \
      --request "$1" --header 'Content-Type: application/json' --data "$3" "$MLFLOW_TRACKING_URI$2"
}
run_id_of() { python3 -c 'import json, sys; print(json.load(sys.stdin)["run"]["info"]["run_id"])'; }

now_ms=$(($(date +%s) * 1000))
run_id=$(call POST /api/2.0/mlflow/runs/create "{\"experiment_id\": \"0\", \"run_name\": \"from curl\", \"start_time\": $now_ms}" |
  run_id_of)
call POST /api/2.0/mlflow/runs/log-parameter "{\"run_id\": \"$run_id\", \"key\": \"depth\", \"value\": \"6\"}" >/dev/null
call POST /api/2.0/mlflow/runs/log-metric \
  "{\"run_id\": \"$run_id\", \"key\": \"auc\", \"value\": 0.91, \"timestamp\": $now_ms}" >/dev/null
call POST /api/2.0/mlflow/runs/update "{\"run_id\": \"$run_id\", \"status\": \"FINISHED\", \"end_time\": $now_ms}" >/dev/null
echo "logged run $run_id"
