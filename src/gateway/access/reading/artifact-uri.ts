const PROXIED = /^mlflow-artifacts:(?:\/\/[^/]*)?\/+(.+)$/s;
const OVER_HTTP = /^https?:\/\/[^/]+(?:\/.*)?\/api\/2\.0\/mlflow-artifacts\/artifacts\/(.+)$/s;

/**
 * The path below the root of MLflow's artifact store for an address that MLflow serves; undefined for an address in
 * another store, whose files do not go through MLflow.
 */
export function artifactPathOf(uri: string): string | undefined {
  const path = (PROXIED.exec(uri) ?? OVER_HTTP.exec(uri))?.[1]?.replace(/\/+$/, '');
  return path === '' ? undefined : path;
}
