import type { KeyEntry } from './key-entry.js';
import { fromStored, toStored } from './stored-entry.js';

const facts = {
  keyId: 'k1',
  userId: null,
  serviceId: 'ml-platform',
  environment: null,
  scopes: ['mlflow:access'],
  expiresAtMs: 17,
  allowedIps: null,
  ratePerHour: 100,
  burst: null,
};
const entry: KeyEntry = {
  facts,
  addressBound: false,
  mark: { order: 3, redisUs: 5_000_000, local: true },
  startedAtMs: 1_000,
};

it('an entry comes back with its facts and its age by the clock of Redis', () => {
  const stored: unknown = JSON.parse(JSON.stringify(toStored(entry)));
  expect(fromStored(stored, 7_500_000, 99_000)).toEqual({
    facts,
    addressBound: false,
    mark: { order: 0, redisUs: 5_000_000, local: false },
    startedAtMs: 99_000 - 2_500,
  });
});

it('a clock of Redis that went back makes nothing younger than now', () => {
  expect(fromStored(toStored(entry), 1, 99_000)?.startedAtMs).toBe(99_000);
});

it('what was fetched while Redis was away is not shared', () => {
  expect(toStored({ ...entry, mark: { ...entry.mark, redisUs: undefined } })).toBeUndefined();
});

const good = toStored(entry);
it.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a text', 'x'],
  ['another version', { ...good, version: 2 }],
  ['no time', { ...good, startedAtUs: undefined }],
  ['a time that is no number', { ...good, startedAtUs: '5' }],
  ['no facts', { ...good, facts: null }],
  ['facts without allowed addresses', { ...good, facts: { ...facts, allowedIps: undefined } }],
  ['facts without scopes', { ...good, facts: { ...facts, scopes: undefined } }],
  ['facts without expiry', { ...good, facts: { ...facts, expiresAtMs: undefined } }],
  ['scopes that are a text', { ...good, facts: { ...facts, scopes: 'mlflow:access' } }],
  ['no word on addresses', { ...good, addressBound: undefined }],
])('what is no entry is none: %s', (_name, value) => expect(fromStored(value, 1, 1)).toBeUndefined());
