import { BoundedMap } from './bounded-map.js';

describe('a bounded map', () => {
  it.each([1, 2, 3, 10, 101])('never holds more than its limit of %d', (limit) => {
    const map = new BoundedMap<number, string>(limit);
    for (let n = 0; n < 1000; n++) {
      map.set(n, `value ${n}`);
      expect(map.size).toBeLessThanOrEqual(limit);
    }
    expect(map.get(999)).toBe('value 999');
  });

  it('keeps what is in use while a flood of others passes', () => {
    const map = new BoundedMap<string, number>(100);
    map.set('in use', 1);
    for (let n = 0; n < 10_000; n++) {
      map.set(`flood ${n}`, n);
      expect(map.get('in use')).toBe(1);
    }
    expect(map.get('flood 0')).toBeUndefined();
  });

  it('holds one value for a key, the latest', () => {
    const map = new BoundedMap<string, number>(4);
    for (let n = 0; n < 9; n++) map.set('same', n);
    expect([map.get('same'), map.size]).toEqual([8, 1]);
  });

  it('forgets a deleted key in both generations', () => {
    const map = new BoundedMap<string, number>(4);
    map.set('old', 1);
    map.set('young', 2);
    map.set('newest', 3);
    for (const key of ['old', 'young', 'newest']) map.delete(key);
    expect([map.size, map.get('old'), map.get('newest')]).toEqual([0, undefined, undefined]);
  });
});
