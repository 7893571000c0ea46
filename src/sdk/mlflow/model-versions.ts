import { ValidationError } from '../errors.js';
import type { CallOptions } from '../http/transport.types.js';
import { toPairs } from './experiment-entities.js';
import type { MlflowClient } from './mlflow-client.js';
import { ModelFiles } from './model-files.js';
import { type ModelLineage, traceLineage } from './model-lineage.js';
import type { RegistrySearchOptions } from './search-options.js';
import { eachItem } from '../http/pages.js';
import { type ModelStage, type ModelVersion, toModelVersion } from './registry-entities.js';

export interface CreateVersionOptions extends CallOptions {
  readonly runId?: string | undefined;
  readonly modelId?: string | undefined;
  readonly description?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** Versions of registered models; their files are under `files`. */
export class ModelVersions {
  readonly files: ModelFiles;
  readonly #client: MlflowClient;

  constructor(client: MlflowClient) {
    this.#client = client;
    this.files = new ModelFiles(client);
  }

  /** @throws NotFoundError where there is no such model */
  async create(name: string, source: string, options: CreateVersionOptions = {}): Promise<ModelVersion> {
    const { description, tags, ...rest } = options;
    // MLflow takes these addresses only together with the id that they name.
    const { runId = /^runs:\/+([^/]+)/.exec(source)?.[1], ...others } = rest;
    const { modelId = /^models:\/+(m-[^/]+)$/.exec(source)?.[1], ...call } = others;
    const { model_version } = await this.#client.api.createModelVersion(
      {
        name,
        source: await this.#resolveSource(source, call),
        tags: toPairs(tags),
        ...(runId !== undefined && { run_id: runId }),
        ...(modelId !== undefined && { model_id: modelId }),
        ...(description !== undefined && { description }),
      },
      call,
    );
    return toModelVersion(model_version);
  }

  /** @throws NotFoundError */
  async get(name: string, version: string, options?: CallOptions): Promise<ModelVersion> {
    return toModelVersion((await this.#client.api.getModelVersion({ name, version }, options)).model_version);
  }

  /** @throws NotFoundError or ValidationError where the alias points nowhere; servers differ */
  async getByAlias(name: string, alias: string, options?: CallOptions): Promise<ModelVersion> {
    const { model_version } = await this.#client.api.getModelVersionByAlias({ name, alias }, options);
    return toModelVersion(model_version);
  }

  /**
   * The version that a model address names: `models:/name/3`, `models:/name@champion`, `models:/name/Production`,
   * `models:/name/latest`.
   */
  async resolve(modelUri: string, options?: CallOptions): Promise<ModelVersion> {
    const parts = /^models:\/+([^/@]+)(?:@([^/@]+)|\/([^/@]+))$/.exec(modelUri);
    if (!parts)
      throw new ValidationError(
        'A model address is models:/<name>/<version or stage> or models:/<name>@<alias>',
      );
    const name = decodeURIComponent(parts[1] ?? '');
    const [, , alias, version = ''] = parts;
    if (alias !== undefined) return this.getByAlias(name, alias, options);
    if (/^\d+$/.test(version)) return this.get(name, version, options);
    const isLatest = version.toLowerCase() === 'latest';
    const found = await this.latest(name, isLatest ? [] : [version as ModelStage], options);
    const newest = found.sort((a, b) => Number(b.version) - Number(a.version))[0];
    if (!newest) throw new ValidationError(`${name} has no version in the stage ${version}`);
    return newest;
  }

  search(options: RegistrySearchOptions = {}): AsyncGenerator<ModelVersion, void, undefined> {
    const { filter, orderBy, limit, pageSize, ...call } = options;
    return eachItem(async (pageToken) => {
      const page = await this.#client.api.searchModelVersions(
        {
          ...(filter !== undefined && { filter }),
          ...(orderBy && { order_by: [...orderBy] }),
          ...(pageSize !== undefined && { max_results: pageSize }),
          ...(pageToken && { page_token: pageToken }),
        },
        call,
      );
      return { items: (page.model_versions ?? []).map(toModelVersion), nextPageToken: page.next_page_token };
    }, limit);
  }

  /** All versions of one model. */
  of(name: string, options?: CallOptions): AsyncGenerator<ModelVersion, void, undefined> {
    // The filter language quotes with ' or ", and has no escape for either.
    const quote = name.includes("'") ? '"' : "'";
    return this.search({ ...options, filter: `name = ${quote}${name}${quote}` });
  }

  /** The latest version of each stage, or of the stages given. */
  async latest(
    name: string,
    stages: readonly ModelStage[] = [],
    options?: CallOptions,
  ): Promise<ModelVersion[]> {
    const answer = await this.#client.api.getLatestVersions({ name, stages: [...stages] }, options);
    return (answer.model_versions ?? []).map(toModelVersion);
  }

  async describe(
    name: string,
    version: string,
    description: string,
    options?: CallOptions,
  ): Promise<ModelVersion> {
    const answer = await this.#client.api.updateModelVersion({ name, version, description }, options);
    return toModelVersion(answer.model_version);
  }

  async delete(name: string, version: string, options?: CallOptions): Promise<void> {
    await this.#client.api.deleteModelVersion({ name, version }, options);
  }

  /** Moves a version to a stage; with `archiveOthers` the versions that were there move to Archived. */
  async transition(
    name: string,
    version: string,
    stage: ModelStage,
    options: CallOptions & { readonly archiveOthers?: boolean } = {},
  ): Promise<ModelVersion> {
    const { archiveOthers = false, ...call } = options;
    const { model_version } = await this.#client.api.transitionModelVersionStage(
      { name, version, stage, archive_existing_versions: archiveOthers },
      call,
    );
    return toModelVersion(model_version);
  }

  async setTag(
    name: string,
    version: string,
    tag: { key: string; value: string },
    options?: CallOptions,
  ): Promise<void> {
    await this.#client.api.setModelVersionTag({ name, version, ...tag }, options);
  }

  async deleteTag(name: string, version: string, key: string, options?: CallOptions): Promise<void> {
    await this.#client.api.deleteModelVersionTag({ name, version, key }, options);
  }

  /** Where a version comes from: its run, experiment, logged model and datasets. */
  lineage(name: string, version: string, options?: CallOptions): Promise<ModelLineage> {
    return traceLineage(this.#client, name, version, options);
  }

  /** `runs:/<id>/<path>` as the run's own artifact address, which is what MLflow stores; anything else as it is. */
  async #resolveSource(source: string, options: CallOptions): Promise<string> {
    const parts = /^runs:\/+([^/]+)\/*(.*)$/.exec(source);
    if (!parts) return source;
    const { run } = await this.#client.api.getRun({ run_id: parts[1] ?? '' }, options);
    return [run?.info?.artifact_uri ?? '', parts[2]].filter(Boolean).join('/');
  }
}
