import type { Grants } from '../../../src/contracts/access/grants.js';
import { randomHex } from '../../support/mlflow/granted-things.js';
import { startGrantSystem, type GrantSystem } from '../../support/systems/grant-system.js';
import {
  sendJson,
  startRecordingUpstream,
  type RecordingUpstream,
} from '../../support/servers/recording-upstream.js';

const KEY = 'key-of-team-a-0123456789abcdef';
const OTHER = 'key-of-team-b-0123456789abcdef';
const V2 = '/api/2.0/mlflow';
const OPEN: Grants = { experiments: [{ id: '1', level: 'write' }], models: [{ name: '*', level: 'read' }] };
const MANY = 1100;
/** Of MLflow, for each question. */
const ANSWER_MS = 2;

describe('a request that names thousands of things', () => {
  let mlflow: RecordingUpstream;
  let system: GrantSystem;
  let asked = 0;
  let busy = 0;
  let busiest = 0;

  beforeAll(async () => {
    mlflow = await startRecordingUpstream((request, response) => {
      if (request.url.startsWith(`${V2}/model-versions/search`)) {
        const names = Array.from({ length: MANY }, (_, index) => ({ name: `m${index}`, version: '1' }));
        // As a version that takes no lists in its filters.
        sendJson(response, 200, { model_versions: names });
      } else if (request.url.startsWith(`${V2}/registered-models/search`)) sendJson(response, 400, {});
      else {
        asked += 1;
        busiest = Math.max(busiest, ++busy);
        setTimeout(() => {
          busy -= 1;
          const name = new URL(request.url, 'http://x').searchParams.get('name');
          sendJson(response, 200, {
            run: { info: { experiment_id: '1' } },
            registered_model: { name, tags: [] },
          });
        }, ANSWER_MS);
      }
    });
    system = await startGrantSystem(mlflow.url);
    for (const key of [KEY, OTHER]) system.know(key, ['mlflow:manage'], OPEN);
  });
  afterAll(async () => {
    await system?.close();
    await mlflow?.close();
  });
  beforeEach(() => {
    asked = 0;
    busiest = 0;
  });

  const batch = (runs: number): object => ({
    run_id: randomHex(),
    metrics: Array.from({ length: runs }, () => ({
      key: 'm',
      value: 1,
      timestamp: 1,
      step: 0,
      run_id: randomHex(),
    })),
  });
  const send = (key: string, runs: number): Promise<number> =>
    system
      .ask(key, { method: 'POST', path: `${V2}/runs/log-batch`, body: batch(runs) })
      .then(({ status }) => status);
  const read = (key: string): Promise<number> =>
    system.ask(key, { path: `${V2}/runs/get?run_id=${randomHex()}` }).then(({ status }) => status);

  it('is decided whole, with few questions at once', async () => {
    expect(await send(KEY, MANY)).toBe(200);
    expect(asked).toBe(MANY + 2);
    expect(busiest).toBeLessThanOrEqual(17);
  });

  it('may name as many as the largest batch that MLflow takes, and is refused beyond, before MLflow is asked', async () => {
    const asks = (runs: number) =>
      system.ask(KEY, { method: 'POST', path: `${V2}/runs/log-batch`, body: batch(runs) });
    const { status, body } = await asks(30_000);
    expect([status, body['message']]).toEqual([
      413,
      'The request names 30001 different resources, and an API key with grants may name 2500 in one request. Send it in parts.',
    ]);
    const ids = Array.from({ length: 2501 }, (_, id) => String(id + 1));
    const search = { method: 'POST', path: `${V2}/runs/search`, body: { experiment_ids: ids } };
    expect((await system.ask(KEY, search)).status).toBe(413);
    expect(asked).toBe(0);
    expect((await asks(1)).status).toBe(200);
  });

  it('does not hold up those of other keys, however many there are', async () => {
    const over: string[] = [];
    const large = Array.from({ length: 3 }, () => send(KEY, 250).then(() => over.push('large')));
    while (asked < 50) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await Promise.all([read(OTHER), read(OTHER)])).toEqual([200, 200]);
    over.push('small');
    await Promise.all(large);
    expect(over[0]).toBe('small');
  }, 60_000);

  it('may be a page of thousands of models, of which each has to be asked about', async () => {
    const { status, body } = await system.ask(KEY, { path: `${V2}/model-versions/search?max_results=10000` });
    expect([status, (body['model_versions'] as object[] | undefined)?.length]).toEqual([200, MANY]);
  });
});
