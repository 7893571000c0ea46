import { mountOf } from './mlflow-mount.js';

describe('mountOf', () => {
  it.each([
    ['/api/mlflow', '/api/mlflow'],
    ['/api/mlflow/', '/api/mlflow'],
    ['/mlflow/x', '/mlflow'],
    ['/mlflowx', undefined],
    ['/API/MLFLOW/x', undefined],
    ['/api/mlflow%2Fx', undefined],
    ['/', undefined],
  ])('%s lies under %s', (path, mount) => {
    expect(mountOf(path)).toBe(mount);
  });
});
