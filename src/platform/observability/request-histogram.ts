import type { Metric, Registry } from 'prom-client';

export interface RequestHistogramOptions {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  /** Upper bounds, ascending; the one above all of them is added. */
  readonly buckets: readonly number[];
}

interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/**
 * A histogram for observations that every request makes: an observation adds to an array and allocates nothing, while
 * prom-client's own histogram builds strings for labels and bucket each time. prom-client's registry prints both in
 * the same way.
 *
 * Hot path: docs/decisions/0022-log-line-and-histograms-by-hand.md.
 */
export class RequestHistogram {
  readonly name: string;
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  private readonly series: HistogramSeries[] = [];

  constructor(
    registry: Registry,
    private readonly options: RequestHistogramOptions,
  ) {
    this.name = options.name;
    registry.registerMetric(this as unknown as Metric);
  }

  /**
   * The series of these label values. Ask once and keep it: a second call makes a second series of the same labels.
   *
   * @param values in the order of `labelNames`
   */
  labels(...values: readonly string[]): HistogramSeries {
    const names = this.options.labelNames ?? [];
    const labels = Object.fromEntries(names.map((name, index) => [name, values[index] as string]));
    const series = new HistogramSeries(labels, this.options.buckets);
    this.series.push(series);
    return series;
  }

  /** What prom-client's registry reads at each scrape. */
  get(): Promise<unknown> {
    const { name, type, aggregator } = this;
    const values = this.series.flatMap((series) => series.samples(name));
    return Promise.resolve({ name, help: this.options.help, type, aggregator, values });
  }
}

/** The observations of one set of label values. */
export class HistogramSeries {
  /**
   * Observations per bucket, not cumulative; then those above all bounds, and as the last entry the sum of all values.
   */
  private readonly cells: Float64Array;

  constructor(
    private readonly labels: Readonly<Record<string, string>>,
    private readonly bounds: readonly number[],
  ) {
    this.cells = new Float64Array(bounds.length + 2);
  }

  observe(value: number): void {
    const { bounds, cells } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++;
    cells[bucket]!++;
    cells[bounds.length + 1]! += value;
  }

  samples(name: string): Sample[] {
    const { bounds, cells, labels } = this;
    let count = 0;
    const buckets = [...bounds, '+Inf'].map((le, index) => {
      count += cells[index] as number;
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: cells[bounds.length + 1] as number },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }
}
