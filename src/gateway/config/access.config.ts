import { IsIn } from 'class-validator';
import { Env } from '../../platform/config/env.js';

/** What scopes open, where a choice is left. */
export class AccessConfig {
  @Env('MLFLOW_ACCESS_INCLUDES_ADMIN', {
    kind: 'boolean',
    about:
      'The scope mlflow:access also opens webhooks, users, workspaces, gateway secrets and job submission; false: only the scope admin does',
  })
  accessIncludesAdmin = true;

  @Env('ACCESS_UNKNOWN_ROUTES', {
    about:
      'Routes of MLflow that this release does not know: allow forwards them for keys with mlflow:access, deny for nobody',
  })
  @IsIn(['allow', 'deny'])
  unknownRoutes: 'allow' | 'deny' = 'allow';
}
