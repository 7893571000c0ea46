import { CacheNames } from './cache-names.js';

const KEY = 'hk_live_0123456789abcdef0123456789abcdef';

describe('the name of a key', () => {
  const names = new CacheNames(['a secret of all replicas'], 'ml-platform');

  it('is a digest of 46 characters, never the key', () => {
    expect(names.digest(KEY)).toMatch(/^[0-9a-f]{2}\.[A-Za-z0-9_-]{43}$/);
    for (const name of [names.digest(KEY), names.anyAddress(names.digest(KEY))])
      expect(name).not.toContain(KEY.slice(8));
  });

  it('is the same on every replica, with a secret and without', () => {
    expect(new CacheNames(['a secret of all replicas'], 'other').digest(KEY)).toBe(names.digest(KEY));
    expect(new CacheNames([], 's').digest(KEY)).toBe(new CacheNames([], 's').digest(KEY));
  });

  it('depends on the secret', () => {
    expect(new CacheNames(['another secret'], 'ml-platform').digest(KEY)).not.toBe(names.digest(KEY));
    expect(new CacheNames([], 'ml-platform').digest(KEY)).not.toBe(names.digest(KEY));
  });

  it('under several secrets is that of the first, and those of the others are known', () => {
    const digest = (secret: string): string => new CacheNames([secret], 's').digest(KEY);
    const both = new CacheNames(['secret one', 'secret two'], 's');
    expect([both.digest(KEY), both.otherDigests(KEY)]).toEqual([
      digest('secret one'),
      [digest('secret two')],
    ]);
  });

  it('begins the same under every secret, for one node of a cluster', () => {
    const [a, b] = ['secret one', 'secret two'].map((secret) => new CacheNames([secret], 's').digest(KEY));
    expect(a?.split('.')[0]).toBe(b?.split('.')[0]);
  });

  it('starts as the keys of old did', () =>
    expect(names.anyAddress('D')).toBe('key:validation:D:ml-platform'));
});

it('two different questions never have one name', () => {
  const services = ['ml', 'ml:192.0.2.1', 'ml%3A192.0.2.1', 'ml:', 'ml/192.0.2.1', '', ':', 'a:b:c'];
  const addresses = ['192.0.2.1', '2001:db8::1', '::1', '1'];
  const digests = [KEY, `${KEY}:`, `${KEY}:ml`].map((key) => new CacheNames(['s'], 'x').digest(key));
  const all: string[] = [];
  for (const service of services) {
    const names = new CacheNames(['s'], service);
    for (const digest of digests) {
      all.push(names.anyAddress(digest));
      for (const address of addresses) all.push(names.oneAddress(digest, address));
    }
  }
  expect(new Set(all).size).toBe(all.length);
});
