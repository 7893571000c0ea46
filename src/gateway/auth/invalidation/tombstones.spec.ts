import { subjectOfDigest, subjectOfId, Tombstones, type Mark } from './tombstones.js';

const HOUR_MS = 3_600_000;
const foreign = (redisUs: number | undefined): Mark => ({ order: 0, redisUs, local: false });
let stones: Tombstones;
beforeEach(() => {
  stones = new Tombstones(HOUR_MS, 100);
});

describe('facts from a call of this process', () => {
  it.each([
    ['its id', subjectOfId('k1')],
    ['its digest', subjectOfDigest('d1')],
  ])('that started before a tombstone on %s are unusable, from a later one usable', (_on, subject) => {
    const before = stones.mark(undefined);
    stones.add(subject, 0);
    const after = stones.mark(undefined);
    expect(stones.allows(before, 'd1', 'k1')).toBe(false);
    expect(stones.allows(after, 'd1', 'k1')).toBe(true);
  });

  it('are not touched by tombstones on other keys, nor by an id that looks like a digest', () => {
    const mark = stones.mark(undefined);
    stones.add(subjectOfId('k2'), 0);
    stones.add(subjectOfId('d1'), 0);
    stones.add(subjectOfDigest('k1'), 0);
    expect(stones.allows(mark, 'd1', 'k1')).toBe(true);
    expect(stones.allows(mark, 'd1', null)).toBe(true);
  });

  it('are compared by the order of events and by no clock', () => {
    const before = stones.mark(9_000_000);
    stones.add(subjectOfId('k1'), 0, 1_000_000);
    expect(stones.allows(before, 'd1', 'k1')).toBe(false);
  });
});

describe('facts that another replica fetched', () => {
  it.each([
    [1_000, 2_000, false],
    [2_000, 2_000, false],
    [2_001, 2_000, true],
    [undefined, 2_000, false],
    [3_000, undefined, false],
  ])('at Redis time %s with a tombstone at %s: usable %s', (startedUs, stoneUs, expected) => {
    stones.add(subjectOfDigest('d1'), 0, stoneUs);
    expect(stones.allows(foreign(startedUs), 'd1', 'k1')).toBe(expected);
  });

  it('become comparable when Redis has stored the tombstone', () => {
    const subject = subjectOfId('k1');
    stones.add(subject, 0);
    expect(stones.unshared()).toEqual([subject]);
    expect(stones.allows(foreign(5_000), 'd1', 'k1')).toBe(false);
    stones.shared(subject, 4_000, stones.mark(undefined));
    expect(stones.unshared()).toEqual([]);
    expect(stones.allows(foreign(5_000), 'd1', 'k1')).toBe(true);
    expect(stones.allows(foreign(3_000), 'd1', 'k1')).toBe(false);
  });

  it('stay unusable until Redis has every tombstone of this process, even if it has others', () => {
    const subject = subjectOfId('k1');
    stones.add(subject, 0);
    const first = stones.mark(undefined);
    stones.add(subject, 0);
    stones.add(subject, 0, 4_000);
    stones.shared(subject, 4_500, first);
    expect([stones.unshared(), stones.unsharedCount]).toEqual([[subject], 1]);
    expect(stones.allows(foreign(5_000), 'd1', 'k1')).toBe(false);
    stones.shared(subject, 4_600, stones.mark(undefined));
    expect([stones.unshared(), stones.unsharedCount]).toEqual([[], 0]);
    expect(stones.allows(foreign(5_000), 'd1', 'k1')).toBe(true);
  });
});

describe('a tombstone', () => {
  it('heard of twice is one, a later one is another', () => {
    expect(stones.add(subjectOfId('k1'), 0, 2_000)).toBe(true);
    const mark = stones.mark(undefined);
    expect(stones.add(subjectOfId('k1'), 1, 2_000)).toBe(false);
    expect(stones.add(subjectOfId('k1'), 1, 1_000)).toBe(false);
    expect(stones.allows(mark, 'd1', 'k1')).toBe(true);
    expect(stones.add(subjectOfId('k1'), 1, 3_000)).toBe(true);
    expect(stones.allows(mark, 'd1', 'k1')).toBe(false);
  });

  it('changes the generation, and only a new one does', () => {
    const start = stones.generation;
    stones.add(subjectOfId('k1'), 0, 2_000);
    const after = stones.generation;
    stones.add(subjectOfId('k1'), 0, 2_000);
    expect(after).not.toBe(start);
    expect(stones.generation).toBe(after);
  });

  it('lives as long as the longest window, then makes room', () => {
    stones.add(subjectOfId('old'), 0);
    stones.add(subjectOfId('young'), HOUR_MS - 1);
    expect(stones.size).toBe(2);
    stones.add(subjectOfId('new'), HOUR_MS + 1);
    expect([...stones.entries()].map(([subject]) => subject)).toEqual(['id:young', 'id:new']);
  });
});

it('more tombstones than there is room for make everything older unusable, and none is forgotten', () => {
  const small = new Tombstones(HOUR_MS, 3);
  const before = small.mark(undefined);
  for (let n = 0; n < 4; n++) small.add(subjectOfId(`k${n}`), 0, 1_000 + n);
  expect(small.size).toBeLessThanOrEqual(3);
  expect(small.allows(before, 'any', 'key')).toBe(false);
  expect(small.allows(foreign(1_001), 'any', 'key')).toBe(false);
  expect(small.allows(foreign(2_000), 'any', 'key')).toBe(true);
  expect(small.allows(small.mark(undefined), 'any', 'key')).toBe(true);
});
