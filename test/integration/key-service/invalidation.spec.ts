import type { CreateKeyResponse } from '../../../src/contracts/keys/key-management.js';
import { Outbox } from '../../../src/key-service/invalidation/outbox.js';
import { ExpirySweeper } from '../../../src/key-service/keys/ends/expiry-sweeper.js';
import { Database } from '../../../src/key-service/storage/database.js';
import { eventually } from '../../support/lib/eventually.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import {
  startTestKeyService,
  TEST_ADMIN_TOKEN,
  type TestKeyService,
} from '../../support/systems/key-service.js';
import { copyKey } from './copied-keys.js';
import { ManualClock } from '../../support/lib/manual-clock.js';
import {
  sendJson,
  startRecordingUpstream,
  type RecordingUpstream,
} from '../../support/servers/recording-upstream.js';

const GATEWAY_TOKEN = 'token-of-the-gateways';

describe.each(ENGINES)('invalidations on %s', (engine) => {
  let databases: KeyDatabases;
  let gateways: RecordingUpstream[];
  const closing: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
  });

  beforeEach(async () => {
    gateways = [await startRecordingUpstream(), await startRecordingUpstream()];
    for (const gateway of gateways) gateway.answer((_request, response) => sendJson(response, 202, {}));
  });

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await Promise.all(gateways.map((gateway) => gateway.close()));
  });

  afterAll(() => databases?.close());

  async function start(
    url: string,
    clock?: ManualClock,
    more: Record<string, string> = {},
  ): Promise<TestKeyService> {
    const service = await startTestKeyService(
      {
        DATABASE_URL: url,
        GATEWAY_INVALIDATE_URLS: gateways
          .map((gateway) => `${gateway.url}/internal/keys/invalidate`)
          .join(','),
        GATEWAY_ADMIN_TOKEN: GATEWAY_TOKEN,
        ...more,
      },
      clock ? { clock } : {},
    );
    closing.push(() => service.close());
    return service;
  }

  const created = async (service: TestKeyService, fields: object = {}): Promise<CreateKeyResponse> =>
    (
      await service.call<CreateKeyResponse>('POST', '/keys', {
        name: 'i',
        service_id: 'ml-platform',
        ...fields,
      })
    ).body;
  const told = (gateway: RecordingUpstream | undefined): unknown[] =>
    (gateway?.requests ?? []).map((request) => JSON.parse(request.body.toString()) as unknown);
  const pending = async (service: TestKeyService): Promise<number> =>
    (await service.app.get(Database).db.selectFrom('invalidation_outbox').select('id').execute()).length;

  it('reach every gateway in under a second after revocation, rotation and edits of what it decides by', async () => {
    const service = await start(await databases.next());
    const key = await created(service);
    await service.call('PATCH', `/keys/${key.key_id}`, { name: 'nobody decides by a name' });
    expect(gateways.map(told)).toEqual([[], []]);
    const changes: [string, string, object | undefined][] = [
      ['PATCH', '', { burst: 3 }],
      ['POST', '/rotate', {}],
      ['DELETE', '', undefined],
    ];
    for (const [n, [method, path, body]] of changes.entries()) {
      await service.call(method, `/keys/${key.key_id}${path}`, body);
      await eventually(() => gateways.every((gateway) => gateway.requests.length === n + 1), {
        timeoutMs: 1000,
        what: `both gateways hearing of ${method}`,
      });
    }
    for (const gateway of gateways)
      for (const request of gateway.requests) {
        expect(request).toMatchObject({
          method: 'POST',
          url: '/internal/keys/invalidate',
          headers: { authorization: `Bearer ${GATEWAY_TOKEN}`, 'content-type': 'application/json' },
        });
        expect(JSON.parse(request.body.toString())).toEqual({ key_id: key.key_id });
      }
    await eventually(async () => (await pending(service)) === 0);
  });

  it('are sent with HOKUSAI_ADMIN_TOKEN where gateways have no token of their own', async () => {
    const service = await start(await databases.next(), undefined, { GATEWAY_ADMIN_TOKEN: '' });
    await service.call('DELETE', `/keys/${(await created(service)).key_id}`);
    const request = await eventually(() => gateways[0]?.requests[0]);
    expect(request.headers.authorization).toBe(`Bearer ${TEST_ADMIN_TOKEN}`);
  });

  it('that wait go together, many keys in one message', async () => {
    const service = await start(await databases.next());
    const keys = await Promise.all(Array.from({ length: 40 }, () => created(service)));
    let down = true;
    for (const gateway of gateways)
      gateway.answer((_request, response) => sendJson(response, down ? 503 : 202, {}));
    await Promise.all(keys.map((key) => service.call('DELETE', `/keys/${key.key_id}`)));
    await eventually(() => gateways.every((gateway) => gateway.requests.length > 0));
    down = false;
    for (const gateway of gateways) gateway.requests.length = 0;
    await eventually(async () => (await pending(service)) === 0);
    for (const gateway of gateways) {
      const ids = told(gateway).flatMap((body) => Object.values(body as object).flat());
      expect(new Set(ids)).toEqual(new Set(keys.map((key) => key.key_id)));
      expect(gateway.requests.length).toBeLessThan(10);
    }
  });

  it('of revoked keys wait for no other: neither for edits and rotations, nor for a gateway that hangs on them', async () => {
    const service = await start(await databases.next());
    const [edited, rotated, ended, revoked] = [
      await created(service),
      await created(service),
      await created(service),
      await created(service),
    ];
    const [gateway] = gateways as [RecordingUpstream];
    const heard = new Set<unknown>();
    gateway.answer((request, response) => {
      const { key_id: id } = JSON.parse(request.body.toString()) as { key_id?: string };
      if (id === edited.key_id || id === rotated.key_id) return;
      heard.add(id);
      sendJson(response, 202, {});
    });
    await service.call('PATCH', `/keys/${edited.key_id}`, { burst: 3 });
    await service.call('POST', `/keys/${rotated.key_id}/rotate`, {});
    await eventually(() => gateway.requests.length > 0);
    await service.call('POST', `/keys/${ended.key_id}/rotate`, { overlap_seconds: 0 });
    await service.call('DELETE', `/keys/${revoked.key_id}`);
    await eventually(() => heard.has(ended.key_id) && heard.has(revoked.key_id), {
      timeoutMs: 1000,
      what: 'the gateway hearing of the keys that ended',
    });
  });

  it('go one by one to a gateway that does not know messages of many keys', async () => {
    const service = await start(await databases.next());
    const keys = await Promise.all(Array.from({ length: 5 }, () => created(service)));
    let down = true;
    const taken = new Set<unknown>();
    gateways[0]?.answer((request, response) => {
      const { key_id: id } = JSON.parse(request.body.toString()) as { key_id?: string };
      if (!down && id !== undefined) taken.add(id);
      sendJson(response, down ? 503 : id === undefined ? 400 : 202, {});
    });
    await Promise.all(keys.map((key) => service.call('DELETE', `/keys/${key.key_id}`)));
    await eventually(() => (gateways[0]?.requests.length ?? 0) > 0);
    down = false;
    await eventually(async () => (await pending(service)) === 0);
    expect(taken).toEqual(new Set(keys.map((key) => key.key_id)));
  });

  it('of a revoked key are repeated every two seconds at least, however long a gateway has refused them', async () => {
    const clock = new ManualClock(Date.now());
    const service = await start(await databases.next(), clock);
    const [gateway] = gateways as [RecordingUpstream];
    gateway.answer((_request, response) => sendJson(response, 503, {}));
    await service.call('DELETE', `/keys/${(await created(service)).key_id}`);
    for (let n = 1; n <= 8; n++) {
      await eventually(() => gateway.requests.length >= n, { what: `attempt ${n}` });
      await eventually(() => service.logs.of('invalidation_not_delivered').length >= n);
      clock.advance(2000);
    }
  });

  it('are repeated until a gateway takes them, and one that is down holds up no other', async () => {
    const service = await start(await databases.next());
    let refusals = 3;
    gateways[0]?.answer((_request, response) => sendJson(response, refusals-- > 0 ? 503 : 202, {}));
    const key = await created(service);
    await service.call('DELETE', `/keys/${key.key_id}`);
    await eventually(() => gateways[1]?.requests.length === 1, { timeoutMs: 1000 });
    await eventually(async () => (await pending(service)) === 0);
    expect(gateways[0]?.requests).toHaveLength(4);
    expect(gateways[1]?.requests).toHaveLength(1);
    expect(service.logs.of('invalidation_not_delivered')).toHaveLength(3);
    expect(service.logs.raw).not.toContain(GATEWAY_TOKEN);
  });

  it('outlive a restart of the key service', async () => {
    const url = await databases.next();
    const first = await start(url);
    for (const gateway of gateways) gateway.answer((_request, response) => sendJson(response, 500, {}));
    const key = await created(first);
    await first.call('DELETE', `/keys/${key.key_id}`);
    await eventually(() => gateways.every((gateway) => gateway.requests.length > 0));
    await closing.pop()?.();
    for (const gateway of gateways) {
      gateway.requests.length = 0;
      gateway.answer((_request, response) => sendJson(response, 202, {}));
    }
    const second = await start(url);
    await eventually(async () => (await pending(second)) === 0);
    expect(gateways.map(told)).toEqual([[{ key_id: key.key_id }], [{ key_id: key.key_id }]]);
  });

  it('never follow a redirect with the token', async () => {
    const service = await start(await databases.next());
    gateways[0]?.answer((_request, response) => {
      response.writeHead(307, { location: `${gateways[1]?.url}/stolen` }).end();
    });
    await service.call('DELETE', `/keys/${(await created(service)).key_id}`);
    await eventually(() => service.logs.of('invalidation_not_delivered').length > 0);
    expect(gateways[1]?.requests.map((request) => request.url)).not.toContain('/stolen');
  });

  it('forget gateways that are no longer configured, which is logged, and no other', async () => {
    const url = await databases.next();
    const [gone, staying] = gateways.map((gateway) => `${gateway.url}/x`) as [string, string];
    for (const gateway of gateways) gateway.answer((_request, response) => sendJson(response, 500, {}));
    const first = await start(url, undefined, { GATEWAY_INVALIDATE_URLS: `${gone},${staying}` });
    await first.call('DELETE', `/keys/${(await created(first)).key_id}`);
    expect(await pending(first)).toBe(2);
    await closing.pop()?.();
    const second = await start(url, undefined, { GATEWAY_INVALIDATE_URLS: staying });
    await eventually(() => second.logs.of('invalidations_dropped').length > 0);
    expect(second.logs.of('invalidations_dropped')).toMatchObject([{ messages: 1 }]);
    expect(await pending(second)).toBe(1);
    gateways[1]?.answer((_request, response) => sendJson(response, 202, {}));
    await eventually(async () => (await pending(second)) === 0);
  });

  it('are sent once their change is made, not at the next look, and not for what gateways do not decide by', async () => {
    const service = await start(await databases.next());
    const { key_id: id } = await created(service);
    let begun = 0;
    service.app.get(Outbox).onAdded(() => begun++);
    await service.call('PATCH', `/keys/${id}`, { name: 'another' });
    expect(begun).toBe(0);
    await service.call('PATCH', `/keys/${id}`, { burst: 3 });
    await service.call('DELETE', `/keys/${id}`);
    expect(begun).toBe(2);
  });

  it('are not needed where a key expires: gateways know when. The sweep writes one audit entry, however many sweep', async () => {
    const clock = new ManualClock(Date.now());
    const url = await databases.next();
    const services = [await start(url, clock)];
    if (engine === 'postgres') services.push(await start(url, clock));
    const [one] = services as [TestKeyService];
    const { key_id: first } = await created(one, { expires_in_days: 1 });
    const expiring = [first, ...(await copyKey(one, first, 129))];
    const lasting = await created(one);
    clock.advance(86_400_000);
    const { db } = one.app.get(Database);
    const expired = async (): Promise<(string | null)[]> => {
      const actions = db.selectFrom('audit_log').select('key_id').where('action', '=', 'key.expired');
      return (await actions.execute()).map((row) => row.key_id);
    };
    await eventually(async () => {
      // One of the service's own timer that was under way when they expired has seen none of them.
      await Promise.all(services.map((service) => service.app.get(ExpirySweeper).sweep()));
      return (await expired()).length >= 130;
    });
    expect((await expired()).sort()).toEqual(expiring.sort());
    await one.call('DELETE', `/keys/${lasting.key_id}`);
    await eventually(() => gateways.every((gateway) => gateway.requests.length > 0));
    expect(gateways.map(told)).toEqual([[{ key_id: lasting.key_id }], [{ key_id: lasting.key_id }]]);
    expect(await one.app.get(ExpirySweeper).sweep()).toBe(0);
  });
});
