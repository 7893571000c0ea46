import { routeOf } from './known-routes.js';
import { pathParameters } from './path-parameters.js';
import type { Route } from './route.js';

describe('parameters of a path', () => {
  it.each<[string, string, object]>([
    ['GET', '/api/2.0/mlflow/runs/get', {}],
    ['PATCH', '/api/3.0/mlflow/traces/tr-1/tags', { trace_id: 'tr-1' }],
    [
      'GET',
      '/api/2.0/mlflow-artifacts/artifacts/1/run/artifacts/a b',
      { artifact_path: '1/run/artifacts/a b' },
    ],
    ['POST', '/gateway/gemini/v1beta/models/gpt:x:generateContent', { endpoint_name: 'gpt:x' }],
    ['POST', '/gateway/proxy/gpt/v1/chat', { endpoint_name: 'gpt', path: 'v1/chat' }],
    ['DELETE', '/api/2.0/mlflow/logged-models/m-1/tags/a.b', { model_id: 'm-1', tag_key: 'a.b' }],
  ])('%s %s: %j', (method, path, parameters) => {
    expect(pathParameters(routeOf(method, path) as Route, path)).toEqual(parameters);
  });
});
