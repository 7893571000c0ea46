import { GENESIS_HASH, linkHash, type ChainLink } from './audit-chain.js';

const LINK: ChainLink = {
  seq: 1,
  at: '2026-01-01T00:00:00.000Z',
  action: 'key.created',
  actor: 'system',
  key_id: 'k1',
  request_id: null,
  client_ip: null,
  details: '{"name":"training"}',
  prev_hash: GENESIS_HASH,
};

describe('the hash of a link', () => {
  it('is the one that logs already hold', () => {
    expect(linkHash(LINK)).toBe('6478b241c668bd0e0dc9f8148182f3b3cfe51f9625731cfd42a03279d0d1e308');
  });

  it.each<[keyof ChainLink, Partial<ChainLink>]>([
    ['seq', { seq: 2 }],
    ['at', { at: '2026-01-01T00:00:00.001Z' }],
    ['action', { action: 'key.revoked' }],
    ['actor', { actor: 'import' }],
    ['key_id', { key_id: null }],
    ['request_id', { request_id: '' }],
    ['client_ip', { client_ip: '192.0.2.1' }],
    ['details', { details: '{"name": "training"}' }],
    ['prev_hash', { prev_hash: linkHash(LINK) }],
  ])('changes with %s', (_column, change) => {
    expect(linkHash({ ...LINK, ...change })).not.toBe(linkHash(LINK));
  });

  it('does not depend on how columns are ordered, nor does text move from one to the next unseen', () => {
    const turned = Object.fromEntries(Object.entries(LINK).reverse()) as unknown as ChainLink;
    expect(linkHash(turned)).toBe(linkHash(LINK));
    expect(linkHash({ ...LINK, action: 'a","b', actor: 'c' })).not.toBe(
      linkHash({ ...LINK, action: 'a', actor: 'b","c' }),
    );
  });
});
