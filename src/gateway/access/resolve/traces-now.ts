import { Injectable } from '@nestjs/common';
import type { Need } from '../grants/decide.js';
import { MlflowLookup } from './mlflow-lookup.js';
import { OwnerResolver, type Asker } from './owner-resolver.js';

/** Ids that MLflow is asked about in one request. */
const BATCH = 100;
/** Traces that are looked up at the same time if MLflow must be asked about each one. */
const AT_ONCE = 8;

/** Experiments of traces as MLflow has them now: a trace can be moved, so earlier answers are not used. */
@Injectable()
export class TracesNow {
  constructor(
    private readonly lookup: MlflowLookup,
    private readonly owners: OwnerResolver,
  ) {}

  /**
   * Ids of experiments by those of their traces; a trace that does not exist is missing.
   *
   * @throws ProblemError `lookup-unavailable`
   */
  async experimentsOf(ids: readonly string[], asker: Asker): Promise<ReadonlyMap<string, string>> {
    const [first] = ids;
    if (first === undefined) return new Map();
    if (ids.length === 1) return this.oneByOne(ids, asker);
    const found = new Map<string, string>();
    for (let from = 0; from < ids.length; from += BATCH) {
      const batch = await this.batch(ids.slice(from, from + BATCH), asker);
      if (batch === undefined) return this.oneByOne(ids, asker);
      for (const [id, experiment] of batch) found.set(id, experiment);
    }
    return found;
  }

  /** Undefined where MLflow has no such call. */
  private async batch(
    ids: readonly string[],
    asker: Asker,
  ): Promise<ReadonlyMap<string, string> | undefined> {
    const answer = await this.lookup.post('/api/3.0/mlflow/traces/batchGetInfos', { trace_ids: ids }, asker);
    if (!answer.found) return undefined;
    const { trace_infos: infos = [] } = answer.body as { trace_infos?: TraceInfo[] };
    return new Map(
      infos.map(({ trace_id: id, trace_location: at }) => [id, at.mlflow_experiment.experiment_id]),
    );
  }

  private async oneByOne(ids: readonly string[], asker: Asker): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    const left = [...ids];
    const next = async (): Promise<void> => {
      for (let id = left.pop(); id !== undefined; id = left.pop()) {
        const need: Need = { named: { kind: 'trace', id, at: '' }, level: 'read' };
        const [owner] = (await this.owners.now(need, asker)).owners;
        if (owner?.kind === 'experiment') found.set(id, owner.id);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
    return found;
  }
}

interface TraceInfo {
  readonly trace_id: string;
  readonly trace_location: { readonly mlflow_experiment: { readonly experiment_id: string } };
}
