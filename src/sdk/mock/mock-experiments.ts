import type { ExperimentMessage, ViewTypeValue } from '../mlflow/generated/experiment.types.js';
import { invalid, missing, required, taken } from './mock-fault.js';
import type { MockHandlers } from './mock-handlers.js';
import { pageOf, type Resolve, select } from './mock-search.js';
import { type MockStore, pairsOf, type StoredExperiment } from './mock-store.js';

const attributes: Resolve<StoredExperiment> = ({ message, tags }, entity, key) => {
  if (entity === 'tag') return tags.get(key);
  const known: Record<string, string | number | undefined> = {
    name: message.name,
    experiment_id: Number(message.experiment_id),
    creation_time: message.creation_time,
    last_update_time: message.last_update_time,
  };
  if (entity !== 'attribute' || !(key in known)) throw invalid(`Invalid attribute key '${key}' specified`);
  return known[key];
};

/** Experiments of the in-memory MLflow. */
export function experimentHandlers(store: MockStore): MockHandlers {
  return { ...lookupHandlers(store), ...changeHandlers(store) };
}

function find(store: MockStore, id: string | undefined): StoredExperiment {
  const found = store.experiments.get(required(id, 'experiment_id'));
  if (!found) throw missing(`Experiment ${id}`);
  return found;
}

function named(store: MockStore, name: string): StoredExperiment | undefined {
  return [...store.experiments.values()].find(({ message }) => message.name === name);
}

function lookupHandlers(store: MockStore): MockHandlers {
  return {
    getExperiment: ({ experiment_id }) => ({ experiment: toMessage(find(store, experiment_id)) }),
    getExperimentByName({ experiment_name }) {
      const found = named(store, required(experiment_name, 'experiment_name'));
      if (!found) throw missing(`Experiment '${experiment_name}'`);
      return { experiment: toMessage(found) };
    },
    searchExperiments(request) {
      const visible = [...store.experiments.values()].filter(({ message }) =>
        inView(message.lifecycle_stage, request.view_type),
      );
      const found = select(visible, attributes, request, ['creation_time DESC', 'experiment_id ASC']);
      const { items, ...token } = pageOf(found, request, 50_000);
      return { experiments: items.map(toMessage), ...token };
    },
  };
}

function changeHandlers(store: MockStore): MockHandlers {
  const move = (id: string | undefined, from: string, to: string): StoredExperiment => {
    const { message } = find(store, id);
    if (message.lifecycle_stage !== from) throw invalid(`The experiment ${id} is not ${from}`);
    message.lifecycle_stage = to;
    message.last_update_time = store.tickMs();
    for (const run of store.runs.values()) if (run.info.experiment_id === id) run.info.lifecycle_stage = to;
    return find(store, id);
  };
  return {
    createExperiment({ name, artifact_location, tags = [] }) {
      if (named(store, required(name, 'name'))) throw taken(`Experiment '${name}'`);
      const made = store.addExperiment(name, artifact_location);
      for (const { key, value } of tags) made.tags.set(key ?? '', value ?? '');
      return { experiment_id: made.message.experiment_id };
    },
    updateExperiment({ experiment_id, new_name }) {
      const { message } = find(store, experiment_id);
      if (message.lifecycle_stage !== 'active') throw invalid('Cannot rename a non-active experiment.');
      if (named(store, required(new_name, 'new_name'))) throw taken(`Experiment '${new_name}'`);
      message.name = new_name;
      message.last_update_time = store.tickMs();
      return {};
    },
    deleteExperiment({ experiment_id }) {
      move(experiment_id, 'active', 'deleted');
      return {};
    },
    restoreExperiment({ experiment_id }) {
      move(experiment_id, 'deleted', 'active');
      return {};
    },
    setExperimentTag({ experiment_id, key, value }) {
      find(store, experiment_id).tags.set(required(key, 'key'), value ?? '');
      return {};
    },
    deleteExperimentTag({ experiment_id, key }) {
      if (!find(store, experiment_id).tags.delete(required(key, 'key'))) throw missing(`Tag '${key}'`);
      return {};
    },
  };
}

/** Whether something of that lifecycle stage is seen through a view. */
export function inView(stage: string | undefined, view: ViewTypeValue = 'ACTIVE_ONLY'): boolean {
  return view === 'ALL' || (stage === 'deleted') === (view === 'DELETED_ONLY');
}

function toMessage({ message, tags }: StoredExperiment): ExperimentMessage {
  return { ...message, tags: pairsOf(tags) };
}
