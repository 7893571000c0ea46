import { mountOf } from './mlflow-mount.js';

describe('mountOf', () => {
  it.each([
    ['/api/mlflow', '/api/mlflow'],
    ['/api/mlflow/', '/api/mlflow'],
    ['/mlflow', '/mlflow'],
    ['/mlflow/', '/mlflow'],
    ['/mlflow/x', '/mlflow'],
    ['/api/mlflow/api/2.0/mlflow/runs/create', '/api/mlflow'],
    ['/mlflowx', undefined],
    ['/API/MLFLOW/x', undefined],
    ['/MLFLOW/x', undefined],
    ['/health', undefined],
    ['/api/mlflow%2Fx', undefined],
    ['/api/mlflow2/x', undefined],
    ['/x/mlflow/', undefined],
    ['/api/', undefined],
    ['/', undefined],
  ])('%s lies under %s', (path, mount) => {
    expect(mountOf(path)).toBe(mount);
  });
});
