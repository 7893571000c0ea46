import { randomUUID } from 'node:crypto';
import type { ExplainResponse } from '../../../src/contracts/keys/access-explain.js';
import type { CreateKeyRequest } from '../../../src/contracts/keys/key-management.js';
import { startAnsweringMlflow } from '../../support/mlflow/answering-mlflow.js';
import { adminEnv, clientEnv } from '../../support/programs/hokusai-env.js';
import { hokusai, type CliResult } from '../../support/programs/hokusai.js';
import type { RecordingUpstream } from '../../support/servers/recording-upstream.js';
import { startWholeSystem, type WholeSystem } from '../../support/systems/whole-system.js';

const RUN = 'a'.repeat(32);
const READ = ['GET', `/api/2.0/mlflow/runs/get?run_id=${RUN}`];
const WRITE = [
  'POST',
  '/api/2.0/mlflow/runs/set-tag',
  '--body',
  JSON.stringify({ run_id: RUN, key: 'k', value: 'v' }),
];

/** Every run lies in experiment 1, which is called `team-a/one`. */
let mlflow: RecordingUpstream;
let system: WholeSystem;

beforeAll(async () => {
  mlflow = await startAnsweringMlflow();
  system = await startWholeSystem({}, () => Promise.resolve(mlflow));
});
afterAll(async () => {
  await system?.close();
  await mlflow?.close();
});

const newKey = (fields: Partial<CreateKeyRequest>): Promise<{ key_id: string; api_key: string }> =>
  system.newKey(fields);
const operator = async (scopes = ['admin', 'mlflow:read']): Promise<string> =>
  (await newKey({ scopes })).api_key;

/** `hokusai auth explain` of somebody, about another key. */
function explain(
  own: string,
  id: string,
  asked: readonly string[],
  env = adminEnv(system),
): Promise<CliResult> {
  return hokusai(['auth', 'explain', ...asked, '--key-id', id], {
    env: { ...clientEnv(system, own), ...env },
  });
}

describe('hokusai auth explain --key-id', () => {
  it('explains the key that is named, by its scopes and grants, and not the asker', async () => {
    const own = await operator();
    const { key_id: id } = await newKey({
      scopes: ['mlflow:write'],
      grants: { experiments: [{ name: 'team-a/*', level: 'read' }] },
    });
    const read = await explain(own, id, READ);
    expect([read.code, read.stdout]).toEqual([
      0,
      expect.stringContaining(
        `run ${RUN} (query run_id), to read: experiment team-a/one, by the grant experiment team-a/*:read`,
      ),
    ]);
    const write = await explain(own, id, WRITE);
    expect(write.code).toBe(3);
    expect(write.stdout).toContain('refused (403, resource-forbidden)');
    expect(write.stdout).toContain('has no grant to write the experiment of the run');
  });

  it('follows a change of that key at once', async () => {
    const own = await operator();
    const { key_id: id } = await newKey({ scopes: ['model:read'] });
    const decision = async (): Promise<[number, string]> => {
      const { code, json } = await explain(own, id, [...READ, '--json']);
      const { decision: decided, needed_scope: scope } = json<ExplainResponse>();
      return [code, `${decided} ${scope}`];
    };
    expect(await decision()).toEqual([3, 'refused experiment:read']);
    await system.keyService.call('PATCH', `/keys/${id}`, { scopes: ['experiment:read'] });
    expect(await decision()).toEqual([0, 'allowed experiment:read']);
  });

  it('sends nothing to MLflow in the name of anybody, and tells the gateway no other key', async () => {
    const own = await operator();
    const { key_id: id, api_key: other } = await newKey({ scopes: ['mlflow:access'] });
    mlflow.requests.length = 0;
    expect((await explain(own, id, WRITE)).code).toBe(0);
    expect(mlflow.requests.filter(({ headers }) => headers.via !== undefined)).toEqual([]);
    expect(JSON.stringify([mlflow.requests, system.gateway.logs.raw])).not.toContain(other);
  });

  it.each([
    ['a key without the scope admin', ['mlflow:manage'], {}],
    ['a key with grants', ['admin', 'mlflow:read'], { grants: { experiments: [] } }],
  ])('is refused to %s', async (_title, scopes, more) => {
    const own = (await newKey({ scopes, ...more })).api_key;
    const { key_id: id } = await newKey({ scopes: ['mlflow:read'] });
    const said = await explain(own, id, READ);
    expect(said.code).not.toBe(0);
    expect(said.stdout).toBe('');
    expect(said.stderr).toContain('admin');
  });

  it('says what is missing: the admin token, the key, or its id', async () => {
    const own = await operator();
    const { key_id: id } = await newKey({ scopes: ['mlflow:read'] });
    const withoutToken = await explain(own, id, READ, { HOKUSAI_AUTH_SERVICE_URL: system.keyService.url });
    expect([withoutToken.code, withoutToken.stderr]).toEqual([
      2,
      expect.stringContaining('HOKUSAI_ADMIN_TOKEN'),
    ]);
    const unknown = await explain(own, randomUUID(), READ);
    expect([unknown.code, unknown.stdout]).toEqual([expect.any(Number), '']);
    expect(unknown.code).not.toBe(0);
    expect(unknown.stderr).toMatch(/not found|no key|no such/i);
  });
});
