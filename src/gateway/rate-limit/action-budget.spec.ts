import { parseTarget, type RequestTarget } from '../../lib/http/request-target.js';
import { actionBudgetOf } from './action-budget.js';

describe('the budget of an action', () => {
  it.each([
    ['POST', '/api/2.0/mlflow/runs/search', 'searches'],
    ['POST', '/ajax-api/2.0/mlflow/experiments/search-datasets', 'searches'],
    ['GET', '/api/2.0/mlflow/registered-models/search', 'searches'],
    ['POST', '/api/3.0/mlflow/traces/search', 'searches'],
    ['POST', '/graphql', 'searches'],
    ['POST', '/api/2.0/mlflow/runs/create', 'writes'],
    ['POST', '/api/2.0/mlflow/runs/log-batch', 'writes'],
    ['PATCH', '/api/2.0/mlflow/registered-models/update', 'writes'],
    ['DELETE', '/api/2.0/mlflow/model-versions/delete', 'writes'],
    ['PUT', '/api/2.0/mlflow-artifacts/artifacts/1/abc/artifacts/model/MLmodel', 'writes'],
    ['POST', '/v1/traces', 'writes'],
    ['POST', '/api/9.9/mlflow/things/of-a-later-version', 'writes'],
    ['GET', '/api/2.0/mlflow/runs/get', undefined],
    ['HEAD', '/api/2.0/mlflow/runs/get', undefined],
    ['POST', '/api/3.0/mlflow/traces/batchGetInfos', undefined],
    ['GET', '/api/2.0/mlflow-artifacts/artifacts/1/abc/artifacts/search.txt', undefined],
    ['POST', '/gateway/mlflow/v1/chat/completions', undefined],
    ['GET', '/static-files/search', undefined],
    ['GET', '/', undefined],
  ])('%s %s: %s', (method, path, budget) => {
    for (const mount of ['/mlflow', '/api/mlflow']) expect(actionBudgetOf(method, mount + path)).toBe(budget);
  });

  it.each([
    '/mlflow//api/2.0/mlflow/runs/search',
    '/mlflow/api/2.0/mlflow/runs//search',
    '/mlflow/api/2.0/mlflow/%72uns/search',
  ])('is the same for another spelling: %s', (target) =>
    expect(actionBudgetOf('POST', (parseTarget(target) as RequestTarget).path)).toBe('searches'),
  );

  it.each(['/health', '/internal/keys/invalidate', '/api/v1/auth'])('is none outside MLflow: %s', (path) => {
    expect(actionBudgetOf('POST', path)).toBeUndefined();
  });
});
