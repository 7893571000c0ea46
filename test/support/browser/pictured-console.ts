import { randomUUID } from 'node:crypto';
import type { RefusalRecord } from '../../../src/contracts/usage/refusals.js';
import type { UsageRecord } from '../../../src/contracts/usage/usage.js';
import { UsageRecorder } from '../../../src/key-service/usage/records/usage.recorder.js';
import { startGrantSystem } from '../systems/grant-system.js';
import { rotationTurn, startTestKeyService, type TestKeyService } from '../systems/key-service.js';
import { ManualClock } from '../lib/manual-clock.js';
import { seededRandom } from '../lib/random.js';
import { sendJson, startRecordingUpstream } from '../servers/recording-upstream.js';

/** The admin token of the one who looks. */
export const PICTURED_ADMIN_TOKEN = 'token-of-ana-of-the-pictures';

const GATEWAY_ADMIN_TOKEN = 'token-of-the-gateway-of-the-pictures';

const NOW_MS = Date.UTC(2026, 4, 20, 14, 30);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

interface Pictured {
  readonly name: string;
  readonly user_id: string;
  readonly service_id: string;
  readonly ageDays: number;
  /** Requests of a busy hour; 0 for a key that nobody uses. */
  readonly hourly: number;
  readonly more?: object;
}

const KEYS: readonly Pictured[] = [
  {
    name: 'dashboards',
    user_id: 'bo',
    service_id: 'ml-platform',
    ageDays: 200,
    hourly: 20,
    more: { scopes: ['mlflow:read'] },
  },
  { name: 'old notebook', user_id: 'cy', service_id: 'notebooks', ageDays: 150, hourly: 0 },
  {
    name: 'batch scoring',
    user_id: 'ana',
    service_id: 'batch',
    ageDays: 84,
    hourly: 35,
    more: { expires_in_days: 90, scopes: ['model:read', 'artifact:read'] },
  },
  {
    name: 'ci of the ranker',
    user_id: 'bo',
    service_id: 'ml-platform',
    ageDays: 60,
    hourly: 8,
    more: { expires_in_days: 365 },
  },
  {
    name: 'notebooks of team a',
    user_id: 'cy',
    service_id: 'notebooks',
    ageDays: 30,
    hourly: 14,
    more: { expires_in_days: 90 },
  },
  {
    name: 'nightly training',
    user_id: 'ana',
    service_id: 'ml-platform',
    ageDays: 20,
    hourly: 50,
    more: {
      scopes: ['experiment:write', 'artifact:write', 'model:write'],
      grants: {
        experiments: [{ name: 'team-a/*', level: 'write' }],
        models: [{ name: 'team-a-*', level: 'write' }],
      },
      rate_limit_per_hour: 20_000,
      allowed_ips: ['10.0.0.0/8'],
      expires_in_days: 90,
      description: 'Trains the ranker every night',
    },
  },
  {
    name: 'registry sync',
    user_id: 'dee',
    service_id: 'batch',
    ageDays: 3,
    hourly: 5,
    more: { expires_in_days: 30, environment: 'staging' },
  },
];

export interface PicturedConsole {
  readonly service: TestKeyService;
  /** Ids by name; `nightly training` is the one that took the old one's place. */
  readonly ids: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * A key service that looks as one that is in use, always at the same time of the same day, with a gateway.
 *
 * @param database URL of an empty one
 * @param mlflowUrl of the MLflow that the gateway asks
 */
export async function startPicturedConsole(database: string, mlflowUrl: string): Promise<PicturedConsole> {
  const clock = new ManualClock(NOW_MS - 200 * DAY_MS);
  for (const name of ['team-a/ranker', 'team-b/churn'])
    await fetch(`${mlflowUrl}/api/2.0/mlflow/experiments/create`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name }),
    });
  const system = await startGrantSystem(mlflowUrl, { GATEWAY_ADMIN_TOKEN }, { clock });
  const receiver = await startRecordingUpstream();
  // It takes every new key but those of one service.
  receiver.answer((request, response) =>
    sendJson(response, request.body.includes('"service_id":"notebooks"') ? 503 : 204, {}),
  );
  const env = {
    ...{ GATEWAY_ADMIN_TOKEN, GATEWAY_INVALIDATE_URLS: `${system.gateway.url}/internal/keys/invalidate` },
    ...{ KEY_ROTATION_WEBHOOK_URL: receiver.url, KEY_ROTATION_WEBHOOK_SECRETS: 'a-secret-of-the-pictures' },
    ...{ KEY_ROTATION_AWS_REGION: 'eu-central-1' },
    KEY_ROTATION_SECRETS: 'a-secret-that-seals-the-keys-of-the-pictures',
    DATABASE_URL: database,
    HOKUSAI_ADMIN_TOKEN: `ana:${PICTURED_ADMIN_TOKEN}`,
    CONSOLE_SESSION_SECRETS: 'secret-of-the-console-of-the-pictures',
    USAGE_FLUSH_INTERVAL_MS: '600000',
    USAGE_RETENTION_DAYS: '0',
  };
  const service = await startTestKeyService(env, { clock });
  const call = async (method: string, path: string, body: unknown): Promise<Record<string, string>> =>
    (
      await service.call<Record<string, string>>(method, path, body, {
        authorization: `Bearer ${PICTURED_ADMIN_TOKEN}`,
      })
    ).body;
  for (const [service_id, description] of [
    ['batch', 'Jobs that score and copy models'],
    ['notebooks', 'Notebooks of all teams'],
  ])
    await call('POST', '/services', { service_id, description });
  const ids: Record<string, string> = {};
  for (const { name, user_id, service_id, ageDays, more } of KEYS) {
    clock.advance(NOW_MS - ageDays * DAY_MS - clock.now());
    ids[name] = (await call('POST', '/keys', { name, user_id, service_id, ...more }))['key_id'] ?? '';
  }
  clock.advance(NOW_MS - 20 * HOUR_MS - clock.now());
  const old = ids['nightly training'] ?? '';
  ids['nightly training'] =
    (await call('POST', `/keys/${old}/rotate`, { overlap_seconds: 2 * 86_400 }))['key_id'] ?? '';
  await call('POST', '/keys/revoke', { key_ids: [ids['old notebook']], reason: 'cy has left the team' });
  for (const policy of policies(ids)) await call('POST', '/rotation-policies', policy);
  await rotationTurn(service);
  clock.advance(NOW_MS - clock.now());
  await rotationTurn(service);
  const records = KEYS.flatMap(({ name, hourly }) => usageOf(ids[name] ?? '', hourly));
  records.push(...usageOf(old, 6).map((one) => ({ ...one, client_ip: '10.0.1.7' })));
  for (let start = 0; start < records.length; start += 1000)
    await call('POST', '/usage', { records: records.slice(start, start + 1000) });
  await service.app.get(UsageRecorder, { strict: false }).flush();
  await call('POST', '/refusals', { records: refusals() });
  return {
    ...{ service, ids },
    close: async () => {
      await service.close();
      await Promise.all([system.close(), receiver.close()]);
    },
  };
}

function policies(ids: PicturedConsole['ids']): object[] {
  return [
    {
      ...{ key_id: ids['nightly training'], max_age_days: 30, delivery: 'aws-secrets-manager' },
      secret_id: 'mlflow/nightly-training',
    },
    { service_id: 'notebooks', max_age_days: 30, overlap_seconds: 2 * 86_400, delivery: 'webhook' },
    {
      ...{ service_id: 'batch', environment: 'staging', max_age_days: 4, delivery: 'webhook' },
      description: 'Copies of the registry',
    },
    { environment: 'production', max_age_days: 365, overlap_seconds: 7 * 86_400 },
  ];
}

/** Two days of requests with busy and quiet hours, the last of them three minutes ago. */
function usageOf(keyId: string, hourly: number): UsageRecord[] {
  const random = seededRandom(keyId.length + hourly);
  const endpoints = [
    'POST /api/2.0/mlflow/runs/log-batch',
    'GET /api/2.0/mlflow/runs/get',
    'POST /api/2.0/mlflow/runs/search',
  ];
  return Array.from({ length: 48 }, (_one, hour) => {
    const busy = 0.25 + 0.75 * Math.abs(Math.sin((hour + hourly) / 4));
    return Array.from({ length: Math.round(hourly * busy * random()) }, (_request, n) => ({
      id: randomUUID(),
      key_id: keyId,
      endpoint: endpoints[Math.floor(random() ** 2 * 3)] ?? '',
      timestamp: new Date(
        NOW_MS - 3 * MINUTE_MS - hour * HOUR_MS - Math.min(n, 20) * 2 * MINUTE_MS,
      ).toISOString(),
      response_time_ms: 5 + Math.floor(random() ** 3 * 400),
      status_code: [200, 200, 200, 200, 200, 200, 200, 404, 429, 503][Math.floor(random() * 10)] ?? 200,
      bytes_in: 400,
      bytes_out: 2000,
      client_ip: `10.0.1.${7 + Math.floor(random() * 4)}`,
    }));
  }).flat();
}

/** Refused keys of a day: an old key somewhere, and somebody who guesses. */
function refusals(): RefusalRecord[] {
  return Array.from({ length: 24 }, (_one, hour) =>
    (['expired', 'refused', 'mistyped'] as const).map((reason, n) => ({
      id: randomUUID(),
      minute: new Date(NOW_MS - hour * HOUR_MS).toISOString(),
      reason,
      network: ['10.0.1.9', '10.0.1.12', '192.0.2.44'][n] ?? null,
      key_prefix: n === 2 ? null : (['hk_live_o1dK', 'hk_test_Zq7r'][n] ?? null),
      key_id: null,
      count: 1 + ((hour * (n + 2)) % (5 + 4 * n)),
    })),
  ).flat();
}
