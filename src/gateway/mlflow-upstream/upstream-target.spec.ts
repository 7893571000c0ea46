import { mountOf } from '../mlflow-routes/mlflow-mount.js';
import { parseTarget, type RequestTarget } from '../../lib/http/request-target.js';
import { upstreamTarget, withoutApiKey, type UpstreamTargetOptions } from './upstream-target.js';

const AS_IS: UpstreamTargetOptions = { basePath: '', dialect: 'as-is' };
const target = (url: string, options: Partial<UpstreamTargetOptions> = {}): string => {
  const parsed = parseTarget(url) as RequestTarget;
  return upstreamTarget(parsed, mountOf(parsed.rawPath) ?? '', { ...AS_IS, ...options });
};

describe('upstreamTarget', () => {
  it.each([
    ['/api/mlflow/api/2.0/mlflow/runs/search', '/api/2.0/mlflow/runs/search'],
    ['/mlflow/', '/'],
    ['/mlflow//api/2.0//x', '//api/2.0//x'],
    ['/mlflow/a%2Fb%20c/%E4%BD%A0;p=1', '/a%2Fb%20c/%E4%BD%A0;p=1'],
    ['/mlflow/x?a=1&a=2&&b&c=&=d', '/x?a=1&a=2&&b&c=&=d'],
    ['/mlflow/x?', '/x?'],
    ['/mlflow/x?q=a?b%23c', '/x?q=a?b%23c'],
    ['/mlflow/x?api_key=k&a=1', '/x?a=1'],
  ])('%s goes to MLflow as %s', (url, expected) => {
    expect(target(url)).toBe(expected);
  });

  it('puts the path of MLFLOW_SERVER_URL in front', () => {
    expect(target('/api/mlflow/x?y', { basePath: '/tracking' })).toBe('/tracking/x?y');
  });

  it.each([
    ['/mlflow/api/2.0/mlflow/runs/get?id=1', '/ajax-api/2.0/mlflow/runs/get?id=1'],
    ['/mlflow/api/3.0/mlflow/traces', '/ajax-api/3.0/mlflow/traces'],
    ['/mlflow//api//2.0/mlflow/x', '//ajax-api//2.0/mlflow/x'],
    ['/mlflow/api/2.0mlflow/x', '/ajax-api/2.0mlflow/x'],
    ['/mlflow/ajax-api/2.0/mlflow/x', '/ajax-api/2.0/mlflow/x'],
    ['/mlflow/apis/2.0/x', '/apis/2.0/x'],
    ['/mlflow/x/api/2.0/y', '/x/api/2.0/y'],
  ])('in the ajax-api dialect %s becomes %s', (url, expected) => {
    expect(target(url, { dialect: 'ajax-api' })).toBe(expected);
  });
});

describe('withoutApiKey', () => {
  it.each([
    ['', ''],
    ['?api_key=k', ''],
    ['?api_key', ''],
    ['?a=1&api_key=k&b=%20', '?a=1&b=%20'],
    ['?api_key=k&api_key=l&a=1&a=2', '?a=1&a=2'],
    ['?api%5Fkey=k&a', '?a'],
    ['?%61pi_key=k&a=%zz', '?a=%zz'],
    ['?xapi_key=k&api_keys=l&API_KEY=m', '?xapi_key=k&api_keys=l&API_KEY=m'],
    ['?a=api_key&%zz=1', '?a=api_key&%zz=1'],
    ['?a&&b', '?a&&b'],
  ])('%s is left as %s', (query, expected) => {
    expect(withoutApiKey(query)).toBe(expected);
  });
});
