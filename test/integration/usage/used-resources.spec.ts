import type { Grants } from '../../../src/contracts/access/grants.js';
import type { UsageBatchRequest, UsageRecord } from '../../../src/contracts/usage/usage.js';
import { startAnsweringMlflow } from '../../support/mlflow/answering-mlflow.js';
import { eventually } from '../../support/lib/eventually.js';
import { startGrantSystem, type Asked, type GrantSystem } from '../../support/systems/grant-system.js';
import {
  sendJson,
  startRecordingUpstream,
  type RecordingUpstream,
} from '../../support/servers/recording-upstream.js';

const V2 = '/api/2.0/mlflow';
const GRANTED = 'key-with-grants-0123456789abcdef';
const PLAIN = 'key-without-grants-0123456789abcdef';
const GRANTS: Grants = {
  experiments: [{ id: '1', level: 'write' }],
  models: [{ name: 'm-*', level: 'read' }],
};
const RUN = 'a'.repeat(32);

let mlflow: RecordingUpstream;
let receiver: RecordingUpstream;
let system: GrantSystem;

async function start(env: Record<string, string> = {}): Promise<void> {
  mlflow = await startAnsweringMlflow();
  receiver = await startRecordingUpstream((_request, response) => sendJson(response, 202, {}));
  system = await startGrantSystem(mlflow.url, {
    USAGE_REPORT_URL: `${receiver.url}/api/v1/usage`,
    USAGE_FLUSH_INTERVAL_MS: '10',
    ...env,
  });
  system.know(GRANTED, ['mlflow:manage'], GRANTS);
  system.know(PLAIN, ['mlflow:access'], undefined);
}
afterEach(async () => {
  await system?.close();
  await mlflow?.close();
  await receiver?.close();
});

/** What is reported to the key service about one request. */
async function told(key: string, asked: Asked): Promise<Partial<UsageRecord>> {
  receiver.requests.length = 0;
  system.relay.requests.length = 0;
  await system.ask(key, asked);
  const record = await eventually(() => {
    const [batch] = receiver.requests.map(({ body }) => JSON.parse(body.toString()) as UsageBatchRequest);
    return batch?.records[0];
  });
  const { needed_scope, resources, more_resources } = record;
  return { ...{ needed_scope, resources }, ...(more_resources !== undefined && { more_resources }) };
}
const tag = (run_id: string): Asked => ({
  method: 'POST',
  path: `${V2}/runs/set-tag`,
  body: { run_id, key: 'k', value: 'v' },
});

describe('a key with grants', () => {
  it('is reported with the scope and the things that decided its request', async () => {
    await start();
    expect(await told(GRANTED, tag(RUN))).toEqual({
      needed_scope: 'experiment:write',
      resources: [{ kind: 'experiment', id: '1', level: 'write' }],
    });
    const create = { method: 'POST', path: `${V2}/runs/create`, body: { experiment_id: '1' } };
    expect(await told(GRANTED, create)).toMatchObject({ resources: [{ id: '1', level: 'write' }] });
    expect(await told(GRANTED, { path: `${V2}/experiments/search?max_results=1` })).toEqual({
      needed_scope: 'experiment:read',
      resources: [],
    });
    expect(await told(GRANTED, { path: '/health' })).toEqual({ needed_scope: 'any', resources: [] });
  });

  it('is reported without things if its request was refused', async () => {
    await start();
    const foreign = { method: 'POST', path: `${V2}/runs/create`, body: { experiment_id: '2' } };
    for (const asked of [foreign, { path: '/no-such-call' }])
      expect(await told(GRANTED, asked)).toEqual({ needed_scope: 'none' });
  });

  it('of shadow mode is reported without things if it would have been refused', async () => {
    await start({ ACCESS_MODE: 'shadow' });
    const foreign = { method: 'POST', path: `${V2}/runs/create`, body: { experiment_id: '2' } };
    expect(await told(GRANTED, foreign)).toEqual({ needed_scope: 'experiment:write' });
    expect(await told(GRANTED, tag(RUN))).toMatchObject({ resources: [{ id: '1' }] });
  });
});

it('for a key without grants nothing is read and nothing is looked up', async () => {
  await start();
  expect(await told(PLAIN, tag(RUN))).toEqual({ needed_scope: 'experiment:write' });
  expect(system.relay.requests.map(({ url }) => url)).toEqual([`${V2}/runs/set-tag`]);
  expect(await told(PLAIN, { path: '/no-such-call' })).toEqual({ needed_scope: 'unknown' });
});
