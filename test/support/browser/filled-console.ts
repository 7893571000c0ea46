import { randomUUID } from 'node:crypto';
import { MAX_USAGE_BATCH, type UsageRecord } from '../../../src/contracts/usage/usage.js';
import { LastUsedRecorder } from '../../../src/key-service/keys/last-used/last-used.recorder.js';
import { UsageRecorder } from '../../../src/key-service/usage/records/usage.recorder.js';
import { seededRandom } from '../lib/random.js';
import { isFullRun } from '../run/full-run.js';
import { startTestKeyService, type TestKeyService } from '../systems/key-service.js';

/** The admin token of the one who looks. */
export const ANA = 'token-of-ana-of-the-tests';
const BO = 'token-of-bo-of-the-tests-2';

/** Names that a page must show as they are. */
export const HOSTILE_NAMES = [
  `<img src=x onerror="document.title='owned'">`,
  `</script><script>document.title='owned'</script>`,
  `"><svg onload=alert(1)>`,
  'x'.repeat(200),
  '=HYPERLINK("http://192.0.2.1")',
];
/** From right to left, which must not turn around what follows it. */
const TURNED_NAME = 'שלום daily';

const HOUR_MS = 3_600_000;
const ENDPOINTS = [
  'POST /api/2.0/mlflow/runs/log-batch',
  'POST /api/2.0/mlflow/runs/search',
  'GET /artifacts',
];

export interface FilledConsole {
  readonly service: TestKeyService;
  /** What was reported, with the owner of each key. */
  readonly records: readonly (UsageRecord & { owner: string | null })[];
  readonly keys: readonly { id: string; name: string; owner: string | null }[];
}

/** A key service that has something to show on every screen. @param database URL of an empty one */
export async function fillConsole(database: string): Promise<FilledConsole> {
  const service = await startTestKeyService({
    DATABASE_URL: database,
    HOKUSAI_ADMIN_TOKEN: `ana:${ANA},bo:${BO}`,
    CONSOLE_SESSION_SECRETS: 'secret-of-the-console-of-the-tests-1',
    // A gateway that is down: what it is to be told waits.
    GATEWAY_INVALIDATE_URLS: 'http://127.0.0.1:9/internal/keys/invalidate',
    LOG_LEVEL: 'error',
  });
  const call = async (method: string, path: string, body: unknown): Promise<Record<string, unknown>> => {
    const answer = await service.call(method, path, body, { authorization: `Bearer ${ANA}` });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  for (const service_id of ['batch', 'notebooks']) await call('POST', '/services', { service_id });
  const owners = ['ana', 'bo', 'cy', null];
  const keys: { id: string; name: string; owner: string | null; key: string }[] = [];
  const names = [
    'nightly training',
    'ci',
    'notebooks',
    'model registry',
    'dashboards',
    'batch scoring',
    TURNED_NAME,
  ];
  for (const [n, name] of [...names, ...HOSTILE_NAMES].entries()) {
    const owner = owners[n % owners.length] ?? null;
    const created = await call('POST', '/keys', {
      name,
      service_id: ['ml-platform', 'batch', 'notebooks'][n % 3],
      ...(owner !== null && { user_id: owner }),
      ...(n % 4 === 1 && { expires_in_days: 3 + n }),
    });
    keys.push({ id: String(created['key_id']), name, owner, key: String(created['api_key']) });
  }
  const rotated = keys[4];
  if (rotated) await call('POST', `/keys/${rotated.id}/rotate`, { overlap_seconds: 86_400 });
  const records = usageOf(keys);
  for (let start = 0; start < records.length; start += MAX_USAGE_BATCH)
    await call('POST', '/usage', {
      records: records.slice(start, start + MAX_USAGE_BATCH).map(({ owner: _, ...one }) => one),
    });
  await service.app.get(UsageRecorder, { strict: false }).flush();
  await service.app.get(LastUsedRecorder, { strict: false }).flush();
  await call('POST', '/refusals', { records: refusals(keys[0]?.id ?? '') });
  for (const service_id of ['mlplatform', 'mlplatform', 'Not a service <b>'])
    await service.call('POST', '/keys/validate', { service_id, api_key: keys[0]?.key }, {});
  return { service, records, keys };
}

function usageOf(keys: readonly { id: string; owner: string | null }[]): FilledConsole['records'] {
  const random = seededRandom(11);
  const nowMs = Date.now();
  return Array.from({ length: isFullRun ? 4000 : 1600 }, () => {
    const key = keys[Math.floor(random() ** 2 * keys.length)] as (typeof keys)[number];
    const roll = random();
    return {
      id: randomUUID(),
      key_id: key.id,
      owner: key.owner,
      endpoint: ENDPOINTS[Math.floor(random() * ENDPOINTS.length)] as string,
      timestamp: new Date(nowMs - Math.floor(random() ** 2 * 20 * 24 * HOUR_MS)).toISOString(),
      response_time_ms: Math.floor(random() * 400),
      status_code: roll < 0.76 ? 200 : roll < 0.83 ? 404 : roll < 0.98 ? 429 : 503,
      bytes_in: Math.floor(random() * 1000),
      bytes_out: Math.floor(random() * 100_000),
      client_ip: `10.0.1.${1 + Math.floor(random() * 9)}`,
    };
  });
}

function refusals(keyId: string): Record<string, unknown>[] {
  const random = seededRandom(5);
  const reasons = ['missing', 'refused', 'expired', 'too-many-failed-attempts', 'address-not-allowed'];
  return Array.from({ length: 300 }, (_, n) => {
    const reason = reasons[Math.floor(random() ** 2 * reasons.length)] as string;
    return {
      id: randomUUID(),
      minute: new Date(Math.floor((Date.now() - random() * 23 * HOUR_MS) / 60_000) * 60_000).toISOString(),
      reason,
      network: n % 7 === 0 ? '2001:db8:0:1::/64' : `192.0.2.${1 + Math.floor(random() * 20)}`,
      key_prefix: reason === 'missing' ? null : 'hk_live_abcd',
      key_id: reason === 'expired' ? keyId : null,
      count: 1 + Math.floor(random() * 6),
    };
  });
}
