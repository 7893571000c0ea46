import { NotFoundError } from '../errors.js';
import type { CallOptions } from '../http/transport.types.js';
import { type Experiment, type Run, type RunDataset, toExperiment, toRun } from './experiment-entities.js';
import type { LoggedModelMessage } from './generated/logged-model.types.js';
import type { MlflowClient } from './mlflow-client.js';
import { type ModelVersion, toModelVersion } from './registry-entities.js';

/** Where a model version comes from; parts that were deleted or never recorded are undefined. */
export interface ModelLineage {
  readonly version: ModelVersion;
  readonly run: Run | undefined;
  /** Run that started the run, as autologging of a search does. */
  readonly parentRun: Run | undefined;
  readonly experiment: Experiment | undefined;
  /** MLflow 3's logged model, as MLflow sends it. */
  readonly loggedModel: LoggedModelMessage | undefined;
  /** Datasets that the run read. */
  readonly datasets: readonly RunDataset[];
}

export async function traceLineage(
  client: MlflowClient,
  name: string,
  version: string,
  options?: CallOptions,
): Promise<ModelLineage> {
  const { api } = client;
  const found = toModelVersion((await api.getModelVersion({ name, version }, options)).model_version);
  const loggedModel = await findLoggedModel(client, found.modelId, options);
  const runId = found.runId ?? loggedModel?.info?.source_run_id;
  const run = await findRun(client, runId, options);
  const parentRun = await findRun(client, run?.tags['mlflow.parentRunId'], options);
  const experimentId = run?.experimentId ?? loggedModel?.info?.experiment_id;
  const experiment = await findExperiment(client, experimentId, options);
  return {
    version: found,
    run,
    parentRun,
    experiment,
    loggedModel,
    datasets: run?.datasets ?? [],
  };
}

async function findRun(
  client: MlflowClient,
  runId: string | undefined,
  options?: CallOptions,
): Promise<Run | undefined> {
  if (!runId) return undefined;
  const answer = await ifThere(client.api.getRun({ run_id: runId }, options));
  return answer?.run && toRun(answer.run);
}

async function findLoggedModel(
  client: MlflowClient,
  modelId: string | undefined,
  options?: CallOptions,
): Promise<LoggedModelMessage | undefined> {
  if (!modelId) return undefined;
  return (await ifThere(client.api.getLoggedModel({ model_id: modelId }, options)))?.model;
}

async function findExperiment(
  client: MlflowClient,
  experimentId: string | undefined,
  options?: CallOptions,
): Promise<Experiment | undefined> {
  if (!experimentId) return undefined;
  const answer = await ifThere(client.api.getExperiment({ experiment_id: experimentId }, options));
  return answer?.experiment && toExperiment(answer.experiment);
}

/** The answer, or undefined if the object was deleted: the models of a deleted run still exist. */
async function ifThere<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
