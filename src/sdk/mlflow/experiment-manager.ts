import { ConflictError, ValidationError } from '../errors.js';
import type { CallOptions } from '../http/transport.types.js';
import type { SdkOptions } from '../settings.js';
import { type Experiment, toExperiment, toPairs } from './experiment-entities.js';
import { clientOf, type MlflowClient } from './mlflow-client.js';
import { eachItem } from '../http/pages.js';
import { RunArtifacts } from './run-artifacts.js';
import { RunTracker } from './run-tracker.js';
import type { SearchOptions } from './search-options.js';

export interface CreateExperimentOptions extends CallOptions {
  readonly artifactLocation?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Experiments; their runs are under `runs`, the runs' files under `artifacts`. */
export class ExperimentManager {
  readonly client: MlflowClient;
  readonly runs: RunTracker;
  readonly artifacts: RunArtifacts;

  /** @throws ConfigurationError with all problems at once */
  constructor(source?: MlflowClient | SdkOptions) {
    this.client = clientOf(source);
    this.artifacts = new RunArtifacts(this.client);
    this.runs = new RunTracker(this.client);
  }

  /** @throws ConflictError where the name is taken, also by a deleted experiment */
  async create(
    name: string,
    { artifactLocation, tags, ...call }: CreateExperimentOptions = {},
  ): Promise<Experiment> {
    const { experiment_id } = await this.client.api.createExperiment(
      {
        name,
        ...(artifactLocation !== undefined && { artifact_location: artifactLocation }),
        tags: toPairs(tags),
      },
      call,
    );
    return this.get(experiment_id ?? '', call);
  }

  /** The experiment of that name, created if it does not exist. */
  async getOrCreate(name: string, options: CreateExperimentOptions = {}): Promise<Experiment> {
    try {
      return await this.create(name, options);
    } catch (error) {
      if (error instanceof ConflictError) return this.getByName(name, options);
      throw error;
    }
  }

  /** @throws NotFoundError */
  async get(experimentId: string, options?: CallOptions): Promise<Experiment> {
    const { experiment } = await this.client.api.getExperiment({ experiment_id: experimentId }, options);
    return toExperiment(experiment);
  }

  /** @throws NotFoundError */
  async getByName(name: string, { signal, timeoutMs, maxRetries }: CallOptions = {}): Promise<Experiment> {
    const call = { signal, timeoutMs, maxRetries };
    return toExperiment(
      (await this.client.api.getExperimentByName({ experiment_name: name }, call)).experiment,
    );
  }

  search(options: SearchOptions = {}): AsyncGenerator<Experiment, void, undefined> {
    const { filter, orderBy, limit, pageSize = 1000, viewType, ...call } = options;
    return eachItem(async (pageToken) => {
      const page = await this.client.api.searchExperiments(
        {
          max_results: positive('pageSize', pageSize),
          ...(filter !== undefined && { filter }),
          ...(orderBy && { order_by: [...orderBy] }),
          ...(viewType && { view_type: viewType }),
          ...(pageToken && { page_token: pageToken }),
        },
        call,
      );
      return { items: (page.experiments ?? []).map(toExperiment), nextPageToken: page.next_page_token };
    }, limit);
  }

  async rename(experimentId: string, newName: string, options?: CallOptions): Promise<void> {
    await this.client.api.updateExperiment({ experiment_id: experimentId, new_name: newName }, options);
  }

  /** Marks it and its runs deleted; `restore` undoes it. */
  async delete(experimentId: string, options?: CallOptions): Promise<void> {
    await this.client.api.deleteExperiment({ experiment_id: experimentId }, options);
  }

  async restore(experimentId: string, options?: CallOptions): Promise<void> {
    await this.client.api.restoreExperiment({ experiment_id: experimentId }, options);
  }

  async setTag(experimentId: string, key: string, value: string, options?: CallOptions): Promise<void> {
    await this.client.api.setExperimentTag({ experiment_id: experimentId, key, value }, options);
  }

  async deleteTag(experimentId: string, key: string, options?: CallOptions): Promise<void> {
    await this.client.api.deleteExperimentTag({ experiment_id: experimentId, key }, options);
  }
}

/** @throws ValidationError */
function positive(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new ValidationError(`${name} must be a positive integer`);
  return value;
}
