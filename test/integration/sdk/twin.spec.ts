import { jest } from '@jest/globals';
import { createMock, type Hokusai } from '../../../src/sdk/index.js';
import { ARTIFACT_SCENARIOS } from './artifact-scenarios.js';
import { EXPERIMENT_SCENARIOS } from './experiment-scenarios.js';
import { startRealHokusai, type RealHokusai } from './real-hokusai.js';
import { REGISTRY_SCENARIOS } from './registry-scenarios.js';

// The same stories on the in-memory MLflow and on a real one behind the gateway: users must see the same.
let real: RealHokusai;
let mock: Hokusai;

beforeAll(async () => {
  jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  mock = createMock({ env: {} });
  real = await startRealHokusai();
}, 120_000);
afterAll(() => real?.close());

describe.each([
  ['experiments and runs', EXPERIMENT_SCENARIOS],
  ['model registry', REGISTRY_SCENARIOS],
  ['artifacts', ARTIFACT_SCENARIOS],
])('%s, in memory as on a real MLflow', (_, scenarios) => {
  it.each(scenarios)('$guarantee', async ({ run }) => {
    const unique = `u${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
    const seen = await run(real.hokusai, unique);
    expect(seen).toMatchSnapshot();
    expect(await run(mock, unique)).toEqual(seen);
  });
});
