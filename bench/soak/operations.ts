import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import { sleep } from '../lib/poll.ts';
import { MOUNT } from '../peers/peer.ts';
import { exchange, type Ended, type ExchangeOptions } from './exchange.ts';
import type { Faulty } from './faults.ts';

export interface Surroundings {
  gatewayUrl: string;
  adminToken: string;
  agent: Agent;
  revokedFile: string;
  random: () => number;
  /** Takes every request to MLflow that was made, for the books. */
  book(ended: Ended, operation: string): void;
  /** Parts whose faults may have touched something that began then and ends now. */
  felt(sinceMs: number): Set<Faulty>;
  /** Takes what should not have been. */
  wrong(what: string): void;
  /** Whether the gateway has ended, which ends everything. */
  over(): boolean;
}

const DEADLINE_MS = 30_000;
/** A revocation must be seen everywhere within this. */
const REVOCATION_MS = 1000;
/** How often an invalidation is sent before 503 counts as its answer. */
const INVALIDATIONS = 3;
const LONG_LIVED_KEYS = Array.from({ length: 8 }, (_, index) => `hk_live_soakkept${index}`);

export interface Operation {
  name: string;
  /** How often, among all. */
  weight: number;
  run(around: Surroundings): Promise<void>;
}

const freshKey = (): string => `hk_live_soak${randomBytes(12).toString('hex')}`;
const keptKey = ({ random }: Surroundings): string =>
  LONG_LIVED_KEYS[Math.floor(random() * LONG_LIVED_KEYS.length)]!;

type Request = Partial<Omit<ExchangeOptions, 'url'>> & { path?: string; key: string; operation: string };

async function ask(
  around: Surroundings,
  { path = '/api/2.0/mlflow/experiments/search', key, operation, ...more }: Request,
): Promise<Ended> {
  const ended = await exchange({
    url: around.gatewayUrl + MOUNT + path,
    method: 'GET',
    agent: around.agent,
    deadlineMs: DEADLINE_MS,
    ...more,
    headers: { authorization: `Bearer ${key}`, ...more.headers },
  });
  around.book(ended, operation);
  if (ended.how === 'unanswered') around.wrong(`${operation}: unanswered (${ended.error ?? ''})`);
  return ended;
}

/**
 * The answer to a good key must be whole, or the trouble of a part that has some: an outage of MLflow is 502,
 * 503 or 504 or a cut body; one of the auth service is 503, and only for a key that nothing is known of.
 */
function judge(
  around: Surroundings,
  ended: Ended,
  since: number,
  { operation, known, right }: { operation: string; known: boolean; right: boolean },
): void {
  if (
    ended.how === 'left' ||
    ended.how === 'unanswered' ||
    (ended.how === 'complete' && ended.status === 200 && right)
  )
    return;
  const felt = around.felt(since);
  const excused =
    (felt.has('upstream') && (ended.how === 'truncated' || [502, 503, 504].includes(ended.status ?? 0))) ||
    (felt.has('auth') && !known && ended.status === 503);
  if (!excused)
    around.wrong(
      `${operation}: ${ended.how}, ${ended.status ?? '-'}, ${ended.body.slice(0, 200)} (faults: ${[...felt].join() || 'none'})`,
    );
}

/** The answer to a bad key must be 401, or 503 while nobody can tell whether it is bad. */
function refused(around: Surroundings, ended: Ended, since: number, operation: string): void {
  if (ended.how !== 'complete' || ended.status === 401) return;
  const felt = around.felt(since);
  if (ended.status === 503 && felt.has('auth')) return;
  const tookMs = Math.round(performance.now() - since);
  around.wrong(
    `${operation}: ${ended.status} in ${tookMs} ms, ${ended.body.slice(0, 200)} (faults: ${[...felt].join() || 'none'})`,
  );
}

/** An operation of one request with a key that is known for long. */
function simple(
  name: string,
  weight: number,
  request: Omit<Request, 'key' | 'operation'>,
  right: (ended: Ended) => boolean,
): Operation {
  return {
    name,
    weight,
    async run(around) {
      const since = performance.now();
      const ended = await ask(around, { ...request, key: keptKey(around), operation: name });
      judge(around, ended, since, { operation: name, known: true, right: right(ended) });
    },
  };
}

const UPLOAD_BYTES = 2 << 20;
const DOWNLOAD_BYTES = 1 << 20;
const EVENTS = 8;

const firstUse: Operation = {
  name: 'first use of a key',
  weight: 6,
  async run(around) {
    const since = performance.now();
    const ended = await ask(around, { key: freshKey(), operation: this.name });
    judge(around, ended, since, { operation: this.name, known: false, right: true });
  },
};

const badKey: Operation = {
  name: 'bad key',
  weight: 10,
  async run(around) {
    const since = performance.now();
    const key = `hk_live_wrong${around.random() < 0.5 ? '' : randomBytes(8).toString('hex')}`;
    refused(around, await ask(around, { key, operation: this.name }), since, this.name);
  },
};

/** As the key service sends it: what is answered 503 is sent again, for on a busy machine Redis may be late by itself. */
async function invalidate(around: Surroundings, key: string): Promise<Ended> {
  for (let attempt = 1; ; attempt++) {
    const told = await exchange({
      url: `${around.gatewayUrl}/internal/keys/invalidate`,
      method: 'POST',
      agent: around.agent,
      deadlineMs: DEADLINE_MS,
      headers: { authorization: `Bearer ${around.adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ key_id: key.slice(8) }),
    });
    if (told.status !== 503 || attempt === INVALIDATIONS) return told;
    await sleep(REVOCATION_MS);
  }
}

const revocation: Operation = {
  name: 'revocation',
  weight: 4,
  async run(around) {
    const since = performance.now();
    const key = freshKey();
    const first = await ask(around, { key, operation: this.name });
    judge(around, first, since, { operation: this.name, known: false, right: true });
    appendFileSync(around.revokedFile, `${key}\n`);
    const told = await invalidate(around, key);
    // While Redis is in trouble the other replicas cannot be told, and the sender has to repeat it; it holds here.
    const unshared = told.status === 503 && around.felt(since).has('redis');
    if (told.status !== 202 && !unshared)
      return around.wrong(`${this.name}: the invalidation was answered ${told.status ?? told.error}`);
    await sleep(REVOCATION_MS);
    const later = performance.now();
    refused(around, await ask(around, { key, operation: this.name }), later, this.name);
  },
};

/** Mixed traffic: what MLflow's clients do, what scanners do, and what networks do. */
export const OPERATIONS: readonly Operation[] = [
  simple('read', 40, {}, ({ body }) => body === '{"received":0}'),
  simple(
    'write',
    20,
    { method: 'POST', body: '{"max_results":5}', headers: { 'content-type': 'application/json' } },
    ({ body }) => body === '{"received":17}',
  ),
  simple(
    'upload',
    5,
    { method: 'PUT', path: '/api/2.0/mlflow-artifacts/artifacts/a', body: UPLOAD_BYTES },
    ({ body }) => body === `{"received":${UPLOAD_BYTES}}`,
  ),
  simple(
    'download',
    5,
    { path: `/api/2.0/mlflow-artifacts/artifacts/a?bytes=${DOWNLOAD_BYTES}` },
    ({ bytes }) => bytes === DOWNLOAD_BYTES,
  ),
  simple(
    'event stream',
    4,
    { path: `/gateway/events?count=${EVENTS}&every_ms=50` },
    ({ body }) => body.split('data: ').length - 1 === EVENTS,
  ),
  simple(
    'event stream left by its client',
    3,
    { path: '/gateway/events?count=100000&every_ms=20', leaveAfterMs: 200 },
    () => true,
  ),
  simple(
    'upload left by its client',
    3,
    { method: 'PUT', path: '/api/2.0/mlflow-artifacts/artifacts/b', body: UPLOAD_BYTES, leaveAfterMs: 300 },
    () => true,
  ),
  firstUse,
  badKey,
  revocation,
];

/** One of them, by weight. */
export function draw(random: () => number): Operation {
  let at = random() * OPERATIONS.reduce((sum, { weight }) => sum + weight, 0);
  return OPERATIONS.find(({ weight }) => (at -= weight) < 0) ?? OPERATIONS[0]!;
}
