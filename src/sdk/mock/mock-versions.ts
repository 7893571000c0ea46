import type { ModelVersionMessage } from '../mlflow/generated/registry.types.js';
import { invalid, missing, required } from './mock-fault.js';
import type { MockHandlers } from './mock-handlers.js';
import { findModel, latestOfStages, toVersionMessage } from './mock-models.js';
import { pageOf, type Resolve, select } from './mock-search.js';
import type { MockStore, StoredModel, StoredVersion } from './mock-store.js';

const STAGES = ['None', 'Staging', 'Production', 'Archived'];

interface VersionOfModel {
  model: StoredModel;
  version: StoredVersion;
}

const attributes: Resolve<VersionOfModel> = ({ version: { message, tags } }, entity, key) => {
  if (entity === 'tag') return tags.get(key);
  const known: Record<string, string | number | undefined> = {
    name: message.name,
    run_id: message.run_id ?? '',
    source_path: message.source,
    version_number: Number(message.version),
    creation_timestamp: message.creation_timestamp,
    last_updated_timestamp: message.last_updated_timestamp,
  };
  if (!(key in known)) throw invalid(`Invalid attribute name: ${key}`);
  return known[key];
};

/** Model versions of the in-memory MLflow. */
export function versionHandlers(store: MockStore): MockHandlers {
  return { ...lookupHandlers(store), ...changeHandlers(store) };
}

function find(store: MockStore, name: string | undefined, number: string | undefined): VersionOfModel {
  const model = store.models.get(required(name, 'name'));
  const version = model?.versions.get(required(number, 'version'));
  if (!model || !version) throw missing(`Model Version (name=${name}, version=${number})`);
  return { model, version };
}

function touch(store: MockStore, found: VersionOfModel): VersionOfModel {
  found.version.message.last_updated_timestamp = store.tickMs();
  return found;
}

function answer({ model, version }: VersionOfModel): { model_version: ModelVersionMessage } {
  return { model_version: toVersionMessage(model, version) };
}

function lookupHandlers(store: MockStore): MockHandlers {
  return {
    getModelVersion: ({ name, version }) => answer(find(store, name, version)),
    getModelVersionByAlias({ name, alias }) {
      const number = findModel(store, name).aliases.get(required(alias, 'alias'));
      if (number === undefined) throw invalid(`Registered model alias ${alias} not found.`);
      return answer(find(store, name, number));
    },
    searchModelVersions(request) {
      const all = [...store.models.values()].flatMap((model) =>
        Array.from(model.versions.values(), (version) => ({ model, version })),
      );
      const found = select(all, attributes, request, [
        'last_updated_timestamp DESC',
        'name ASC',
        'version_number DESC',
      ]);
      const { items, ...token } = pageOf(found, { max_results: 10_000, ...request }, 200_000);
      // MLflow's search leaves the aliases out.
      const messages = items.map(({ model, version }) => ({
        ...toVersionMessage(model, version),
        aliases: [],
      }));
      return { model_versions: messages, ...token };
    },
    getLatestVersions({ name, stages = [] }) {
      const model = findModel(store, name);
      const latest = latestOfStages(model).filter(
        ({ message }) => stages.length === 0 || stages.some((one) => sameStage(one, message.current_stage)),
      );
      return { model_versions: latest.map((version) => toVersionMessage(model, version)) };
    },
    getModelVersionDownloadUri: ({ name, version }) => ({
      artifact_uri: find(store, name, version).version.message.source ?? '',
    }),
  };
}

function changeHandlers(store: MockStore): MockHandlers {
  return {
    createModelVersion: ({ name, source, ...rest }) =>
      answer(addVersion(store, findModel(store, name), { source: required(source, 'source'), ...rest })),
    updateModelVersion({ name, version, description }) {
      const found = touch(store, find(store, name, version));
      if (description !== undefined) found.version.message.description = description;
      return answer(found);
    },
    deleteModelVersion({ name, version }) {
      const { model } = find(store, name, version);
      model.versions.delete(version ?? '');
      for (const [alias, number] of model.aliases) if (number === version) model.aliases.delete(alias);
      return {};
    },
    transitionModelVersionStage({ name, version, stage, archive_existing_versions }) {
      const found = touch(store, find(store, name, version));
      const to = STAGES.find((one) => sameStage(one, stage));
      if (!to)
        throw invalid(`Invalid Model Version stage: ${stage}. Value must be one of ${STAGES.join(', ')}.`);
      if (archive_existing_versions)
        for (const { message } of found.model.versions.values())
          if (message.current_stage === to && message.version !== version) message.current_stage = 'Archived';
      found.version.message.current_stage = to;
      return answer(found);
    },
    setModelVersionTag({ name, version, key, value }) {
      find(store, name, version).version.tags.set(required(key, 'key'), value ?? '');
      return {};
    },
    deleteModelVersionTag({ name, version, key }) {
      find(store, name, version).version.tags.delete(required(key, 'key'));
      return {};
    },
  };
}

type NewVersion = Omit<Parameters<NonNullable<MockHandlers['createModelVersion']>>[0], 'name'>;

function addVersion(store: MockStore, model: StoredModel, made: NewVersion): VersionOfModel {
  const { source, run_id, tags = [], description, model_id } = made;
  const root = store.runs.get(run_id ?? '')?.info.artifact_uri;
  if (source.startsWith('mlflow-artifacts:') && !(root && `${source}/`.startsWith(`${root}/`)))
    throw invalid(
      `Invalid model version source: '${source}'. The run_id must identify the run that contains it.`,
    );
  const number = String(++model.lastVersion);
  const atMs = store.tickMs();
  const version: StoredVersion = {
    message: {
      name: model.message.name,
      version: number,
      creation_timestamp: atMs,
      last_updated_timestamp: atMs,
      current_stage: 'None',
      status: 'READY',
      source,
      ...(description && { description }),
      ...(run_id && { run_id }),
      ...(model_id && { model_id }),
    },
    tags: new Map(tags.map(({ key, value }) => [key ?? '', value ?? ''])),
  };
  model.versions.set(number, version);
  model.message.last_updated_timestamp = atMs;
  return { model, version };
}

function sameStage(a: string | undefined, b: string | undefined): boolean {
  return a?.toLowerCase() === b?.toLowerCase();
}
