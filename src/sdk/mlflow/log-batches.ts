import type { LogBatchRequest, MetricMessage, ParamMessage, RunTagMessage } from './generated/run.types.js';

/** MLflow's limits of one `runs/log-batch`. */
export const MAX_BATCH_METRICS = 1000;
export const MAX_BATCH_PARAMS = 100;
export const MAX_BATCH_TAGS = 100;
const MAX_BATCH_ENTITIES = 1000;

export interface LogData {
  readonly metrics?: readonly MetricMessage[];
  readonly params?: readonly ParamMessage[];
  readonly tags?: readonly RunTagMessage[];
}

/** MLflow refuses a request of 1 MB; the rest is room for the envelope. */
const MAX_BATCH_CHARACTERS = 900_000;

const LIMITS = { params: MAX_BATCH_PARAMS, tags: MAX_BATCH_TAGS, metrics: MAX_BATCH_METRICS };

interface Batch extends Required<LogBatchRequest> {
  entities: number;
  characters: number;
}

/** Any amount of data as requests within MLflow's limits, in order; none for no data. */
export function toLogBatches(runId: string, data: LogData): Required<LogBatchRequest>[] {
  const batches: Batch[] = [];
  const add = <K extends keyof typeof LIMITS>(
    kind: K,
    item: NonNullable<LogBatchRequest[K]>[number],
  ): void => {
    const characters = JSON.stringify(item).length + 1;
    // From the last batch of which an item of this kind may follow, so that order within a kind is kept.
    let batch = batches.findLast((one) => one[kind].length > 0) ?? batches[0];
    while (batch && !hasRoom(batch, kind, characters)) batch = batches[batches.indexOf(batch) + 1];
    if (!batch) {
      batch = { run_id: runId, metrics: [], params: [], tags: [], entities: 0, characters: 0 };
      batches.push(batch);
    }
    (batch[kind] as (typeof item)[]).push(item);
    batch.entities += 1;
    batch.characters += characters;
  };
  for (const item of data.params ?? []) add('params', item);
  for (const item of data.tags ?? []) add('tags', item);
  for (const item of data.metrics ?? []) add('metrics', item);
  return batches.map(({ run_id, metrics, params, tags }) => ({ run_id, metrics, params, tags }));
}

function hasRoom(batch: Batch, kind: keyof typeof LIMITS, characters: number): boolean {
  return (
    batch[kind].length < LIMITS[kind] &&
    batch.entities < MAX_BATCH_ENTITIES &&
    batch.characters + characters <= MAX_BATCH_CHARACTERS
  );
}
