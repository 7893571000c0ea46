import { Injectable } from '@nestjs/common';
import { matchesGlob } from '../../../lib/name-glob.js';
import { ProblemError } from '../../../lib/http/problem-error.js';
import { Clock } from '../../../platform/clock.js';
import type { GrantEntry, GrantLevel } from '../grants/grant-set.js';
import { includes } from '../grants/grant-set.js';
import { filterFor, Listings } from './listings.js';
import { MlflowLookup } from './mlflow-lookup.js';
import type { Asker } from './owner-resolver.js';

export interface ListedExperiment {
  readonly id: string;
  /** Empty where nobody asked for it. */
  readonly name: string;
  /** Address of its files; empty where MLflow gives none. */
  readonly location: string;
}

const PAGE = 1000;
/** Pages that one pattern may need. Beyond them the answer is 503, and an error is logged. */
const MAX_PAGES = 100;

/** Which experiments the patterns of a key open now, deleted ones too: for searches and lists. */
@Injectable()
export class GrantDirectory {
  private readonly listings: Listings<readonly ListedExperiment[]>;

  constructor(
    private readonly lookup: MlflowLookup,
    clock: Clock,
  ) {
    this.listings = new Listings(clock);
  }

  /**
   * Ids of all experiments that may be read: those granted by id in the order of the grants, then those granted by
   * name.
   *
   * @throws ProblemError `lookup-unavailable`
   */
  async readableExperiments(asker: Asker): Promise<readonly string[]> {
    const ids = new Set<string>();
    for (const [id, grant] of asker.grants.experimentIds) if (includes(grant.level, 'read')) ids.add(id);
    for (const { id } of await this.experiments(asker, 'read')) ids.add(id);
    return [...ids];
  }

  /**
   * All experiments that the patterns of the grants open at that level.
   *
   * @throws ProblemError `lookup-unavailable`
   */
  async experiments(asker: Asker, level: GrantLevel): Promise<readonly ListedExperiment[]> {
    const found: ListedExperiment[] = [];
    for (const grant of asker.grants.experimentNames)
      if (includes(grant.level, level)) found.push(...(await this.fitting(grant, asker)));
    return found;
  }

  /** To be called when an experiment is created or renamed through this gateway. */
  forget(): void {
    this.listings.forget();
  }

  private async fitting({ value }: GrantEntry, asker: Asker): Promise<readonly ListedExperiment[]> {
    const filter = filterFor(value);
    const listed = await this.listings.get(asker.workspace, filter, () => this.list(filter, asker));
    return listed.filter((one) => matchesGlob(value, one.name));
  }

  private async list(filter: string, asker: Asker): Promise<readonly ListedExperiment[]> {
    const experiments: ListedExperiment[] = [];
    let token: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const answer = await this.lookup.post(
        '/api/2.0/mlflow/experiments/search',
        {
          max_results: PAGE,
          view_type: 'ALL',
          ...(filter !== '' && { filter }),
          ...(token !== undefined && { page_token: token }),
        },
        asker,
      );
      if (!answer.found) break;
      const body = answer.body as { experiments?: Listed[]; next_page_token?: string };
      for (const listed of body.experiments ?? [])
        experiments.push({ id: listed.experiment_id, name: listed.name, location: locationIn(listed) });
      token = body.next_page_token;
      if (token === undefined || token === '') return experiments;
    }
    throw new ProblemError('lookup-unavailable', { retryAfterSeconds: 1, reason: 'directory' });
  }
}

interface Listed {
  readonly experiment_id: string;
  readonly name: string;
}

/** @param experiment as MLflow answers with it */
export function locationIn(experiment: unknown): string {
  const location = (experiment as { artifact_location?: unknown } | null | undefined)?.artifact_location;
  return typeof location === 'string' ? location : '';
}
