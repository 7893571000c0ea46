import { SCOPE_MLFLOW_ACCESS } from '../../contracts/access/scopes.js';
import type { KeyRecord } from '../records/key-record.js';
import { invalidFields } from '../request-fields/parse-fields.js';

/**
 * A gateway of an earlier release knows scopes but no grants; with `mlflow:access` the key could use all of MLflow
 * there.
 *
 * @throws ProblemError 400 for a key with grants and that scope
 */
export function requireNarrowScopes({ scopes, grants }: Pick<KeyRecord, 'scopes' | 'grants'>): void {
  if (grants === null || !scopes.includes(SCOPE_MLFLOW_ACCESS)) return;
  throw invalidFields([
    {
      field: 'grants',
      message: `cannot narrow ${SCOPE_MLFLOW_ACCESS}: give the key scopes such as mlflow:write and gateway:invoke instead`,
    },
  ]);
}
