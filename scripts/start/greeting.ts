import { relative } from 'node:path';
import { KEY_DAYS } from './first-key.ts';
import type { Plan } from './plan.ts';

export interface Greeting {
  plan: Plan;
  /** Undefined where none could be made: someone else's auth service, and no admin token. */
  apiKey: string | undefined;
  mlflowServerUrl: string;
  /** Python that has the MLflow client; undefined where none was installed. */
  python: string | undefined;
  adminTokenFile: string | undefined;
}

/** Everything a first user needs, ready to be pasted. */
export function greeting(parts: Greeting): string {
  const { plan } = parts;
  const tracking = `${plan.gatewayUrl}/api/mlflow`;
  const key = parts.apiKey ?? '<your API key>';
  return [
    'Ready.',
    '',
    ...addresses(parts, tracking),
    '',
    parts.python === undefined
      ? 'Log a run from Python, where the MLflow client is (pip install mlflow); paste into another terminal:'
      : 'Log a run from Python; paste into another terminal, in this folder:',
    '',
    ...pythonExample(tracking, key, parts.python ?? 'python'),
    '',
    'Or ask with curl:',
    '',
    curlExample(tracking, key),
    '',
    'Ctrl-C stops everything; the data stays.',
    '',
  ].join('\n');
}

function addresses({ plan, apiKey, mlflowServerUrl, adminTokenFile }: Greeting, tracking: string): string[] {
  const near = (path: string): string => {
    const inside = relative(plan.root, path);
    return inside.startsWith('..') ? path : inside || path;
  };
  const rows: [string, string][] = [
    ['MLflow for clients', tracking],
    ['MLflow in a browser', `${plan.gatewayUrl}/mlflow/  (sign in with the key)`],
    [
      'API key',
      apiKey === undefined ? 'ask your key administrator' : `${apiKey}  (new, for ${KEY_DAYS} days)`,
    ],
    ['Health', `${plan.gatewayUrl}/health  ${plan.gatewayUrl}/health/mlflow`],
    ['Metrics', `${plan.gatewayUrl}/metrics`],
    ['Key service', plan.authServiceUrl + (adminTokenFile ? `  (admin token: ${near(adminTokenFile)})` : '')],
    ...(plan.keyServicePort === undefined ? [] : [consoleOf(plan.authServiceUrl)]),
    ['MLflow itself', `${mlflowServerUrl}  (its UI, without a key, from this machine only)`],
    ['Data and logs', `${near(plan.dataDir)}  ${near(plan.dataDir)}/logs`],
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(21)}${value}`);
}

function consoleOf(keyServiceUrl: string): [string, string] {
  return ['Console for keys', `${keyServiceUrl}/console  (sign in with an admin token)`];
}

function pythonExample(tracking: string, key: string, python: string): string[] {
  return [
    `export MLFLOW_TRACKING_URI=${tracking}`,
    `export MLFLOW_TRACKING_TOKEN='${key}'`,
    `${python} - <<'EOF'`,
    'import mlflow',
    '',
    'mlflow.set_experiment("hello")',
    'with mlflow.start_run() as run:',
    '    mlflow.log_param("learning_rate", 0.01)',
    '    mlflow.log_metric("loss", 0.42)',
    'print("logged run", run.info.run_id)',
    'EOF',
  ];
}

function curlExample(tracking: string, key: string): string {
  return `curl -H 'Authorization: Bearer ${key}' '${tracking}/api/2.0/mlflow/experiments/search?max_results=10'`;
}
