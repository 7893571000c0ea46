import type { ExperimentMessage } from '../mlflow/generated/experiment.types.js';
import type { ModelVersionMessage, RegisteredModelMessage } from '../mlflow/generated/registry.types.js';
import type { DatasetInputMessage, MetricMessage, RunInfoMessage } from '../mlflow/generated/run.types.js';

export interface StoredRun {
  info: RunInfoMessage & { run_id: string; experiment_id: string };
  /** Every point, in the order of arrival. */
  points: MetricMessage[];
  params: Map<string, string>;
  tags: Map<string, string>;
  datasets: DatasetInputMessage[];
}

export interface StoredExperiment {
  message: Omit<ExperimentMessage, 'tags'> & { experiment_id: string; name: string };
  tags: Map<string, string>;
}

export interface StoredVersion {
  message: Omit<ModelVersionMessage, 'tags' | 'aliases'> & { name: string; version: string };
  tags: Map<string, string>;
}

export interface StoredModel {
  message: Omit<RegisteredModelMessage, 'tags' | 'aliases' | 'latest_versions'> & { name: string };
  tags: Map<string, string>;
  aliases: Map<string, string>;
  versions: Map<string, StoredVersion>;
  lastVersion: number;
}

export interface StoredFile {
  bytes: Uint8Array<ArrayBuffer>;
  contentType: string;
}

/** Everything that the in-memory MLflow knows; gone with it. */
export class MockStore {
  readonly experiments = new Map<string, StoredExperiment>();
  readonly runs = new Map<string, StoredRun>();
  readonly models = new Map<string, StoredModel>();
  /** By path on the artifact proxy. */
  readonly files = new Map<string, StoredFile>();
  #nextExperiment = 0;
  #lastMs = 0;

  constructor(readonly now: () => number = Date.now) {
    this.addExperiment('Default');
  }

  addExperiment(name: string, artifactLocation?: string): StoredExperiment {
    const id = String(this.#nextExperiment++);
    const experiment: StoredExperiment = {
      message: {
        experiment_id: id,
        name,
        artifact_location: artifactLocation || `mlflow-artifacts:/${id}`,
        lifecycle_stage: 'active',
        creation_time: this.tickMs(),
        last_update_time: this.#lastMs,
      },
      tags: new Map(),
    };
    this.experiments.set(id, experiment);
    return experiment;
  }

  /** The time, at least a millisecond after the last one, so that order by time is order of arrival. */
  tickMs(): number {
    this.#lastMs = Math.max(this.now(), this.#lastMs + 1);
    return this.#lastMs;
  }
}

/** 32 hexadecimal digits, as MLflow's run ids. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function pairsOf(map: ReadonlyMap<string, string>): { key: string; value: string }[] {
  return Array.from(map, ([key, value]) => ({ key, value }));
}

/** Points whose latest value counts: the highest step, then time, then value, as MLflow has it. */
export function latestMetrics(points: readonly MetricMessage[]): MetricMessage[] {
  const latest = new Map<string, MetricMessage>();
  for (const point of points) {
    const before = latest.get(point.key ?? '');
    if (!before || rank(point, before) >= 0) latest.set(point.key ?? '', point);
  }
  return [...latest.values()];
}

function rank(a: MetricMessage, b: MetricMessage): number {
  return (
    (a.step ?? 0) - (b.step ?? 0) ||
    (a.timestamp ?? 0) - (b.timestamp ?? 0) ||
    Number(a.value ?? 0) - Number(b.value ?? 0)
  );
}
