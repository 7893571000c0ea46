import { percentile } from './limits.checks.js';
import { gatewayUrlOf } from './verify-context.js';

describe("the gateway's root", () => {
  it.each([
    ['https://h.example/api/mlflow', 'https://h.example'],
    ['https://h.example/mlflow', 'https://h.example'],
    ['https://h.example/team/api/mlflow', 'https://h.example/team'],
    ['https://h.example:8443/elsewhere', 'https://h.example:8443'],
    ['https://mlflow', 'https://mlflow'],
  ])('for %s is %s', (trackingUri, url) => {
    expect(gatewayUrlOf(trackingUri)).toBe(url);
  });
});

describe('percentile', () => {
  it.each([
    [0.5, 10],
    [0.95, 19],
    [1, 20],
  ])('%d of 1 to 20 is %d', (share, value) => {
    expect(
      percentile(
        Array.from({ length: 20 }, (_, i) => i + 1),
        share,
      ),
    ).toBe(value);
  });
});
