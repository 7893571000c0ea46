import { isExperimentId } from '../../../lib/canonical-id.js';
import { percentDecoded } from '../../../lib/http/request-target.js';

/** What the path of an artifact below the root of MLflow's artifact store is about. */
export type ArtifactPlace =
  /** The path is in the folder of an experiment, whose name is the experiment's id. */
  | {
      readonly kind: 'experiment';
      readonly experimentId: string;
      /** The workspace that the path names before it. */
      readonly workspace: string | undefined;
      readonly path: string;
    }
  /** The path is in no such folder. An experiment, a model or a workspace may have been given this location. */
  | { readonly kind: 'elsewhere'; readonly path: string }
  /** The root of all experiments, or of those of one workspace. */
  | { readonly kind: 'root'; readonly workspace: string | undefined };

/** Words that follow "the artifact path". */
export interface ArtifactPathFault {
  readonly fault: string;
}

/** MLflow decodes a path again and again until it stops changing, and gives up after this often. */
const MAX_DECODINGS = 10;
const ESCAPE = /%[0-9A-Fa-f]{2}/;

/**
 * Reads a path as MLflow will finally read it, or refuses it. The part that decides must be literal, and no later part
 * may change it when MLflow decodes the path again (`mlflow/utils/uri.py`, `_decode`).
 *
 * @param path below the root of the artifact store, decoded once, slashes unchanged
 */
export function readArtifactPath(path: string): ArtifactPlace | ArtifactPathFault {
  const fault = tailFault(path);
  if (fault !== undefined) return { fault };
  const place = path.endsWith('/') ? path.slice(0, -1) : path;
  if (place === '') return path === '' ? { kind: 'root', workspace: undefined } : { fault: EMPTY_SEGMENT };
  const [first = '', second, third] = place.split('/');
  if (isExperimentId(first))
    return { kind: 'experiment', experimentId: first, workspace: undefined, path: place };
  const deciding = first === 'workspaces' && third !== undefined ? `${first}/${second}/${third}` : place;
  const unclear = decidingFault(deciding);
  if (unclear !== undefined) return { fault: unclear };
  if (first === 'workspaces' && second !== undefined) {
    if (third === undefined) return { kind: 'root', workspace: second };
    if (isExperimentId(third))
      return { kind: 'experiment', experimentId: third, workspace: second, path: place };
  }
  const whole = decidingFault(place);
  return whole === undefined ? { kind: 'elsewhere', path: place } : { fault: whole };
}

/**
 * What is wrong with a path inside of a resource that the request names by its id; undefined if nothing is. A good
 * path cannot lead MLflow out of that resource.
 */
export function tailFault(path: string): string | undefined {
  let text = path;
  for (let round = 0; round <= MAX_DECODINGS; round++) {
    const fault = spokenFault(text);
    if (fault !== undefined) return fault;
    const decoded = percentDecoded(text);
    if (decoded === text) return undefined;
    text = decoded;
  }
  return 'is encoded too often';
}

/** Whether a path is a location or below it, compared by whole segments. */
export function isBelow(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}

const EMPTY_SEGMENT = 'has an empty or "." segment';

function spokenFault(text: string): string | undefined {
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
  if (/[\u0000-\u001f\u007f]/.test(text)) return 'has a control character';
  if (text.includes('#')) return 'has a "#"';
  if (text.includes('\\')) return 'has a backslash';
  return text.split('/').includes('..') ? 'has a ".." segment' : undefined;
}

function decidingFault(text: string): string | undefined {
  if (ESCAPE.test(text)) return 'is percent-encoded twice where it says whose it is';
  if (text !== text.trim()) return 'begins or ends with a blank';
  // MLflow takes it for a URL, whose scheme it rewrites and whose empty parts it drops.
  if (/[:;?]/.test(text)) return 'has one of ":", ";" and "?" where it says whose it is';
  return text.split('/').some((segment) => segment === '' || segment === '.') ? EMPTY_SEGMENT : undefined;
}

/** As Python's `unquote`: what is not an escape stays, and bytes that are not UTF-8 become U+FFFD. */
