import type { ExperimentMessage } from './generated/experiment.types.js';
import type { FileInfoMessage, MetricMessage, RunMessage, RunStatusValue } from './generated/run.types.js';

export type RunStatus = RunStatusValue;

export interface Experiment {
  readonly experimentId: string;
  readonly name: string;
  readonly artifactLocation: string;
  /** `active` or `deleted`. */
  readonly lifecycleStage: string;
  /** Milliseconds since 1970. */
  readonly createdAtMs: number | undefined;
  readonly updatedAtMs: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Run {
  readonly runId: string;
  readonly experimentId: string;
  readonly name: string;
  readonly status: RunStatus;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  readonly artifactUri: string;
  /** `active` or `deleted`. */
  readonly lifecycleStage: string;
  /** Latest value of each metric. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Datasets that the run read. */
  readonly datasets: readonly RunDataset[];
}

export interface RunDataset {
  readonly name: string;
  readonly digest: string;
  readonly sourceType: string;
  /** Where it lies, as the logging client wrote it; often JSON. */
  readonly source: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface MetricPoint {
  readonly key: string;
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timestampMs: number;
  readonly step: number;
}

export interface ArtifactInfo {
  /** From the run's or model's artifact folder. */
  readonly path: string;
  readonly isDirectory: boolean;
  /** Undefined for folders. */
  readonly sizeBytes: number | undefined;
}

export function toExperiment(message: ExperimentMessage = {}): Experiment {
  return {
    experimentId: message.experiment_id ?? '',
    name: message.name ?? '',
    artifactLocation: message.artifact_location ?? '',
    lifecycleStage: message.lifecycle_stage ?? 'active',
    createdAtMs: message.creation_time,
    updatedAtMs: message.last_update_time,
    tags: toRecord(message.tags),
  };
}

export function toRun({ info = {}, data = {}, inputs = {} }: RunMessage = {}): Run {
  return {
    runId: info.run_id ?? '',
    experimentId: info.experiment_id ?? '',
    name: info.run_name ?? '',
    status: info.status ?? 'RUNNING',
    startedAtMs: info.start_time,
    endedAtMs: info.end_time,
    artifactUri: info.artifact_uri ?? '',
    lifecycleStage: info.lifecycle_stage ?? 'active',
    metrics: Object.fromEntries((data.metrics ?? []).map((one) => [one.key ?? '', toNumber(one.value)])),
    params: toRecord(data.params),
    tags: toRecord(data.tags),
    datasets: (inputs.dataset_inputs ?? []).map(({ dataset = {}, tags }) => ({
      name: dataset.name ?? '',
      digest: dataset.digest ?? '',
      sourceType: dataset.source_type ?? '',
      source: dataset.source ?? '',
      tags: toRecord(tags),
    })),
  };
}

export function toMetricPoint(message: MetricMessage): MetricPoint {
  return {
    key: message.key ?? '',
    value: toNumber(message.value),
    timestampMs: message.timestamp ?? 0,
    step: message.step ?? 0,
  };
}

export function toArtifactInfo(message: FileInfoMessage): ArtifactInfo {
  const isDirectory = message.is_dir ?? false;
  return {
    path: message.path ?? '',
    isDirectory,
    sizeBytes: isDirectory ? undefined : (message.file_size ?? 0),
  };
}

/** Key and value pairs, as MLflow sends tags and parameters. */
export function toRecord(pairs: readonly { key?: string; value?: string }[] = []): Record<string, string> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key ?? '', value ?? '']));
}

export function toPairs(record: Readonly<Record<string, string>> = {}): { key: string; value: string }[] {
  return Object.entries(record).map(([key, value]) => ({ key, value }));
}

/** Protobuf's JSON writes what JSON has no number for as text: "NaN", "Infinity", "-Infinity". */
export function toNumber(value: number | string | undefined): number {
  return value === undefined ? 0 : Number(value);
}

/** The other way; the type of the generated message is a number. */
export function fromNumber(value: number): number {
  return Number.isFinite(value) ? value : (String(value) as unknown as number);
}
