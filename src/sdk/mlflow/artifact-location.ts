import { ValidationError } from '../errors.js';

const PROXY_PATH = '/api/2.0/mlflow-artifacts/artifacts/';

/**
 * Path on the artifact proxy of an artifact address, without slashes at the ends; undefined where the address is
 * of a store that clients must reach by themselves (`s3://…`, `file:…`).
 */
export function proxyPathOf(artifactUri: string): string | undefined {
  const scheme = /^mlflow-artifacts:(?:\/\/[^/]*)?\/*(.*)$/.exec(artifactUri);
  if (scheme) return trimSlashes(scheme[1] ?? '');
  if (!/^https?:/.test(artifactUri) || !URL.canParse(artifactUri)) return undefined;
  const { pathname } = new URL(artifactUri);
  const at = pathname.indexOf(PROXY_PATH);
  const path = at === -1 ? undefined : decoded(pathname.slice(at + PROXY_PATH.length));
  return path === undefined ? undefined : trimSlashes(path);
}

/** Undefined if the percent-encoding is not valid: the address was chosen by the creator of the experiment. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/**
 * A path within an artifact folder, checked: relative, with `/` between its parts.
 *
 * @throws ValidationError on what MLflow refuses (absolute paths, dot segments, backslashes, `#`) or would take
 *   for another name (empty parts, percent-encoding, which it decodes again)
 */
export function checkArtifactPath(path: string): string {
  const isOdd = path.split('/').some((part) => part === '' || part === '.' || part === '..');
  if (isOdd || /[\\#]|%[0-9a-f]{2}/i.test(path))
    throw new ValidationError(
      `"${path}" is not an artifact path: it must be relative, with single slashes, without ., .., \\, # and percent-encoding`,
    );
  return path;
}

/** Two paths with one slash between; either may be empty. */
export function joinPath(folder: string, path: string): string {
  return [folder, path].filter((part) => part !== '').join('/');
}

function trimSlashes(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}
