/** Everything that `@hokusai/mlflow-sdk` offers; the one barrel file of the project. */
export * from './auth-client.js';
export * from './errors.js';
export type { AttemptEvent, CallOptions, FetchInit, FetchLike } from './http-transport.js';
export { HttpTransport } from './http-transport.js';
export type { KeyValidation, RefusedKey, ValidKey } from './key-validation.js';
export type { RetryPolicy } from './retry-policy.js';
export { DEFAULT_RETRY_POLICY } from './retry-policy.js';
export type { SdkOptions } from './settings.js';
export { DEFAULT_AUTH_SERVICE_URL, DEFAULT_TRACKING_URI, secretProblem } from './settings.js';
export { setup, type Hokusai, type SetupOptions } from './setup.js';

export * from '../contracts/error-codes.js';
export * from '../contracts/headers.js';
export * from '../contracts/key-management.js';
export * from '../contracts/key-validation.js';
export * from '../contracts/problem.js';
export * from '../contracts/routes.js';
export * from '../contracts/usage.js';
