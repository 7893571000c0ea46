import type { RedisClient } from '../../../platform/redis/redis-link.js';
import type { SharedFault } from '../shared-trust/refused-values.js';
import type { Signer } from '../shared-trust/signer.js';
import {
  INDEX,
  LOOK_UP_SCRIPT,
  MAX_SUBJECT_LENGTH,
  PAGE_SIZE,
  SINCE_SCRIPT,
  STONES,
  STORE_SCRIPT,
  TIME_SCRIPT,
} from './tombstone-scripts.js';
import type { Subject } from './tombstones.js';

/** A tombstone and the time that Redis gave it, microseconds. */
export interface SharedStone {
  readonly subject: Subject;
  readonly atUs: number;
}

/** The time of a tombstone, 0 if there is none; `unproven` for one that no gateway signed. */
export type FoundStone = number | 'unproven';

/** A page of what Redis holds. */
export interface StonePage {
  readonly stones: readonly SharedStone[];
  readonly refused: readonly SharedFault[];
  /** Where the next page begins; undefined if there is none. */
  readonly nextUs: number | undefined;
}

/** Gateways write no longer message. */
const MAX_MESSAGE_LENGTH = 4096;

/** Reads the clock and, in the same step, whether a subject has a tombstone. */
export async function lookUpTombstone(
  client: RedisClient,
  subject: Subject,
  signer: Signer,
): Promise<{ nowUs: number; tombstone: FoundStone }> {
  const reply = (await evaluate(client, LOOK_UP_SCRIPT, [subject])) as unknown[];
  const [now, score, value] = reply;
  return { nowUs: Number(now), tombstone: foundStone(subject, score, value, signer) };
}

export async function tombstoneOf(
  client: RedisClient,
  subject: Subject,
  signer: Signer,
): Promise<FoundStone> {
  const [score, value] = await Promise.all([client.zScore(INDEX, subject), client.hGet(STONES, subject)]);
  return foundStone(subject, score, value, signer);
}

/** The time of the Redis server now, microseconds: later than any that it gave before. */
export async function redisTime(client: RedisClient): Promise<number> {
  return Number(await evaluate(client, TIME_SCRIPT, []));
}

/**
 * Sets tombstones and tells all replicas, in one step. One that is there and later stays.
 *
 * @param atUs a time of `redisTime`
 */
export async function raiseTombstones(
  client: RedisClient,
  stones: readonly SharedStone[],
  lifetimeMs: number,
  signer: Signer,
): Promise<void> {
  await store(client, stones, { lifetimeMs, publish: true }, signer);
}

/** Puts back what Redis may have lost; an earlier time never replaces a later one. */
export async function restoreTombstones(
  client: RedisClient,
  stones: readonly SharedStone[],
  lifetimeMs: number,
  signer: Signer,
): Promise<void> {
  for (let i = 0; i < stones.length; i += PAGE_SIZE)
    await store(client, stones.slice(i, i + PAGE_SIZE), { lifetimeMs, publish: false }, signer);
}

/** Tombstones not older than a time, as far as one call reads. */
export async function tombstonesSince(
  client: RedisClient,
  sinceUs: number,
  signer: Signer,
): Promise<StonePage> {
  const reply = (await evaluate(client, SINCE_SCRIPT, [String(sinceUs)])) as unknown[];
  const [count, last, ...pairs] = reply;
  const stones: SharedStone[] = [];
  const refused: SharedFault[] = [];
  for (let i = 0; i < pairs.length; i += 2) {
    const [subject, value] = [pairs[i] as Subject, pairs[i + 1]];
    const atUs = stoneOf(subject, value, signer);
    if (atUs === 'unproven') refused.push('signature');
    else if (atUs === 0) refused.push('unsigned');
    else stones.push({ subject, atUs });
  }
  const lastUs = Number(last);
  // A full page with one time only would be read again and again.
  const nextUs = count === PAGE_SIZE ? (lastUs > sinceUs ? lastUs : sinceUs + 1) : undefined;
  return { stones, refused, nextUs };
}

/** The tombstone of a message that a gateway published. */
export function parseMessage(text: string, signer: Signer): SharedStone | { readonly fault: SharedFault } {
  if (text.length > MAX_MESSAGE_LENGTH) return { fault: 'size' };
  let message: { subject?: unknown; at_us?: unknown; signature?: unknown } | null;
  try {
    message = JSON.parse(text) as typeof message;
  } catch {
    return { fault: 'malformed' };
  }
  const { subject, at_us: at, signature } = message ?? {};
  const atUs = Number(at);
  if (typeof subject !== 'string' || typeof at !== 'string' || !Number.isSafeInteger(atUs))
    return { fault: 'malformed' };
  if (signature === undefined) return { fault: 'unsigned' };
  return signer.verifies(signature, 'tombstone', subject, atUs) ? { subject, atUs } : { fault: 'signature' };
}

async function store(
  client: RedisClient,
  stones: readonly SharedStone[],
  { lifetimeMs, publish }: { lifetimeMs: number; publish: boolean },
  signer: Signer,
): Promise<void> {
  if (stones.length === 0) return;
  const write = (some: readonly SharedStone[], force: boolean): Promise<unknown> =>
    evaluate(client, STORE_SCRIPT, [
      String(lifetimeMs),
      publish && !force ? '1' : '0',
      force ? '1' : '0',
      ...some.flatMap(({ subject, atUs }) => [
        subject,
        String(atUs),
        signer.sign('tombstone', subject, atUs),
      ]),
    ]);
  const kept = (await write(stones, false)) as unknown[];
  // A later tombstone must not replace this one if no gateway signed it.
  const forged = new Set<unknown>();
  for (let i = 0; i < kept.length; i += 2)
    if (stoneOf(kept[i] as Subject, kept[i + 1], signer) === 'unproven') forged.add(kept[i]);
  if (forged.size > 0)
    await write(
      stones.filter(({ subject }) => forged.has(subject)),
      true,
    );
}

/** A replica of an earlier version sets a score without a value. Its tombstones must count too. */
function foundStone(subject: Subject, score: unknown, value: unknown, signer: Signer): FoundStone {
  const stone = stoneOf(subject, value, signer);
  return stone !== 'unproven' && Number(score ?? 0) > stone ? 'unproven' : stone;
}

/** @param value `<time>.<signature>`, or anything else that was stored there */
function stoneOf(subject: Subject, value: unknown, signer: Signer): FoundStone {
  if (value === null || value === undefined || value === '') return 0;
  if (typeof value !== 'string' || subject.length > MAX_SUBJECT_LENGTH) return 'unproven';
  const [at = '', signature] = value.split('.', 2);
  const atUs = Number(at);
  return /^\d{1,16}$/.test(at) && signer.verifies(signature, 'tombstone', subject, atUs) ? atUs : 'unproven';
}

function evaluate(client: RedisClient, script: string, args: string[]): Promise<unknown> {
  return client.eval(script, { keys: [INDEX, STONES], arguments: args });
}
