import { endpointOf, routeOf } from './known-routes.js';

describe('routeOf', () => {
  it.each([
    ['GET', '/api/2.0/mlflow/runs/get', '/api/2.0/mlflow/runs/get'],
    ['HEAD', '/api/2.0/mlflow/runs/get', '/api/2.0/mlflow/runs/get'],
    ['POST', '/api/2.0/mlflow/logged-models/search', '/api/2.0/mlflow/logged-models/search'],
    ['GET', '/api/2.0/mlflow/logged-models/search', '/api/2.0/mlflow/logged-models/{model_id}'],
    [
      'GET',
      '/ajax-api/2.0/mlflow-artifacts/artifacts/1/run/artifacts/x',
      '/ajax-api/2.0/mlflow-artifacts/artifacts/{artifact_path:path}',
    ],
    [
      'POST',
      '/gateway/gemini/v1beta/models/a:streamGenerateContent',
      '/gateway/gemini/v1beta/models/{endpoint_name}:streamGenerateContent',
    ],
    // FastAPI asks its routes in the order of their registration, not for the most literal one.
    ['POST', '/gateway/proxy/mlflow/invocations', '/gateway/{endpoint_name}/mlflow/invocations'],
    [
      'DELETE',
      '/api/3.0/mlflow/mcp-servers/a/b/versions/1/tags/x',
      '/api/3.0/mlflow/mcp-servers/{name:path}/versions/{version:path}/tags/{key:path}',
    ],
    ['GET', '/api/3.0/mlflow/mcp-servers/endpoints', '/api/3.0/mlflow/mcp-servers/endpoints'],
    ['POST', '/ajax-api/2.0/mlflow/traces/tr-1/nothing', undefined],
    ['GET', '/api/2.0/mlflow/runs/get/', undefined],
    ['GET', '/API/2.0/mlflow/runs/get', undefined],
    ['OPTIONS', '/api/2.0/mlflow/runs/get', undefined],
    ['GET', '/api/2.0/mlflow/logged-models/', undefined],
    ['GET', '', undefined],
  ])('%s %s is %s', (method, path, template) => {
    expect(routeOf(method, path)?.template).toBe(template);
  });
});

describe('endpointOf', () => {
  it.each([
    ['GET', '/api/3.0/mlflow/traces/tr-1', '/api/3.0/mlflow/traces/{id}', 'trace', 'read'],
    [
      'PUT',
      '/api/2.0/mlflow-artifacts/artifacts/1/x',
      '/api/2.0/mlflow-artifacts/artifacts/{path}',
      'artifact',
      'write',
    ],
    ['POST', '/gateway/gpt/mlflow/invocations', '/gateway/{id}/mlflow/invocations', 'gateway', 'invoke'],
    ['POST', '/api/2.0/mlflow/runs/delete', '/api/2.0/mlflow/runs/delete', 'run', 'manage'],
    ['GET', '/static-files/main.a1b2.js', '/static-files/{path}', 'ui', 'read'],
    ['GET', '/', '/', 'ui', 'read'],
    ['POST', '/api/9.0/mlflow/unheard/of', '/{other}', undefined, undefined],
  ])('%s %s is %s, %s, %s', (method, path, name, family, action) => {
    expect(endpointOf(method, path)).toEqual({ name, family, action });
  });

  it('10,000 invented paths have one name', () => {
    const invented = Array.from({ length: 10_000 }, (_, n) => {
      const word = [...String(n)].map((digit) => String.fromCharCode(97 + Number(digit))).join('');
      return [`/${word}`, `/api/2.0/mlflow/${word}/list`, `/gateway/a/b/${word}`, `/api/2.${n}/mlflow/x`][
        n % 4
      ];
    });
    expect(new Set(invented.map((path) => endpointOf('GET', path as string).name))).toEqual(
      new Set(['/{other}']),
    );
  });
});
