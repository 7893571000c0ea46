import { keyFacts } from '../../../../test/support/lib/key-facts.js';
import { Registry } from 'prom-client';
import { ManualClock } from '../../../../test/support/lib/manual-clock.js';
import type { CachePolicy } from '../../resilience/cache.policy.js';
import type { UnknownKeyGate } from '../failed-auth/unknown-key.gate.js';
import { AuthMetrics } from '../auth.metrics.js';
import type { SharedTrust } from '../shared-trust/shared-trust.js';
import { subjectOfDigest, subjectOfId, Tombstones } from '../invalidation/tombstones.js';
import { AuthServiceError } from '../auth-service/auth-service.error.js';
import type { Validation } from '../auth-service/auth-service.reply.js';
import { CacheNames } from '../cache-names.js';
import { EntryValidity } from './entry-validity.js';
import { KeyCache } from './key-cache.js';
import { KeyDirectory } from './key-directory.js';
import { KnownKeys } from './known-keys.js';
import { MemoryFacts } from './memory-facts.js';
import { SharedFacts } from './shared-facts.js';

const POLICY: CachePolicy = { freshMs: 300, negativeMs: 30, staleWhileRevalidateMs: 60, staleIfErrorMs: 900 };
const FACTS = keyFacts();
const YES: Validation = { kind: 'valid', facts: FACTS, addressBound: false };
const NO: Validation = { kind: 'refused' };
const QUESTION = { key: 'a-key', clientIp: '192.0.2.1', requestId: 'r' };

let clock: ManualClock;
let stones: Tombstones;
let directory: KeyDirectory;
let blockedSeconds: number;
let outage: boolean;
let calls: number;
/** What the auth service does, call by call; the last one goes on. */
let script: (() => Promise<Validation> | Validation)[];

beforeEach(() => {
  clock = new ManualClock(0);
  stones = new Tombstones(10_000, 100);
  blockedSeconds = 0;
  outage = false;
  calls = 0;
  const validity = new EntryValidity(stones, POLICY, clock);
  const memory = new MemoryFacts({ cacheMaxEntries: 100, cacheMaxRefusals: 100 }, POLICY);
  const shared = new SharedFacts(null, 1000, clock, {} as SharedTrust);
  const cache = new KeyCache(new CacheNames([], 'ml'), memory, shared, validity, clock);
  const validator = {
    get away() {
      return outage;
    },
    validate: async (): Promise<Validation> => (script[Math.min(calls++, script.length - 1)] ?? fail)(),
  };
  const gate: Pick<UnknownKeyGate, 'run' | 'waiting'> = {
    waiting: 0,
    run: async (_clientIp, work) =>
      blockedSeconds > 0 ? { kind: 'blocked', retryAfterSeconds: blockedSeconds } : work(),
  };
  directory = new KeyDirectory(
    new KnownKeys(validity, 100),
    cache,
    validator,
    gate,
    new AuthMetrics(new Registry()),
  );
});

const fail = (): never => {
  throw new AuthServiceError('connection');
};
const kind = async (question = QUESTION): Promise<string> =>
  (await directory.find(question).catch((error: unknown) => ({ kind: (error as AuthServiceError).fault })))
    .kind;

it('an unknown key cannot be peeked at; once found it can, until its facts are old', async () => {
  script = [() => YES];
  expect(directory.peek(QUESTION)).toBeUndefined();
  expect(await kind()).toBe('valid');
  expect(directory.peek(QUESTION)?.cache).toBe('fresh');
  clock.elapsedMs = 299;
  expect(directory.peek(QUESTION)?.cache).toBe('fresh');
  clock.elapsedMs = 361;
  expect(directory.peek(QUESTION)).toBeUndefined();
  expect(calls).toBe(1);
});

it('a stale key is used at once and fetched again by one call, however often it is asked for', async () => {
  script = [() => YES];
  await kind();
  clock.elapsedMs = 310;
  for (let n = 0; n < 10; n++) expect(directory.peek(QUESTION)?.cache).toBe('stale');
  while (directory.inFlight > 0) await Promise.resolve();
  expect(calls).toBe(2);
  expect(directory.peek(QUESTION)?.cache).toBe('fresh');
});

it('during an outage cached facts are used at once, while one call per key finds out whether it is over', async () => {
  let answer = (): void => undefined;
  script = [() => YES, () => new Promise<Validation>((resolve) => (answer = () => resolve(YES)))];
  await kind();
  clock.elapsedMs = 400;
  outage = true;
  // None of these waits for the call that hangs.
  for (let n = 0; n < 10; n++)
    expect(await directory.find(QUESTION)).toMatchObject({ kind: 'valid', cache: 'stale_if_error' });
  expect([calls, directory.inFlight]).toEqual([2, 1]);
  answer();
  while (directory.inFlight > 0) await Promise.resolve();
  expect(directory.peek(QUESTION)?.cache).toBe('fresh');
});

it('a failed refresh leaves the stale facts in use', async () => {
  script = [() => YES, fail];
  await kind();
  clock.elapsedMs = 310;
  directory.peek(QUESTION);
  while (directory.inFlight > 0) await Promise.resolve();
  expect(directory.peek(QUESTION)?.cache).toBe('stale');
});

it.each([
  ['its id', subjectOfId('k1')],
  ['its digest', subjectOfDigest(new CacheNames([], 'ml').digest(QUESTION.key))],
])('a tombstone on %s ends fresh facts at once, and no failure brings them back', async (_on, subject) => {
  script = [() => YES, fail];
  await kind();
  stones.add(subject, clock.elapsedMs);
  expect(directory.peek(QUESTION)).toBeUndefined();
  expect(await kind()).toBe('connection');
});

it('a valid answer that a tombstone overtook is fetched again', async () => {
  script = [
    () => {
      stones.add(subjectOfId('k1'), 0);
      return YES;
    },
    () => NO,
  ];
  expect(await kind()).toBe('refused');
  expect(calls).toBe(2);
});

it('an answer that is invalidated each time is an outage, and the key does not count as valid', async () => {
  script = [
    () => {
      stones.add(subjectOfId('k1'), 0);
      return YES;
    },
  ];
  expect(await kind()).toBe('superseded');
  expect(directory.peek(QUESTION)).toBeUndefined();
});

it('a tombstone that comes while a call fails takes the stale facts with it', async () => {
  script = [
    () => YES,
    () => {
      stones.add(subjectOfId('k1'), 0);
      return fail();
    },
  ];
  await kind();
  clock.elapsedMs = 500;
  expect(await kind()).toBe('connection');
});

it('a refusal removes the cached facts', async () => {
  script = [() => YES, () => NO];
  await kind();
  clock.elapsedMs = 310;
  directory.peek(QUESTION);
  while (directory.inFlight > 0) await Promise.resolve();
  expect(directory.peek(QUESTION)).toBeUndefined();
  expect(await kind()).toBe('refused');
  expect(calls).toBe(2);
});

it('only unknown keys are kept from a blocked address', async () => {
  script = [() => YES];
  await kind();
  blockedSeconds = 17;
  expect(await directory.find({ ...QUESTION, key: 'another' })).toMatchObject({
    kind: 'blocked',
    retryAfterSeconds: 17,
  });
  clock.elapsedMs = 500;
  expect(await kind()).toBe('valid');
  expect(calls).toBe(2);
});

it('what holds for one address is looked up for every other one, all of them at once', async () => {
  const bound: Validation = { ...YES, addressBound: true };
  script = [() => bound];
  const addresses = Array.from({ length: 20 }, (_one, n) => `192.0.2.${n % 10}`);
  const kinds = await Promise.all(addresses.map((clientIp) => kind({ ...QUESTION, clientIp })));
  expect(new Set(kinds)).toEqual(new Set(['valid']));
  expect(calls).toBe(10);
});

it('nothing stays in flight, however a call ends', async () => {
  script = [fail, () => NO, () => ({ kind: 'forbidden' }), () => YES];
  for (const key of ['a', 'b', 'c', 'd']) await kind({ ...QUESTION, key });
  expect(directory.inFlight).toBe(0);
});
