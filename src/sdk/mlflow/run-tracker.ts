import { ValidationError } from '../errors.js';
import type { CallOptions } from '../http/transport.types.js';
import {
  fromNumber,
  type MetricPoint,
  type Run,
  type RunDataset,
  type RunStatus,
  toMetricPoint,
  toPairs,
  toRun,
} from './experiment-entities.js';
import type { SearchOptions } from './search-options.js';
import type { MetricMessage } from './generated/run.types.js';
import { toLogBatches } from './log-batches.js';
import type { MlflowClient } from './mlflow-client.js';
import { eachItem } from '../http/pages.js';

export interface StartRunOptions extends CallOptions {
  readonly name?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds since 1970; default now. */
  readonly startedAtMs?: number | undefined;
  /** Makes it a child of another run. */
  readonly parentRunId?: string | undefined;
}

/** One point of a metric. */
export interface MetricInput {
  readonly key: string;
  readonly value: number;
  /** Milliseconds since 1970; default now. */
  readonly timestampMs?: number | undefined;
  /** Default 0. */
  readonly step?: number | undefined;
}

export interface LogInput {
  readonly metrics?: Readonly<Record<string, number>> | readonly MetricInput[] | undefined;
  readonly params?: Readonly<Record<string, string | number | boolean>> | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** For metrics given as a record. */
  readonly step?: number | undefined;
}

/** Runs: start, log, end, search. */
export class RunTracker {
  readonly #client: MlflowClient;

  constructor(client: MlflowClient) {
    this.#client = client;
  }

  async start(experimentId: string, options: StartRunOptions = {}): Promise<Run> {
    const { name, tags, startedAtMs = Date.now(), parentRunId, ...call } = options;
    const allTags = { ...tags, ...(parentRunId && { 'mlflow.parentRunId': parentRunId }) };
    const { run } = await this.#client.api.createRun(
      { experiment_id: experimentId, run_name: name ?? '', start_time: startedAtMs, tags: toPairs(allTags) },
      call,
    );
    return toRun(run);
  }

  /**
   * Starts a run, does the work and ends the run as FINISHED, or as FAILED where the work throws; gives what the
   * work gives.
   */
  async within<T>(
    experimentId: string,
    work: (run: Run) => Promise<T>,
    options?: StartRunOptions,
  ): Promise<T> {
    const run = await this.start(experimentId, options);
    let result: T;
    try {
      result = await work(run);
    } catch (error) {
      // The work's own error is thrown, even if the run could not be ended.
      await this.end(run.runId, 'FAILED').catch(() => undefined);
      throw error;
    }
    await this.end(run.runId, 'FINISHED');
    return result;
  }

  async end(runId: string, status: RunStatus = 'FINISHED', options?: CallOptions): Promise<void> {
    await this.#client.api.updateRun({ run_id: runId, status, end_time: Date.now() }, options);
  }

  async rename(runId: string, name: string, options?: CallOptions): Promise<void> {
    await this.#client.api.updateRun({ run_id: runId, run_name: name }, options);
  }

  /** @throws NotFoundError */
  async get(runId: string, options?: CallOptions): Promise<Run> {
    return toRun((await this.#client.api.getRun({ run_id: runId }, options)).run);
  }

  /** Runs of one or more experiments. */
  search(
    experimentIds: readonly string[],
    options: SearchOptions = {},
  ): AsyncGenerator<Run, void, undefined> {
    const { filter, orderBy, limit, pageSize, viewType, ...call } = options;
    return eachItem(async (pageToken) => {
      const page = await this.#client.api.searchRuns(
        {
          experiment_ids: [...experimentIds],
          ...(filter !== undefined && { filter }),
          ...(orderBy && { order_by: [...orderBy] }),
          ...(pageSize !== undefined && { max_results: pageSize }),
          ...(viewType && { run_view_type: viewType }),
          ...(pageToken && { page_token: pageToken }),
        },
        call,
      );
      return { items: (page.runs ?? []).map(toRun), nextPageToken: page.next_page_token };
    }, limit);
  }

  /** Marks it deleted; `restore` undoes it. */
  async delete(runId: string, options?: CallOptions): Promise<void> {
    await this.#client.api.deleteRun({ run_id: runId }, options);
  }

  async restore(runId: string, options?: CallOptions): Promise<void> {
    await this.#client.api.restoreRun({ run_id: runId }, options);
  }

  /**
   * Logs any amount of metrics, parameters and tags, in as many requests as MLflow's limits ask for (1,000
   * metrics, 100 parameters, 100 tags each). They follow one another: after an error the earlier ones are done.
   */
  async log(runId: string, input: LogInput, options?: CallOptions): Promise<void> {
    const params = Object.entries(input.params ?? {}).map(([key, value]) => ({ key, value: String(value) }));
    const data = { metrics: toMetricMessages(input), params, tags: toPairs(input.tags) };
    for (const batch of toLogBatches(runId, data)) await this.#client.api.logBatch(batch, options);
  }

  /** One point of one metric. NaN is kept; MLflow's database turns infinities into the largest number. */
  async logMetric(runId: string, metric: MetricInput, options?: CallOptions): Promise<void> {
    const { key, value, timestampMs = Date.now(), step = 0 } = metric;
    await this.#client.api.logMetric(
      { run_id: runId, key, value: fromNumber(value), timestamp: timestampMs, step },
      options,
    );
  }

  /** @throws ValidationError where the parameter has another value already */
  async logParam(
    runId: string,
    key: string,
    value: string | number | boolean,
    options?: CallOptions,
  ): Promise<void> {
    await this.#client.api.logParam({ run_id: runId, key, value: String(value) }, options);
  }

  async setTag(runId: string, key: string, value: string, options?: CallOptions): Promise<void> {
    await this.#client.api.setTag({ run_id: runId, key, value }, options);
  }

  async deleteTag(runId: string, key: string, options?: CallOptions): Promise<void> {
    await this.#client.api.deleteTag({ run_id: runId, key }, options);
  }

  /** Says which datasets a run reads: what lineage is made of. */
  async logDatasets(
    runId: string,
    datasets: readonly (Omit<RunDataset, 'tags'> & { readonly tags?: Readonly<Record<string, string>> })[],
    options?: CallOptions,
  ): Promise<void> {
    const inputs = datasets.map(({ name, digest, sourceType, source, tags }) => ({
      dataset: { name, digest, source_type: sourceType, source },
      tags: toPairs(tags),
    }));
    await this.#client.api.logInputs({ run_id: runId, datasets: inputs }, options);
  }

  /** Every point of a metric, in the order of the server. */
  metricHistory(
    runId: string,
    key: string,
    options?: CallOptions,
  ): AsyncGenerator<MetricPoint, void, undefined> {
    return eachItem(async (pageToken) => {
      const page = await this.#client.api.getMetricHistory(
        { run_id: runId, metric_key: key, max_results: 10_000, ...(pageToken && { page_token: pageToken }) },
        options,
      );
      return { items: (page.metrics ?? []).map(toMetricPoint), nextPageToken: page.next_page_token };
    });
  }
}

function toMetricMessages({ metrics = {}, step: stepOfAll = 0 }: LogInput): MetricMessage[] {
  const nowMs = Date.now();
  const points: readonly MetricInput[] = Array.isArray(metrics)
    ? (metrics as readonly MetricInput[])
    : Object.entries(metrics as Record<string, number>).map(([key, value]) => ({
        key,
        value,
        step: stepOfAll,
      }));
  return points.map(({ key, value, timestampMs = nowMs, step = 0 }) => {
    if (typeof value !== 'number')
      throw new ValidationError(`The value of the metric "${key}" must be a number`);
    return { key, value: fromNumber(value), timestamp: timestampMs, step };
  });
}
