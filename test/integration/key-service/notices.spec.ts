import { createHmac } from 'node:crypto';
import type { CreateKeyResponse } from '../../../src/contracts/keys/key-management.js';
import type { KeyNoticeMessage } from '../../../src/contracts/admin/notices.js';
import { KeyNotices } from '../../../src/key-service/notices/key-notices.js';
import { NoticeSender } from '../../../src/key-service/notices/notice.sender.js';
import { ENGINES, startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import { startTestKeyService, type TestKeyService } from '../../support/systems/key-service.js';
import { ManualClock } from '../../support/lib/manual-clock.js';
import {
  sendJson,
  startRecordingUpstream,
  type RecordingUpstream,
} from '../../support/servers/recording-upstream.js';

const DAY_MS = 86_400_000;
const SECRET = 'a-secret-of-the-webhook';

describe.each(ENGINES)('warnings of keys on %s', (engine) => {
  let databases: KeyDatabases;
  let receiver: RecordingUpstream;
  let status = 204;

  beforeAll(async () => {
    databases = await startKeyDatabases(engine);
    receiver = await startRecordingUpstream((_request, response) => sendJson(response, status, {}));
  });
  beforeEach(() => {
    receiver.requests.length = 0;
    status = 204;
  });
  afterAll(() => Promise.all([receiver?.close(), databases?.close()]));

  const start = async (clock: ManualClock, url?: string): Promise<TestKeyService> =>
    startTestKeyService(
      {
        DATABASE_URL: url ?? (await databases.next()),
        KEY_NOTICE_WEBHOOK_URL: `${receiver.url}/hook`,
        KEY_NOTICE_WEBHOOK_SECRETS: SECRET,
      },
      { clock },
    );
  const create = async (service: TestKeyService, fields: object): Promise<CreateKeyResponse> =>
    (
      await service.call<CreateKeyResponse>('POST', '/keys', {
        ...{ name: 'n', service_id: 'ml-platform' },
        ...fields,
      })
    ).body;
  const look = (service: TestKeyService): Promise<number> =>
    service.app.get(KeyNotices, { strict: false }).look();
  const send = (service: TestKeyService): Promise<void> =>
    service.app.get(NoticeSender, { strict: false }).send();
  const messages = (): KeyNoticeMessage[] =>
    receiver.requests.map(({ body }) => JSON.parse(body.toString()) as KeyNoticeMessage);

  it('come 14, 7 and 1 days before the end, each once, and never for a key that has a successor', async () => {
    const clock = new ManualClock();
    const service = await start(clock);
    try {
      await create(service, { name: 'long', expires_in_days: 30 });
      await create(service, { name: 'short', expires_in_days: 5 });
      await create(service, { name: 'endless' });
      const rotated = await create(service, { name: 'rotated', expires_in_days: 30 });
      await service.call('POST', `/keys/${rotated.key_id}/rotate`, { overlap_seconds: 30 * 86_400 });
      const warned: string[] = [];
      for (let day = 0; day < 31; day++) {
        // Each once, however often it looks.
        await look(service);
        await look(service);
        await send(service);
        warned.push(...messages().map(({ data }) => `${data.name} ${data.days} on day ${day}`));
        receiver.requests.length = 0;
        clock.advance(DAY_MS);
      }
      expect(warned.sort()).toEqual(
        [
          ...['long 14 on day 16', 'long 7 on day 23', 'long 1 on day 29'],
          // The successor of the rotated key.
          ...['rotated 14 on day 16', 'rotated 7 on day 23', 'rotated 1 on day 29'],
          'short 1 on day 4',
        ].sort(),
      );
      expect(service.logs.of('key_expires_soon').length).toBe(7);
    } finally {
      await service.close();
    }
  });

  it('are only one for a key near its end, even if no earlier one was sent', async () => {
    const clock = new ManualClock();
    const service = await start(clock);
    try {
      await create(service, { name: 'in three days', expires_in_days: 30 });
      await create(service, { name: 'in a day', expires_in_days: 28 });
      clock.advance(27 * DAY_MS);
      await look(service);
      await send(service);
      expect(
        messages()
          .map(({ data }) => `${data.name}: ${data.days}`)
          .sort(),
      ).toEqual(['in a day: 1', 'in three days: 7']);
    } finally {
      await service.close();
    }
  });

  it('come once when a key was not used for 90 days', async () => {
    const clock = new ManualClock();
    const service = await start(clock);
    try {
      await create(service, { name: 'unused' });
      clock.advance(89 * DAY_MS);
      await look(service);
      clock.advance(DAY_MS);
      await look(service);
      clock.advance(30 * DAY_MS);
      await look(service);
      await look(service);
      await send(service);
      expect(messages()).toMatchObject([{ type: 'key.unused', data: { name: 'unused', days: 90 } }]);
      expect(service.logs.of('key_unused')).toHaveLength(1);
    } finally {
      await service.close();
    }
  });

  it('are signed, and repeated with the same id until they are taken, also by the next start', async () => {
    const clock = new ManualClock();
    const url = await databases.next();
    const first = await start(clock, url);
    const key = await create(first, { expires_in_days: 20 });
    clock.advance(10 * DAY_MS);
    status = 500;
    await look(first);
    await send(first);
    expect(first.logs.of('key_notice_not_delivered')).toMatchObject([{ key_id: key.key_id, attempts: 1 }]);
    expect(first.logs.raw).not.toContain(SECRET);
    await first.close();
    status = 204;
    const second = await start(clock, url);
    try {
      await send(second);
      expect(receiver.requests).toHaveLength(1);
      clock.advance(60_000);
      await send(second);
      await send(second);
      expect(receiver.requests).toHaveLength(2);
      const [before, after] = receiver.requests;
      expect(after?.headers['webhook-id']).toBe(before?.headers['webhook-id']);
      const {
        'webhook-id': id,
        'webhook-timestamp': at,
        'webhook-signature': signature,
      } = after?.headers ?? {};
      const signed = `${String(id)}.${String(at)}.${after?.body.toString()}`;
      expect(signature).toBe(`v1,${createHmac('sha256', SECRET).update(signed).digest('base64')}`);
      expect(after?.body.toString()).not.toContain(key.api_key.slice(12));
    } finally {
      await second.close();
    }
  });
});

it('a webhook without a secret ends the start with a sentence', async () => {
  const start = startTestKeyService({
    DATABASE_URL: 'sqlite:///unused.sqlite',
    KEY_NOTICE_WEBHOOK_URL: 'http://127.0.0.1:9/hook',
  });
  await expect(start).rejects.toThrow('KEY_NOTICE_WEBHOOK_SECRETS is required');
});
