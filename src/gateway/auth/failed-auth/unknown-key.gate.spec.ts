import { setImmediate as turn } from 'node:timers/promises';
import { AuthServiceError } from '../auth-service/auth-service.error.js';
import type { FailedAuthLimiter } from './failed-auth-limiter.js';
import { UnknownKeyGate } from './unknown-key.gate.js';

let entrance: number | undefined;
let counted: string[];
let left: number;
let gate: UnknownKeyGate;

beforeEach(() => {
  entrance = 0;
  counted = [];
  left = 0;
  gate = new UnknownKeyGate({
    enter: async () => entrance,
    leave: () => left++,
    countRefusal: (ip: string) => counted.push(ip),
  } as unknown as FailedAuthLimiter);
});

const ADDRESS = '192.0.2.1';
const hanging = (): Promise<never> => new Promise(() => undefined);

it('of an address over its limit nothing is asked', async () => {
  entrance = 9;
  expect(await gate.run(ADDRESS, hanging)).toEqual({ kind: 'blocked', retryAfterSeconds: 9 });
  expect(left).toBe(0);
});

it('what was found is handed on, and the place is free again', async () => {
  for (let n = 0; n < 100; n++) expect(await gate.run(ADDRESS, async () => n)).toBe(n);
  expect(left).toBe(100);
});

it('48 calls are under way at most, and a wait ends in 503 with a time to come back', async () => {
  let begun = 0;
  const slow = (): Promise<never> => (begun++, hanging());
  for (let n = 0; n < 48; n++) void gate.run(`10.0.${n}.1`, slow);
  const patience = new AbortController();
  const late = gate.run(ADDRESS, slow, patience.signal);
  await turn();
  expect([begun, gate.waiting]).toEqual([48, 1]);
  patience.abort();
  await expect(late).rejects.toMatchObject({ fault: 'overloaded', ofOneKey: true, retryAfterSeconds: 2 });
  expect([begun, gate.waiting, counted]).toEqual([48, 0, []]);
});

it('who waits for too long in front of the limit of its address gets the same', async () => {
  entrance = undefined;
  await expect(gate.run(ADDRESS, hanging)).rejects.toMatchObject({ fault: 'overloaded' });
});

it.each([
  ['a time-out of this key alone', new AuthServiceError('timeout', undefined, 'key'), true],
  ['a key that could not be checked in time', new AuthServiceError('key-check', undefined, 'key'), true],
  ['a time-out that may be the service', new AuthServiceError('timeout'), false],
  ['another fault', new AuthServiceError('server-error'), false],
  ['a fault of the gateway', new TypeError('x'), false],
])('%s counts against its address: %s', async (_name, error, counts) => {
  await expect(gate.run(ADDRESS, () => Promise.reject(error))).rejects.toBe(error);
  expect([counted, left]).toEqual([counts ? [ADDRESS] : [], 1]);
});
