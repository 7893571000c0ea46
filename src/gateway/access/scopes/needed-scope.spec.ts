import { routeOf } from '../../mlflow-routes/known-routes.js';
import type { Route } from '../../mlflow-routes/route.js';
import { neededScope } from './needed-scope.js';
import { foldScopes } from './scope-levels.js';

const RULES = { requireScopes: false, accessIncludesAdmin: true, withGrants: false };
const needed = (method: string, path: string): ReturnType<typeof neededScope> =>
  neededScope(routeOf(method, path) as Route);

describe('the scope that a route needs', () => {
  it.each([
    ['GET', '/api/2.0/mlflow/runs/get', 'experiment:read'],
    ['POST', '/api/2.0/mlflow/runs/search', 'experiment:read'],
    ['POST', '/api/2.0/mlflow/runs/log-metric', 'experiment:write'],
    ['POST', '/api/2.0/mlflow/experiments/delete', 'experiment:manage'],
    ['PATCH', '/api/2.0/mlflow/logged-models/m-1/tags', 'experiment:write'],
    ['POST', '/api/2.0/mlflow/registered-models/create', 'model:write'],
    ['POST', '/api/2.0/mlflow/registered-models/rename', 'model:manage'],
    ['DELETE', '/api/2.0/mlflow/registered-models/alias', 'model:write'],
    ['PUT', '/api/2.0/mlflow-artifacts/artifacts/1/x', 'artifact:write'],
    ['POST', '/api/2.0/mlflow/artifacts/presigned-download-url', 'artifact:read'],
    ['POST', '/v1/traces', 'trace:write'],
    ['POST', '/api/3.0/mlflow/traces/search', 'trace:read'],
    ['POST', '/ajax-api/2.0/mlflow/experiments/search-datasets', 'dataset:read'],
    ['POST', '/api/3.0/mlflow/review-queues/get-or-create-user', 'review:write'],
    ['POST', '/ajax-api/3.0/jobs/', 'admin'],
    ['GET', '/ajax-api/3.0/jobs/1', 'job:read'],
    ['POST', '/gateway/gpt/mlflow/invocations', 'gateway:invoke'],
    ['GET', '/api/3.0/mlflow/gateway/endpoints/list', 'gateway:read'],
    ['POST', '/api/3.0/mlflow/gateway/secrets/create', 'admin'],
    ['GET', '/ajax-api/3.0/mlflow/gateway/supported-models', 'mlflow:access'],
    ['GET', '/api/3.0/mlflow/workspaces', 'workspace:read'],
    ['POST', '/api/3.0/mlflow/workspaces', 'admin'],
    ['GET', '/api/2.0/mlflow/webhooks', 'admin'],
    ['GET', '/api/2.0/mlflow/users/get', 'admin'],
    ['POST', '/graphql', 'experiment:read artifact:read model:read'],
    ['GET', '/', 'mlflow:access'],
  ])('of %s %s is %s', (method, path, scope) => {
    expect(needed(method, path).scope).toBe(scope);
  });

  it.each([
    ['mlflow:read', 'GET', '/', true],
    ['trace:read', 'GET', '/static-files/main.js', true],
    ['experiment:read', 'POST', '/graphql', false],
    ['mlflow:read', 'POST', '/graphql', true],
    ['prompt:read', 'GET', '/api/2.0/mlflow/registered-models/get', true],
    ['experiment:manage', 'GET', '/api/2.0/mlflow/registered-models/get', false],
    ['mlflow:manage', 'POST', '/gateway/gpt/mlflow/invocations', false],
    ['mlflow:manage', 'GET', '/api/2.0/mlflow/webhooks', false],
  ])('%s for %s %s: %s', (scope, method, path, isMet) => {
    expect(needed(method, path).isMet(foldScopes([scope], RULES))).toBe(isMet);
  });
});
