import { MAX_GRANT_NAME, MAX_GRANTS, MAX_GRANTS_BYTES, type Grants } from '../contracts/access/grants.js';
import { SCOPE_LEVELS } from '../contracts/access/scopes.js';
import { isExperimentId } from './canonical-id.js';
import { isObject } from './json/json-object.js';

/** What is wrong with grants: the place, such as `experiments[2].level`, and what it must be. */
export interface GrantsFault {
  readonly at: string;
  readonly message: string;
}

// eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\p{Surrogate}]/u;

const LEVELS: readonly string[] = SCOPE_LEVELS;
const INVOKE: readonly string[] = ['invoke'];
/** Kinds, each with the check of one entry. */
const KINDS: Readonly<Record<keyof Grants, (entry: unknown) => string | undefined>> = {
  experiments: (entry) =>
    isObject(entry) && 'id' in entry ? entryFault(entry, 'id', LEVELS) : entryFault(entry, 'name', LEVELS),
  models: (entry) => entryFault(entry, 'name', LEVELS),
  prompts: (entry) => entryFault(entry, 'name', LEVELS),
  endpoints: (entry) => entryFault(entry, 'name', INVOKE),
  workspaces: (entry) =>
    isGrantName(entry) ? undefined : `must be a name of 1 to ${MAX_GRANT_NAME} characters`,
};

/**
 * Undefined for valid grants. The check is strict, because an entry that is not understood would grant too much or too
 * little.
 */
export function grantsFault(value: unknown): GrantsFault | undefined {
  if (!isObject(value)) return { at: '', message: `must be an object with ${Object.keys(KINDS).join(', ')}` };
  let count = 0;
  for (const [kind, entries] of Object.entries(value)) {
    const check = Object.hasOwn(KINDS, kind) ? KINDS[kind as keyof Grants] : undefined;
    if (check === undefined)
      return {
        at: kind.slice(0, 64).replace(/\p{Surrogate}/gu, '?'),
        message: `is not one of ${Object.keys(KINDS).join(', ')}`,
      };
    if (!Array.isArray(entries)) return { at: kind, message: 'must be a list' };
    count += entries.length;
    if (count > MAX_GRANTS)
      return { at: kind, message: `must not make more than ${MAX_GRANTS} grants in all` };
    for (const [index, entry] of entries.entries()) {
      const message = check(entry);
      if (message !== undefined) return { at: `${kind}[${index}]`, message };
    }
  }
  return new TextEncoder().encode(JSON.stringify(value)).length > MAX_GRANTS_BYTES
    ? { at: '', message: `must not have more than ${MAX_GRANTS_BYTES / 1024} KiB as JSON` }
    : undefined;
}

/** @returns undefined if they are not valid */
export function readGrants(value: unknown): Grants | undefined {
  return grantsFault(value) === undefined ? (value as Grants) : undefined;
}

function entryFault(entry: unknown, by: 'id' | 'name', levels: readonly string[]): string | undefined {
  const shape = `must be an object with "${by}" and "level"`;
  if (
    !isObject(entry) ||
    Object.keys(entry).length !== 2 ||
    !Object.hasOwn(entry, by) ||
    !Object.hasOwn(entry, 'level')
  )
    return `${shape}, and nothing else`;
  if (by === 'id' && !(typeof entry['id'] === 'string' && isExperimentId(entry['id'])))
    return 'has an "id" that is none of MLflow\'s: digits as text, without a zero in front';
  if (by === 'name' && !isGrantName(entry['name']))
    return `has a "name" that is no text of 1 to ${MAX_GRANT_NAME} characters`;
  return levels.includes(entry['level'] as string)
    ? undefined
    : `has a "level" that is not one of ${levels.join(', ')}`;
}

/** Whether a grant can contain a name. */
export function isGrantName(value: unknown): value is string {
  return (
    typeof value === 'string' && value !== '' && value.length <= MAX_GRANT_NAME && !UNPRINTABLE.test(value)
  );
}
