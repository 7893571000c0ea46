import { viaNames } from './via.js';

it.each([
  ['1.0 fred, HTTP/1.1 MLflow-Gateway (comment)', true],
  ['1.1\tmlflow-gateway', true],
  ['1.1 not-mlflow-gateway, 1.1 x (mlflow-gateway)', false],
  ['', false],
])('whether Via %j names the gateway: %s', (via, expected) => {
  expect(viaNames(via, 'mlflow-gateway')).toBe(expected);
});
