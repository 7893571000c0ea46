import { ConflictError } from '../errors.js';
import type { CallOptions } from '../http/transport.types.js';
import type { SdkOptions } from '../settings.js';
import { toPairs } from './experiment-entities.js';
import type { RegistrySearchOptions } from './search-options.js';
import { clientOf, type MlflowClient } from './mlflow-client.js';
import { ModelVersions } from './model-versions.js';
import { eachItem } from '../http/pages.js';
import { type ModelVersion, type RegisteredModel, toRegisteredModel } from './registry-entities.js';

export interface RegisterOptions extends CallOptions {
  readonly name: string;
  /**
   * Address of the model's artifacts: `runs:/<run id>/<path>`, `models:/<model id>`, an artifact address of a run
   * (with its `runId`), or one outside MLflow, such as `s3://…`.
   */
  readonly source: string;
  /** Default: the run that `source` names. */
  readonly runId?: string | undefined;
  /** MLflow 3's logged model; default: the one that `source` names. */
  readonly modelId?: string | undefined;
  readonly description?: string | undefined;
  /** Of the version. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** Aliases that are to point at the new version. */
  readonly aliases?: readonly string[] | undefined;
}

export interface CreateModelOptions extends CallOptions {
  readonly description?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** The model registry: models here, their versions under `versions`. */
export class ModelRegistry {
  readonly client: MlflowClient;
  readonly versions: ModelVersions;

  /** @throws ConfigurationError with all problems at once */
  constructor(source?: MlflowClient | SdkOptions) {
    this.client = clientOf(source);
    this.versions = new ModelVersions(this.client);
  }

  /** Makes a new version of a model, and the model if it does not exist. */
  async register(options: RegisterOptions): Promise<ModelVersion> {
    const { name, source, runId, modelId, description, tags, aliases = [], ...call } = options;
    try {
      await this.create(name, call);
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
    const made = await this.versions.create(name, source, { runId, modelId, description, tags, ...call });
    for (const alias of aliases) await this.setAlias(name, alias, made.version, call);
    return aliases.length === 0 ? made : this.versions.get(name, made.version, call);
  }

  /** @throws ConflictError where the name is taken */
  async create(name: string, options: CreateModelOptions = {}): Promise<RegisteredModel> {
    const { description, tags, ...call } = options;
    const { registered_model } = await this.client.api.createRegisteredModel(
      { name, tags: toPairs(tags), ...(description !== undefined && { description }) },
      call,
    );
    return toRegisteredModel(registered_model);
  }

  /** @throws NotFoundError */
  async get(name: string, options?: CallOptions): Promise<RegisteredModel> {
    return toRegisteredModel((await this.client.api.getRegisteredModel({ name }, options)).registered_model);
  }

  async rename(name: string, newName: string, options?: CallOptions): Promise<RegisteredModel> {
    const answer = await this.client.api.renameRegisteredModel({ name, new_name: newName }, options);
    return toRegisteredModel(answer.registered_model);
  }

  async describe(name: string, description: string, options?: CallOptions): Promise<RegisteredModel> {
    const answer = await this.client.api.updateRegisteredModel({ name, description }, options);
    return toRegisteredModel(answer.registered_model);
  }

  /** Deletes the model with all its versions, for good. */
  async delete(name: string, options?: CallOptions): Promise<void> {
    await this.client.api.deleteRegisteredModel({ name }, options);
  }

  search(options: RegistrySearchOptions = {}): AsyncGenerator<RegisteredModel, void, undefined> {
    const { filter, orderBy, limit, pageSize, ...call } = options;
    return eachItem(async (pageToken) => {
      const page = await this.client.api.searchRegisteredModels(
        {
          ...(filter !== undefined && { filter }),
          ...(orderBy && { order_by: [...orderBy] }),
          ...(pageSize !== undefined && { max_results: pageSize }),
          ...(pageToken && { page_token: pageToken }),
        },
        call,
      );
      return {
        items: (page.registered_models ?? []).map(toRegisteredModel),
        nextPageToken: page.next_page_token,
      };
    }, limit);
  }

  async setTag(name: string, key: string, value: string, options?: CallOptions): Promise<void> {
    await this.client.api.setRegisteredModelTag({ name, key, value }, options);
  }

  async deleteTag(name: string, key: string, options?: CallOptions): Promise<void> {
    await this.client.api.deleteRegisteredModelTag({ name, key }, options);
  }

  /** Points an alias at a version, away from where it pointed before. */
  async setAlias(name: string, alias: string, version: string, options?: CallOptions): Promise<void> {
    await this.client.api.setRegisteredModelAlias({ name, alias, version }, options);
  }

  async deleteAlias(name: string, alias: string, options?: CallOptions): Promise<void> {
    await this.client.api.deleteRegisteredModelAlias({ name, alias }, options);
  }
}
