import { Histogram, Registry } from 'prom-client';
import { seededRandom } from '../../../test/support/lib/random.js';
import { RequestHistogram, type HistogramSeries } from './request-histogram.js';

const OPTIONS = {
  name: 'http_request_duration_seconds',
  help: 'Time of a request',
  labelNames: ['route', 'status'],
  buckets: [0.001, 0.25, 1, 10],
};

describe('RequestHistogram', () => {
  it.each([1, 2, 3])(
    'prints what a histogram of prom-client prints after the same observations (seed %i)',
    async (seed) => {
      const random = seededRandom(seed);
      const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
      const [ours, theirs] = [new Registry(), new Registry()];
      const histogram = new RequestHistogram(ours, OPTIONS);
      const reference = new Histogram({ ...OPTIONS, registers: [theirs] });
      const series = new Map<string, HistogramSeries>();
      for (let n = 0; n < 1000; n++) {
        const [route, status] = [pick(['mlflow', 'he"al\\th']), pick(['200', '503'])];
        const seconds = pick([0, random() * 20, random() / 1000, ...OPTIONS.buckets]);
        const name = `${route} ${status}`;
        if (!series.has(name)) series.set(name, histogram.labels(route, status));
        series.get(name)?.observe(seconds);
        reference.labels(route, status).observe(seconds);
      }
      expect(await ours.metrics()).toBe(await theirs.metrics());
    },
  );

  it('shows its zeroes before the first observation where it has no labels', async () => {
    const [ours, theirs] = [new Registry(), new Registry()];
    const { labelNames: _none, ...options } = OPTIONS;
    new RequestHistogram(ours, options).labels();
    new Histogram({ ...options, registers: [theirs] });
    expect(await ours.metrics()).toBe(await theirs.metrics());
  });

  it('does not let a name be taken twice', () => {
    const registry = new Registry();
    new RequestHistogram(registry, OPTIONS);
    expect(() => new RequestHistogram(registry, OPTIONS)).toThrow('already been registered');
  });
});
