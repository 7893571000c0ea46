/** How many requests took how many microseconds. */
export type Latencies = ReadonlyMap<number, number>;

/**
 * Takes back what wrk 4 adds to its latencies (`stats_correct` in its `stats.c`, against coordinated omission): for each
 * request that took twice the mean or more it counts others, never sent, that would have waited meanwhile. At one
 * connection, where the next request cannot come before, they hide how long requests take: a stall of 4 ms becomes ten.
 * @param corrected as wrk gives them to `done`
 * @param intervalUs mean time between the requests of a connection, as wrk rounds it
 * @throws Error where they were not made in this way
 */
export function sentOnly(corrected: Latencies, intervalUs: number): Latencies {
  const sent = new Map(corrected);
  for (const us of [...corrected.keys()].sort((a, b) => b - a)) {
    const count = sent.get(us)!;
    if (us < 2 * intervalUs) continue;
    for (let added = us - intervalUs; added > intervalUs; added -= intervalUs)
      sent.set(added, (sent.get(added) ?? 0) - count);
  }
  if ([...sent.values()].some((count) => count < 0))
    throw new Error('wrk corrected latencies in another way');
  return new Map([...sent].filter(([, count]) => count > 0));
}

/** The time, in ms, that a share `q` (0 to 1) of the requests did not exceed (nearest rank). NaN of none. */
export function latencyQuantileMs(latencies: Latencies, q: number): number {
  const total = [...latencies.values()].reduce((sum, count) => sum + count, 0);
  let seen = 0;
  for (const [us, count] of [...latencies].sort(([a], [b]) => a - b)) {
    seen += count;
    if (seen >= q * total) return us / 1000;
  }
  return NaN;
}
