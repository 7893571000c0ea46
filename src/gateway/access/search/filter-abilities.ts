import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import { MlflowLookup } from '../resolve/mlflow-lookup.js';

/** Lists that MLflow can be asked to restrict: model versions by what holds for registered models. */
export type RestrictedList = 'experiments' | 'registered-models';

interface Probed {
  readonly atMs: number;
  readonly answer: Promise<boolean>;
}

const KEEP_MS = 600_000;
const PROBES: Readonly<Record<RestrictedList, string>> = {
  experiments: `/api/2.0/mlflow/experiments/search?max_results=1&filter=${encodeURIComponent("experiment_id IN ('0')")}`,
  'registered-models': `/api/2.0/mlflow/registered-models/search?max_results=1&filter=${encodeURIComponent("name IN ('0')")}`,
};

/** Whether this MLflow takes lists of ids and names in its filters. It is asked, because no version number tells. */
@Injectable()
export class FilterAbilities {
  private readonly probed = new Map<RestrictedList, Probed>();

  constructor(
    private readonly lookup: MlflowLookup,
    private readonly clock: Clock,
  ) {}

  /** @throws ProblemError `lookup-unavailable` */
  takesLists(list: RestrictedList): Promise<boolean> {
    const known = this.probed.get(list);
    const now = this.clock.monotonicMs();
    if (known !== undefined && now - known.atMs < KEEP_MS) return known.answer;
    const probe: Probed = {
      atMs: now,
      answer: this.lookup.get(PROBES[list], { workspace: undefined }).then(({ found }) => found),
    };
    this.probed.set(list, probe);
    probe.answer.catch(() => {
      if (this.probed.get(list) === probe) this.probed.delete(list);
    });
    return probe.answer;
  }
}
