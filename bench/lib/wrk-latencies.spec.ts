import { latencyQuantileMs, sentOnly, type Latencies } from './wrk-latencies.ts';

/** wrk's own way: upwards from twice the interval, each with the counts it had before. */
function asWrkCorrects(sent: Latencies, intervalUs: number): Latencies {
  const data = new Map(sent);
  for (let us = 2 * intervalUs; us <= Math.max(...sent.keys()); us += 1) {
    const count = data.get(us) ?? 0;
    for (let added = us - intervalUs; count > 0 && added > intervalUs; added -= intervalUs)
      data.set(added, (data.get(added) ?? 0) + count);
  }
  return data;
}

describe('latencies of wrk', () => {
  it('are those of requests that were sent: a stall counts once', () => {
    const corrected = new Map([
      [350, 990],
      [4000, 1],
      ...Array.from({ length: 8 }, (_one, n): [number, number] => [3600 - n * 400, 1]),
    ]);
    expect(sentOnly(corrected, 400)).toEqual(
      new Map([
        [350, 990],
        [4000, 1],
      ]),
    );
  });

  it.each([1, 2, 3, 4, 5])('come back whole from what wrk makes of them (seed %i)', (seed) => {
    let state = seed;
    const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const sent = new Map<number, number>();
    for (let request = 0; request < 3000; request += 1) {
      const us = Math.round(random() < 0.97 ? 80 + 60 * random() : 100 + 3000 * random());
      sent.set(us, (sent.get(us) ?? 0) + 1);
    }
    const corrected = asWrkCorrects(sent, 117);
    expect([...corrected.values()].reduce((a, b) => a + b)).toBeGreaterThan(3100);
    expect(sentOnly(corrected, 117)).toEqual(sent);
  });

  it('are refused where wrk counted in another way', () => {
    expect(() => sentOnly(new Map([[1000, 5]]), 300)).toThrow('another way');
  });

  it('have the quantiles of nearest rank', () => {
    const latencies = new Map([
      [2000, 1],
      [100, 98],
      [1000, 1],
    ]);
    expect([0.5, 0.98, 0.99, 1].map((q) => latencyQuantileMs(latencies, q))).toEqual([0.1, 0.1, 1, 2]);
    expect(latencyQuantileMs(new Map(), 0.5)).toBeNaN();
  });
});
