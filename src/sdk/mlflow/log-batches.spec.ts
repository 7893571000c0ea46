import { MAX_BATCH_METRICS, MAX_BATCH_PARAMS, MAX_BATCH_TAGS, toLogBatches } from './log-batches.js';

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const metric = (step: number): { key: string; value: number; timestamp: number; step: number } => ({
  ...{ key: 'loss', value: step, timestamp: 1, step },
});
const pair = (index: number): { key: string; value: string } => ({ key: `k${index}`, value: 'v' });

describe('toLogBatches', () => {
  it('makes no request of nothing', () => {
    expect(toLogBatches('r', {})).toEqual([]);
  });

  it('keeps every item once, in order, and every limit of MLflow', () => {
    const data = { metrics: many(2500, metric), params: many(250, pair), tags: many(150, pair) };
    const batches = toLogBatches('r', data);
    expect(batches.flatMap(({ metrics }) => metrics)).toEqual(data.metrics);
    expect(batches.flatMap(({ params }) => params)).toEqual(data.params);
    expect(batches.flatMap(({ tags }) => tags)).toEqual(data.tags);
    for (const { run_id, metrics, params, tags } of batches) {
      expect(run_id).toBe('r');
      expect(params.length).toBeLessThanOrEqual(MAX_BATCH_PARAMS);
      expect(tags.length).toBeLessThanOrEqual(MAX_BATCH_TAGS);
      expect(metrics.length + params.length + tags.length).toBeLessThanOrEqual(MAX_BATCH_METRICS);
    }
  });

  it('wastes no request: as few as the limits allow', () => {
    expect(toLogBatches('r', { metrics: many(1000, metric) })).toHaveLength(1);
    expect(toLogBatches('r', { metrics: many(1001, metric) })).toHaveLength(2);
    expect(
      toLogBatches('r', { metrics: many(800, metric), params: many(100, pair), tags: many(100, pair) }),
    ).toHaveLength(1);
  });

  it('stays below 1 MB a request', () => {
    const params = many(90, (index) => ({ key: `k${index}`, value: 'x'.repeat(30_000) }));
    const batches = toLogBatches('r', { params });
    expect(batches.length).toBeGreaterThan(2);
    for (const batch of batches) expect(JSON.stringify(batch).length).toBeLessThan(1_000_000);
    expect(batches.flatMap((batch) => batch.params)).toEqual(params);
  });
});
