const API = /^\/(?:ajax-)?api\/\d{1,2}\.\d{1,2}\/?(?:mlflow|mlflow-artifacts)(?:\/|$)/;
/** A segment that is part of a route's name; ids, names and hashes hold digits, capitals or other signs. */
const WORD = /^[a-z]+(?:-[a-z]+){0,4}$/;
/** Segments after which everything is a file's path. */
const PATH_FOLLOWS = new Set(['artifacts', 'create', 'complete', 'abort', 'presigned', 'static-files']);
const MAX_SEGMENTS = 8;
const MAX_WORD = 32;

/**
 * A readable name for an unknown route in the log: the path without parts that look like ids, names or file paths.
 * Clients can cause any number of these names, so nothing may be grouped or counted by them.
 *
 * @param path decoded path below the mount, with its leading slash
 */
export function endpointFamily(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '');
  const isApi = API.test(path);
  const known = isApi ? segments.slice(0, 3) : segments.slice(0, 1);
  if (!isApi && !known.every(isWord)) return '/{other}';
  const family = [...known];
  for (const segment of segments.slice(known.length)) {
    const last = family.at(-1) as string;
    if (PATH_FOLLOWS.has(last) && (last !== 'create' || family.includes('mpu'))) {
      family.push('{path}');
      break;
    }
    if (family.length >= MAX_SEGMENTS) break;
    family.push(isApi && isWord(segment) ? segment : '{id}');
  }
  return `/${family.join('/')}`;
}

function isWord(segment: string): boolean {
  return segment.length <= MAX_WORD && WORD.test(segment);
}
