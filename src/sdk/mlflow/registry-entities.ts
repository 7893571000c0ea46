import { toRecord } from './experiment-entities.js';
import type {
  ModelVersionMessage,
  ModelVersionStatusValue,
  RegisteredModelMessage,
} from './generated/registry.types.js';

/** Stages of a version; MLflow deprecates them in favour of aliases. */
export type ModelStage = 'None' | 'Staging' | 'Production' | 'Archived';

export interface RegisteredModel {
  readonly name: string;
  readonly description: string;
  /** Milliseconds since 1970. */
  readonly createdAtMs: number | undefined;
  readonly updatedAtMs: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Alias to version. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Latest version of each stage that has one. */
  readonly latestVersions: readonly ModelVersion[];
}

export interface ModelVersion {
  readonly name: string;
  /** A number as text, from "1". */
  readonly version: string;
  readonly stage: ModelStage;
  readonly status: ModelVersionStatusValue;
  readonly description: string;
  /** Address of the model's artifacts, as it was registered. */
  readonly source: string;
  readonly runId: string | undefined;
  /** MLflow 3's logged model behind it. */
  readonly modelId: string | undefined;
  readonly createdAtMs: number | undefined;
  readonly updatedAtMs: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Empty in what a search gives: MLflow leaves them out there. */
  readonly aliases: readonly string[];
}

export function toRegisteredModel(message: RegisteredModelMessage = {}): RegisteredModel {
  return {
    name: message.name ?? '',
    description: message.description ?? '',
    createdAtMs: message.creation_timestamp,
    updatedAtMs: message.last_updated_timestamp,
    tags: toRecord(message.tags),
    aliases: Object.fromEntries((message.aliases ?? []).map((one) => [one.alias ?? '', String(one.version)])),
    latestVersions: (message.latest_versions ?? []).map(toModelVersion),
  };
}

export function toModelVersion(message: ModelVersionMessage = {}): ModelVersion {
  return {
    name: message.name ?? '',
    // Some servers send a number.
    version: String(message.version ?? ''),
    stage: (message.current_stage as ModelStage | undefined) ?? 'None',
    status: message.status ?? 'READY',
    description: message.description ?? '',
    source: message.source ?? '',
    runId: message.run_id || undefined,
    // MLflow's own store keeps only the address.
    modelId: message.model_id || /^models:\/+(m-[^/]+)$/.exec(message.source ?? '')?.[1],
    createdAtMs: message.creation_timestamp,
    updatedAtMs: message.last_updated_timestamp,
    tags: toRecord(message.tags),
    aliases: message.aliases ?? [],
  };
}
