import bcrypt from 'bcrypt';
import { randomUUID } from 'node:crypto';
import { SlowHashVerifier } from '../../../src/key-service/hashing/slow-hash.verifier.js';
import { Database } from '../../../src/key-service/storage/database.js';
import { eventually } from '../../support/lib/eventually.js';
import { startKeyDatabases, type KeyDatabases } from '../../support/servers/key-databases.js';
import {
  startTestKeyService,
  type Answered,
  type TestKeyService,
} from '../../support/systems/key-service.js';

const SERVICE_TOKEN = 'service-token-of-the-gateway';
/** About a tenth of a second. */
const COST = 10;
const PREFIX = 'hk_live_imp';

/** Counts comparisons, real ones, and holds them up on demand. */
class Comparisons {
  running = 0;
  most = 0;
  held: Promise<void> | undefined;

  watch(service: TestKeyService): void {
    const verifier = service.app.get(SlowHashVerifier, { strict: false });
    const { firstMatch } = verifier;
    verifier.firstMatch = async (...args) => {
      this.most = Math.max(this.most, ++this.running);
      try {
        return await firstMatch.apply(verifier, args);
      } finally {
        this.running--;
      }
    };
  }
}

describe('imported keys that take long to compare', () => {
  let databases: KeyDatabases;
  let service: TestKeyService;

  beforeAll(async () => {
    databases = await startKeyDatabases('sqlite');
  });
  afterEach(() => service?.close());
  afterAll(() => databases?.close());

  async function start(env: Record<string, string>): Promise<void> {
    service = await startTestKeyService({
      DATABASE_URL: await databases.next(),
      SERVICE_TOKENS: SERVICE_TOKEN,
      ...env,
    });
  }

  /** Stores a key as the import does. */
  async function imported(key: string, cost = COST): Promise<void> {
    const { body } = await service.call('POST', '/keys', { name: 'n', service_id: 'ml-platform' });
    await service.app
      .get(Database)
      .db.updateTable('api_keys')
      .set({ key_hash: await bcrypt.hash(key, cost), hash_algorithm: 'bcrypt', key_prefix: PREFIX })
      .where('id', '=', String(body['key_id']))
      .execute();
  }

  const fromGateway = (key: string, clientIp: string): Promise<Answered> =>
    service.call(
      'POST',
      '/keys/validate',
      { api_key: key, client_ip: clientIp },
      { authorization: `Bearer ${SERVICE_TOKEN}` },
    );
  const wrong = (): string => `${PREFIX}${randomUUID()}`;

  it('are answered 503 for that key alone in a time of their own, and known when they are asked for again', async () => {
    await start({ BCRYPT_TIMEOUT_MS: '20' });
    const key = `${PREFIX}-the-right-one`;
    await imported(key, 11);
    const first = await fromGateway(key, '192.0.2.1');
    expect(first).toMatchObject({ status: 503, body: { error_code: 'KEY_CHECK_UNAVAILABLE' } });
    expect(first.headers.get('retry-after')).toBe('1');
    const other = await service.call('POST', '/keys', { name: 'n', service_id: 'ml-platform' });
    expect((await fromGateway(String(other.body['api_key']), '192.0.2.1')).status).toBe(200);
    await eventually(async () => (await fromGateway(key, '192.0.2.1')).status === 200);
  });

  it('of one client address leave room for those of others, however many it sends', async () => {
    await start({ BCRYPT_TIMEOUT_MS: '2000' });
    const key = `${PREFIX}-the-right-one`;
    await imported(key);
    let decided = 0;
    const flood = Array.from({ length: 55 }, async () => {
      const { status } = await fromGateway(wrong(), '198.51.100.1');
      if (status === 401) decided++;
      return status;
    });
    expect((await fromGateway(key, '192.0.2.1')).status).toBe(200);
    // It had a comparison of its own, and did not wait behind the 55.
    expect(decided).toBeLessThan(20);
    const statuses = await Promise.all(flood);
    expect(new Set(statuses)).toEqual(new Set([401, 503]));
  });

  it('wait in a queue that is bounded in time too', async () => {
    await start({ BCRYPT_TIMEOUT_MS: '100', BCRYPT_CONCURRENCY: '1', BCRYPT_MAX_QUEUED: '1000' });
    await imported(`${PREFIX}-the-right-one`);
    const comparisons = new Comparisons();
    comparisons.watch(service);
    const startMs = performance.now();
    const answers = await Promise.all(Array.from({ length: 60 }, () => fromGateway(wrong(), '192.0.2.1')));
    // Sixty comparisons one after the other take longer than this.
    expect(performance.now() - startMs).toBeLessThan(6000);
    expect(answers.filter(({ status }) => status === 503).length).toBeGreaterThan(50);
    // What nobody waits for any more is not compared.
    await eventually(() => comparisons.running === 0, { timeoutMs: 1000 });
  });

  it('count as failures of a caller that is not trusted', async () => {
    await start({ BCRYPT_TIMEOUT_MS: '10', RATE_LIMIT_FAILED_AUTH_PER_MINUTE: '3' });
    await imported(`${PREFIX}-the-right-one`, 12);
    const statuses: number[] = [];
    for (let n = 0; n < 4; n++)
      statuses.push((await service.call('POST', '/keys/validate', { api_key: wrong() }, {})).status);
    expect(statuses).toEqual([503, 503, 503, 429]);
    expect(await (await fetch(`${service.url}/metrics`)).text()).toContain(
      'key_validations_total{outcome="undecided"} 3',
    );
  });
});
