import { MLFLOW_MOUNTS, type MlflowMount } from '../../contracts/http/routes.js';

const SLASH = 47;

/** The mount of MLflow that a path lies under, raw or decoded; undefined for a path outside of both. */
export function mountOf(path: string): MlflowMount | undefined {
  for (const mount of MLFLOW_MOUNTS)
    if (path.startsWith(mount) && (path.length === mount.length || path.charCodeAt(mount.length) === SLASH))
      return mount;
  return undefined;
}
