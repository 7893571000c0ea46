import { endpointFamily } from './endpoint-family.js';

describe('endpointFamily', () => {
  it.each([
    ['/api/2.0/mlflow/runs/search', '/api/2.0/mlflow/runs/search'],
    ['/ajax-api/2.0/mlflow/experiments/get-by-name', '/ajax-api/2.0/mlflow/experiments/get-by-name'],
    ['/api/3.0/mlflow/traces/tr-0f3d0f1f7a11', '/api/3.0/mlflow/traces/{id}'],
    ['/api/2.0/mlflow/logged-models/m-1a2b/tags', '/api/2.0/mlflow/logged-models/{id}/tags'],
    ['/api/2.0/mlflow-artifacts/artifacts', '/api/2.0/mlflow-artifacts/artifacts'],
    [
      '/api/2.0/mlflow-artifacts/artifacts/1/abc/artifacts/model/MLmodel',
      '/api/2.0/mlflow-artifacts/artifacts/{path}',
    ],
    ['/api/2.0/mlflow-artifacts/mpu/create/1/big.bin', '/api/2.0/mlflow-artifacts/mpu/create/{path}'],
    ['/gateway/my-endpoint/invocations', '/gateway/{id}/{id}'],
    ['/static-files/main.a1b2.js', '/static-files/{path}'],
    ['/health', '/health'],
    ['/', '/'],
    ['/Some-Secret-42/x', '/{other}'],
  ])('%s belongs to %s', (path, family) => expect(endpointFamily(path)).toBe(family));

  it.each([
    `/${'a'.repeat(400)}`,
    `/${Array.from({ length: 5 }, () => 'a'.repeat(80)).join('-')}/x`,
    `/api/${'1'.repeat(400)}.0/mlflow/runs/search`,
    `/api/2.0/mlflow${`/${'a'.repeat(32)}`.repeat(20)}`,
  ])('is short enough for every receiver (%#)', (path) =>
    expect(endpointFamily(path).length).toBeLessThan(250),
  );

  it('has few parts for a path of any length', () => {
    expect(endpointFamily(`/api/2.0/mlflow${'/a'.repeat(500)}`).split('/').length).toBeLessThan(12);
  });
});
