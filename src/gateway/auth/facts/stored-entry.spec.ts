import { Signer } from '../shared-trust/signer.js';
import type { KeyEntry } from './key-entry.js';
import {
  fromStored,
  MAX_STORED_BYTES,
  toStored,
  type StoredContext,
  type StoredReading,
} from './stored-entry.js';

const NAME = 'key:validation:digest:ml-platform';
const signer = new Signer(['a-secret-of-all-replicas']);
const facts = {
  keyId: 'k1',
  userId: null,
  serviceId: 'ml-platform',
  serviceIds: ['ml-platform'],
  environment: null,
  scopes: ['mlflow:access'],
  expiresAtMs: 17,
  allowedIps: null,
  ratePerHour: 100,
  burst: null,
  searchesPerMinute: null,
  writesPerMinute: null,
  grants: { models: [{ name: 'team-a-*', level: 'read' as const }] },
};
const entry: KeyEntry = {
  facts,
  addressBound: false,
  mark: { order: 3, redisUs: 5_000_000, local: true },
  startedAtMs: 1_000,
};
const good = toStored(entry, NAME, signer);

function read(value: unknown, context: Partial<StoredContext> = {}): StoredReading {
  const stored: unknown = value === undefined ? undefined : JSON.parse(JSON.stringify(value));
  const now = { name: NAME, redisNowUs: 7_500_000, nowMs: 99_000, lifetimeMs: 60_000 };
  return fromStored(stored, signer, { ...now, ...context });
}

/** An entry that a gateway signed, with other content. */
function signed(content: unknown): unknown {
  const text = JSON.stringify(content);
  return { version: 2, content: text, signature: signer.sign('facts', NAME, text) };
}

it('an entry comes back with its facts and its age by the clock of Redis', () => {
  expect(read(good)).toEqual({
    entry: {
      facts,
      addressBound: false,
      mark: { order: 0, redisUs: 5_000_000, local: false },
      startedAtMs: 99_000 - 2_500,
    },
  });
});

it('what was fetched while Redis was away is not shared', () => {
  expect(toStored({ ...entry, mark: { ...entry.mark, redisUs: undefined } }, NAME, signer)).toBeUndefined();
});

it('what is longer than anybody would read is not written', () => {
  const allowedIps = Array.from({ length: 5000 }, (_, i) => `2001:db8::${i}`);
  expect(JSON.stringify(allowedIps).length).toBeGreaterThan(MAX_STORED_BYTES);
  expect(toStored({ ...entry, facts: { ...facts, allowedIps } }, NAME, signer)).toBeUndefined();
});

it.each<[string, unknown, string]>([
  ['another name', [good, { name: `${NAME}2` }], 'signature'],
  ['a clock of Redis that went back before it', [good, { redisNowUs: 4_999_999 }], 'future'],
  ['an age beyond any use', [good, { redisNowUs: 65_000_001 }], 'old'],
])('an entry is none under %s', (_what, args, fault) => {
  expect(read(...(args as Parameters<typeof read>))).toEqual({ fault });
});

it.each<[string, unknown, string]>([
  ['nothing', undefined, 'malformed'],
  ['null', null, 'malformed'],
  ['a text', 'x', 'malformed'],
  [
    'what replicas wrote before entries were signed',
    { version: 1, facts, addressBound: false, startedAtUs: 5_000_000 },
    'unsigned',
  ],
  ['another version', { ...good, version: 3 }, 'malformed'],
  ['no content', { ...good, content: undefined }, 'malformed'],
  ['content that is no text', { ...good, content: { facts } }, 'malformed'],
  ['other facts', { ...good, content: good?.content.replace('null', '"root"') }, 'signature'],
  ['another time', { ...good, content: good?.content.replace('5000000', '7000000') }, 'signature'],
  ['the signature of another secret', toStored(entry, NAME, new Signer(['another-secret'])), 'signature'],
  ['a signature that is a number', { ...good, signature: 1 }, 'signature'],
  ['null that a gateway signed', signed(null), 'malformed'],
  ['no time', signed({ facts, addressBound: false }), 'malformed'],
  ['a time that is no number', signed({ facts, addressBound: false, startedAtUs: '5' }), 'malformed'],
  ['no facts', signed({ facts: null, addressBound: false, startedAtUs: 5 }), 'malformed'],
  ['no word on addresses', signed({ facts, startedAtUs: 5 }), 'malformed'],
  ...Object.keys(facts).map((name): [string, unknown, string] => [
    `facts without ${name}`,
    signed({ facts: { ...facts, [name]: undefined }, addressBound: false, startedAtUs: 5_000_000 }),
    'malformed',
  ]),
  [
    'scopes that are a text',
    signed({ facts: { ...facts, scopes: 'mlflow:access' }, addressBound: false, startedAtUs: 5_000_000 }),
    'malformed',
  ],
])('what is no entry is none: %s', (_name, value, fault) => expect(read(value)).toEqual({ fault }));
