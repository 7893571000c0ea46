import type { ModelVersionMessage, RegisteredModelMessage } from '../mlflow/generated/registry.types.js';
import { invalid, missing, required, taken } from './mock-fault.js';
import type { MockHandlers } from './mock-handlers.js';
import { pageOf, type Resolve, select } from './mock-search.js';
import { type MockStore, pairsOf, type StoredModel, type StoredVersion } from './mock-store.js';

const attributes: Resolve<StoredModel> = ({ message, tags }, entity, key) => {
  if (entity === 'tag') return tags.get(key);
  if (key === 'name') return message.name;
  if (key === 'last_updated_timestamp' || key === 'timestamp') return message.last_updated_timestamp;
  throw invalid(`Invalid attribute name: ${key}`);
};

/** @throws MockFault where there is no such model */
export function findModel(store: MockStore, name: string | undefined): StoredModel {
  const model = store.models.get(required(name, 'name'));
  if (!model) throw missing(`Registered Model with name=${name}`);
  return model;
}

/** Registered models of the in-memory MLflow. */
export function modelHandlers(store: MockStore): MockHandlers {
  return { ...wholeModelHandlers(store), ...labelHandlers(store) };
}

function wholeModelHandlers(store: MockStore): MockHandlers {
  const touch = (model: StoredModel): void => {
    model.message.last_updated_timestamp = store.tickMs();
  };
  return {
    createRegisteredModel({ name, tags = [], description }) {
      if (store.models.has(required(name, 'name'))) throw taken(`Registered Model (name=${name})`);
      const model: StoredModel = {
        message: { name, creation_timestamp: store.tickMs(), ...(description && { description }) },
        tags: new Map(tags.map(({ key, value }) => [key ?? '', value ?? ''])),
        aliases: new Map(),
        versions: new Map(),
        lastVersion: 0,
      };
      touch(model);
      store.models.set(name, model);
      return { registered_model: toMessage(model) };
    },
    getRegisteredModel: ({ name }) => ({ registered_model: toMessage(findModel(store, name)) }),
    renameRegisteredModel({ name, new_name }) {
      const model = findModel(store, name);
      const to = required(new_name, 'new_name');
      if (store.models.has(to)) throw taken(`Registered Model (name=${to})`);
      store.models.delete(model.message.name);
      model.message.name = to;
      for (const version of model.versions.values()) version.message.name = to;
      store.models.set(to, model);
      touch(model);
      return { registered_model: toMessage(model) };
    },
    updateRegisteredModel({ name, description }) {
      const model = findModel(store, name);
      model.message.description = description ?? '';
      touch(model);
      return { registered_model: toMessage(model) };
    },
    deleteRegisteredModel({ name }) {
      store.models.delete(findModel(store, name).message.name);
      return {};
    },
    searchRegisteredModels(request) {
      const found = select(store.models.values(), attributes, request, ['name ASC']);
      const { items, ...token } = pageOf(found, { max_results: 100, ...request }, 1000);
      return { registered_models: items.map(toMessage), ...token };
    },
  };
}

function labelHandlers(store: MockStore): MockHandlers {
  return {
    setRegisteredModelTag({ name, key, value }) {
      findModel(store, name).tags.set(required(key, 'key'), value ?? '');
      return {};
    },
    deleteRegisteredModelTag({ name, key }) {
      findModel(store, name).tags.delete(required(key, 'key'));
      return {};
    },
    setRegisteredModelAlias({ name, alias, version }) {
      const model = findModel(store, name);
      if (!model.versions.has(version ?? ''))
        throw missing(`Model Version (name=${name}, version=${version})`);
      model.aliases.set(required(alias, 'alias'), version ?? '');
      return {};
    },
    deleteRegisteredModelAlias({ name, alias }) {
      findModel(store, name).aliases.delete(required(alias, 'alias'));
      return {};
    },
  };
}

export function toVersionMessage(model: StoredModel, { message, tags }: StoredVersion): ModelVersionMessage {
  const aliases = [...model.aliases]
    .filter(([, version]) => version === message.version)
    .map(([alias]) => alias);
  return { ...message, tags: pairsOf(tags), aliases };
}

/** The highest version of each stage. */
export function latestOfStages(model: StoredModel): StoredVersion[] {
  const latest = new Map<string, StoredVersion>();
  for (const version of model.versions.values()) {
    const stage = version.message.current_stage ?? 'None';
    const before = latest.get(stage);
    if (!before || Number(version.message.version) > Number(before.message.version))
      latest.set(stage, version);
  }
  return [...latest.values()];
}

function toMessage(model: StoredModel): RegisteredModelMessage {
  return {
    ...model.message,
    tags: pairsOf(model.tags),
    aliases: Array.from(model.aliases, ([alias, version]) => ({ alias, version })),
    latest_versions: latestOfStages(model).map((version) => toVersionMessage(model, version)),
  };
}
