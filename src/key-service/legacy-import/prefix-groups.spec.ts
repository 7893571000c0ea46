import { MAX_BCRYPT_CANDIDATES } from '../hashing/slow-key-lookup.js';
import { crowdedPrefixes } from './prefix-groups.js';

const MOST = MAX_BCRYPT_CANDIDATES;
const crowded = (counts: Record<string, number>): string[] => [
  ...crowdedPrefixes(new Map(Object.entries(counts))),
];

describe('prefixes that too many keys share', () => {
  it('are those with more keys than a validation may compare', () => {
    expect(crowded({ hk_live_a: MOST, hk_live_b: MOST + 1 })).toEqual(['hk_live_b']);
  });

  it('count the keys of every shorter prefix that they begin with', () => {
    expect(crowded({ hk_live: MOST - 1, hk_live_a: 1 })).toEqual([]);
    expect(crowded({ hk_live_a: 2, hk_live: MOST - 1 })).toEqual(['hk_live_a']);
  });

  it('take no room from longer ones once they are left out themselves', () => {
    expect(crowded({ hk_live: MOST + 1, hk_live_a: MOST })).toEqual(['hk_live']);
  });
});
