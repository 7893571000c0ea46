/** A seeded source of numbers in [0, 1): mulberry32. A failing property is repeated by its seed. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The most of `times` (ascending) that lie in any span of `spanMs`. */
export function busiestSpan(times: readonly number[], spanMs: number): number {
  let most = 0;
  let from = 0;
  times.forEach((time, to) => {
    while ((times[from] as number) <= time - spanMs) from++;
    most = Math.max(most, to - from + 1);
  });
  return most;
}
