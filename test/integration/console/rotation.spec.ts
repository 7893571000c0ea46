import type { CreateKeyResponse } from '../../../src/contracts/keys/key-management.js';
import type { RotationPolicyResource } from '../../../src/contracts/keys/rotation-policies.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { rotationTurn, startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';
import { ManualClock } from '../../support/lib/manual-clock.js';
import {
  sendJson,
  startRecordingUpstream,
  type RecordingUpstream,
} from '../../support/servers/recording-upstream.js';
import { DAY_MS, webhookEnv } from '../key-service/rotation-service.js';
import { ANA, ask, CONSOLE_ENV, post, signIn } from './console-client.js';

describe.each(ENGINES)('the screen of rotation policies, on %s', (engine) => {
  let databases: KeyDatabases;
  let receiver: RecordingUpstream;
  let service: TestKeyService;
  let clock: ManualClock;
  let status = 204;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    receiver = await startRecordingUpstream();
    receiver.answer((_request, response) => sendJson(response, status, {}));
  });
  beforeEach(async () => {
    status = 204;
    receiver.requests.length = 0;
    clock = new ManualClock();
    const env = { DATABASE_URL: await databases.next(), ...CONSOLE_ENV, ...webhookEnv(receiver) };
    service = await startTestKeyService(env, { clock });
    await api('POST', '/services', { service_id: 'batch' });
  });
  afterEach(() => service.close());
  afterAll(() => Promise.all([receiver?.close(), databases?.close()]));

  const api = <T = Record<string, unknown>>(method: string, path: string, body?: unknown) =>
    service.call<T>(method, path, body, { authorization: `Bearer ${ANA}` });
  const policies = async (): Promise<RotationPolicyResource[]> =>
    (await api<{ policies: RotationPolicyResource[] }>('GET', '/rotation-policies')).body.policies;
  const newKey = async (name: string): Promise<CreateKeyResponse> =>
    (await api<CreateKeyResponse>('POST', '/keys', { name, service_id: 'batch' })).body;
  const send = async (path: string, fields: Record<string, string> = {}) =>
    post(`${service.url}/console/${path}`, fields, { cookie: await signIn(service.url) });
  /** The page without its markup. */
  async function words(path: string): Promise<string> {
    const { text } = await ask(`${service.url}/console/${path}`, {
      headers: { cookie: await signIn(service.url) },
    });
    return text
      .replace(/<style>.*?<\/style>/s, '')
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ');
  }

  const TERMS = { max_age_days: '30', overlap_seconds: '86400', delivery: 'webhook' };

  it('makes, changes and removes policies as the API does, and says what each is for', async () => {
    expect(await words('rotation')).toContain('There is no policy: keys are only rotated by hand.');
    await newKey('nightly');
    clock.advance(DAY_MS);
    const made = await send('rotation', {
      ...{ service_id: 'batch', environment: 'production', key_id: '', secret_id: '' },
      ...{ ...TERMS, description: 'Jobs <b>' },
    });
    expect([made.status, made.headers.location]).toEqual([303, '/console/rotation']);
    const [policy] = await policies();
    expect(policy).toMatchObject({
      ...{ key_id: null, service_id: 'batch', environment: 'production', max_age_days: 30 },
      ...{ overlap_seconds: 86_400, delivery: 'webhook', description: 'Jobs <b>', created_by: 'admin:ana' },
      ...{ next_rotation_at: '2026-01-30T00:00:00.000Z', last_delivered_at: null },
    });
    expect(await words('rotation')).toMatch(
      /keys of batch in production Jobs &lt;b> 30 days 1 day of overlap to the webhook 1 in 28 days never/,
    );
    const path = `rotation/${policy?.policy_id}`;
    const form = { max_age_days: '60', overlap_seconds: '0', delivery: '', secret_id: '', description: '' };
    expect((await send(path, form)).status).toBe(303);
    expect((await policies())[0]).toMatchObject({
      ...{ max_age_days: 60, overlap_seconds: 0, delivery: null, description: null, warns_only: true },
    });
    expect((await send(`${path}/remove`)).status).toBe(303);
    expect(await policies()).toEqual([]);
    expect((await send(`${path}/remove`)).status).toBe(404);
  });

  it('says when the next key is due, and leaves out keys that end before', async () => {
    const next = async (): Promise<unknown> => (await policies())[0]?.next_rotation_at;
    await api('POST', '/keys', { name: 'ends', service_id: 'batch', expires_in_days: 30 });
    await send('rotation', { ...TERMS, service_id: 'batch' });
    expect(await next()).toBeNull();
    clock.advance(2 * DAY_MS);
    await newKey('goes on');
    expect(await next()).toBe('2026-02-01T00:00:00.000Z');
    const one = await newKey('with a policy of its own');
    const own = await send('rotation', { ...TERMS, key_id: one.key_id.toUpperCase(), max_age_days: '10' });
    expect(own.status).toBe(303);
    expect(await words('rotation')).toMatch(/with a policy of its own 10 days .* in 9 days never/);
  });

  it('tells in a sentence why a new key was not taken, and tries it again by a click', async () => {
    status = 503;
    const key = await newKey('nightly');
    await send('rotation', { ...TERMS, service_id: 'batch' });
    clock.advance(29 * DAY_MS);
    await rotationTurn(service);
    const failed = await words('rotation');
    expect(failed).toMatch(
      /1 new key waits to be handed over\. The old key stays valid until then\. For nightly , made .*The first attempt failed: the webhook answered 503\./,
    );
    expect(failed).toContain('Try again now');
    expect(await words('')).toContain('1 new key could not be handed over yet: the old one goes on.');
    for (const { text } of [await send('rotation/x'), await send('rotation', {})])
      expect(text).not.toMatch(/hk_(?:live|test)_/);
    status = 204;
    const [policy] = await policies();
    expect((await send(`rotation/${policy?.policy_id}/retry`)).headers.location).toBe(
      '/console/rotation?tried=1',
    );
    await rotationTurn(service);
    expect(receiver.requests.length).toBeGreaterThan(1);
    const after = await words('rotation?tried=1');
    expect(after).toContain('It is tried again now.');
    expect(after).not.toContain('to be handed over.');
    expect((await policies())[0]?.last_delivered_at).not.toBeNull();
    expect((await api('GET', `/keys/${key.key_id}`)).body).toMatchObject({
      rotated_to_id: expect.any(String) as string,
    });
    expect(await words('')).not.toContain('could not be handed over');
  });

  it('keeps what was typed, and says what is wrong with it', async () => {
    for (const [fields, about] of [
      [{ ...TERMS }, 'key_id'],
      [{ ...TERMS, service_id: 'batch', max_age_days: '' }, 'max_age_days'],
      [{ ...TERMS, service_id: 'batch', max_age_days: '1' }, 'overlap_seconds'],
      [{ ...TERMS, service_id: 'batch', delivery: 'aws-secrets-manager', secret_id: 'x' }, 'secret_id'],
      [{ ...TERMS, key_id: 'none' }, 'key_id'],
    ] as const) {
      const { status: answered, text } = await send('rotation', {
        ...fields,
        description: 'kept in the form',
      });
      expect([about, answered, text.includes(`href="#${about}"`), text.includes('kept in the form')]).toEqual(
        [...[about, 400, true, true]],
      );
    }
    await send('rotation', { ...TERMS, service_id: 'batch' });
    const twice = await send('rotation', { ...TERMS, service_id: 'batch' });
    expect([twice.status, twice.text.includes('There is a policy for these keys already')]).toEqual([
      409,
      true,
    ]);
    const [policy] = await policies();
    const edited = await send(`rotation/${policy?.policy_id}`, { ...TERMS, max_age_days: '0' });
    expect([edited.status, edited.text.includes('href="#max_age_days"')]).toEqual([400, true]);
    expect((await policies())[0]?.max_age_days).toBe(30);
  });
});
