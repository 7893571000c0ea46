import { routeLabel } from './route-label.js';

describe('the route label of a request', () => {
  it.each([
    ['/api/2.0/mlflow/runs/search', 'mlflow_api'],
    ['/ajax-api/3.0/mlflow/traces/tr-1', 'mlflow_api'],
    ['/api/2.0mlflow/experiments/search-datasets', 'mlflow_api'],
    ['/api/2.0/mlflow/artifacts', 'mlflow_api'],
    ['/graphql', 'mlflow_api'],
    ['/v1/traces', 'mlflow_api'],
    ['/health', 'mlflow_api'],
    ['/api/2.0/mlflow-artifacts/artifacts/1/abc/artifacts/model.bin', 'mlflow_artifacts'],
    ['/ajax-api/2.0/mlflow/upload-artifact', 'mlflow_artifacts'],
    ['/api/2.0/mlflow/logged-models/m-1/artifacts/files', 'mlflow_artifacts'],
    ['/get-artifact', 'mlflow_artifacts'],
    ['/model-versions/get-artifact', 'mlflow_artifacts'],
    ['/gateway/mlflow/v1/chat/completions', 'mlflow_llm'],
    ['/ajax-api/2.0/mlflow/gateway-proxy', 'mlflow_llm'],
    ['/api/2.0/mlflow/gateway/secrets/list', 'mlflow_api'],
    ['', 'mlflow_ui'],
    ['/', 'mlflow_ui'],
    ['/static-files/main.js', 'mlflow_ui'],
    ['/whatever/a/client/invents', 'mlflow_ui'],
  ])('of "%s" below a mount is %s', (path, label) => {
    for (const mount of ['/mlflow', '/api/mlflow']) expect(routeLabel(mount + path)).toBe(label);
  });

  it.each([
    ['/health', 'health'],
    ['/health/live/', 'health'],
    ['/health/detailed', 'health_detailed'],
    ['/whoami', 'whoami'],
    ['/explain', 'explain'],
    ['/authz', 'authz'],
    ['/authz/api/mlflow/version', 'authz'],
    ['/authzx', 'unmatched'],
    ['/internal/keys/invalidate', 'internal'],
    ['/metrics', 'metrics'],
    ['/v1/auth/keys', 'removed'],
    ['/mlflowx', 'unmatched'],
    ['/', 'unmatched'],
  ])('of %s is %s', (path, label) => expect(routeLabel(path)).toBe(label));
});
