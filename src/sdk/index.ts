/** Everything that `@hokusai/mlflow-sdk` offers; the one barrel file of the project. */
export * from './auth/auth-client.js';
export type * from './auth/auth-queries.js';
export * from './auth/gateway-client.js';
export * from './errors.js';
export type { AttemptEvent } from './http/attempt-event.js';
export type { CallOptions, FetchInit, FetchLike } from './http/transport.types.js';
export { DEFAULT_TIMEOUT_MS, HttpTransport } from './http/http-transport.js';
export type { KeyValidation, RefusedKey, ValidKey } from './auth/key-validation.js';
export type { RetryOptions, RetryPolicy } from './http/retry-policy.js';
export { DEFAULT_RETRY_POLICY } from './http/retry-policy.js';
export type { SdkOptions } from './settings.js';
export { DEFAULT_AUTH_SERVICE_URL, DEFAULT_TRACKING_URI, secretProblem } from './settings.js';
export { createMock, setup, type Hokusai, type SetupOptions } from './setup.js';
export type { ProgressListener, TransferProgress } from './http/streams.js';

export { ArtifactDownload } from './mlflow/artifact-download.js';
export type {
  ArtifactsClient,
  PresignedDownload,
  TransferOptions,
  UploadOptions,
} from './mlflow/artifacts-client.js';
export type * from './mlflow/experiment-entities.js';
export * from './mlflow/experiment-manager.js';
export { MlflowClient, type MlflowApi, type MlflowRoute, type RouteName } from './mlflow/mlflow-client.js';
export type { ModelFiles } from './mlflow/model-files.js';
export type { ModelLineage } from './mlflow/model-lineage.js';
export * from './mlflow/model-registry.js';
export type * from './mlflow/search-options.js';
export type { CreateVersionOptions, ModelVersions } from './mlflow/model-versions.js';
export type { ModelStage, ModelVersion, RegisteredModel } from './mlflow/registry-entities.js';
export type { RunArtifacts, RunReference } from './mlflow/run-artifacts.js';
export type { LogInput, MetricInput, RunTracker, StartRunOptions } from './mlflow/run-tracker.js';
export type { ArtifactBody } from './mlflow/upload-body.js';
export { MockMlflow } from './mock/mock-mlflow.js';

export { GENERATED_FROM_MLFLOW, MLFLOW_ROUTES, type MlflowRoutes } from './mlflow/generated/routes.js';
export type * from './mlflow/generated/dataset.types.js';
export type * from './mlflow/generated/experiment.types.js';
export type * from './mlflow/generated/logged-model.types.js';
export type * from './mlflow/generated/registry.types.js';
export type * from './mlflow/generated/run.types.js';
export type * from './mlflow/generated/scorer.types.js';
export type * from './mlflow/generated/trace.types.js';
export type * from './mlflow/generated/webhook.types.js';

export {
  factTimeMs,
  readValidationAnswer,
  saysKeyRequired,
  type ValidationAnswer,
} from '../lib/keys/validation-answer.js';
export { hasKeyFormat, redactKeys } from '../lib/keys/key-pattern.js';
export { sendsInTheClear } from '../lib/http/plain-http.js';
export type * from '../contracts/keys/access-explain.js';
export type * from '../contracts/admin/audit.js';
export type * from '../contracts/admin/gateway-state.js';
export * from '../contracts/usage/refusals.js';
export * from '../contracts/errors/error-codes.js';
export * from '../contracts/http/headers.js';
export * from '../contracts/keys/key-facts.js';
export * from '../contracts/keys/key-management.js';
export * from '../contracts/keys/key-validation.js';
export * from '../contracts/usage/grant-suggestion.js';
export * from '../contracts/access/grants.js';
export * from '../contracts/keys/rotation-policies.js';
export * from '../contracts/access/scopes.js';
export * from '../contracts/access/shadow.js';
export * from '../contracts/admin/services.js';
export * from '../contracts/errors/problem.js';
export * from '../contracts/http/routes.js';
export * from '../contracts/usage/usage.js';
export * from '../contracts/usage/usage-series.js';
export * from '../contracts/access/used-resources.js';
