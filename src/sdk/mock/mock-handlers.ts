import type { MlflowRoutes } from '../mlflow/generated/routes.js';

/** What the in-memory MLflow does for a route; a MockFault thrown is its error answer. */
export type MockHandlers = Partial<{
  [N in keyof MlflowRoutes]: (request: MlflowRoutes[N]['request']) => MlflowRoutes[N]['response'];
}>;
