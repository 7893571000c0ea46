import { parseTarget, type RequestTarget } from '../../../lib/http/request-target.js';
import { callOf } from './mlflow-call.js';

const call = (method: string, path: string): ReturnType<typeof callOf> =>
  callOf(method, parseTarget(path) as RequestTarget, 'as-is');

describe('a call of MLflow', () => {
  it.each([
    ['GET', '/mlflow/ajax-api/2.0/mlflow/users/current', true],
    ['POST', '/mlflow/ajax-api/2.0/mlflow/users/current', false],
    ['GET', '/mlflow/ajax-api/2.0/mlflow/users/get', false],
    ['GET', '/mlflow/api/2.0/mlflow/runs/get', false],
  ])('%s %s asks about one’s own account: %s', (method, path, isOwnAccount) => {
    expect(call(method, path)).toMatchObject({ isOwnAccount });
  });

  it('may be unknown, and its path may be read in two ways', () => {
    expect(call('GET', '/mlflow/api/2.0/mlflow/no-such-call')).toMatchObject({ needs: 'unknown-endpoint' });
    expect(call('GET', '/mlflow/api/3.0/mlflow/mcp-servers//versions/1')).toMatchObject({
      needs: 'ambiguous-path',
    });
    expect(call('GET', '/mlflow/api/2.0/mlflow/runs/get')).toMatchObject({
      needs: { scope: 'experiment:read' },
    });
  });

  it('is none outside of MLflow', () => {
    expect(call('GET', '/health')).toBe('outside');
  });
});
