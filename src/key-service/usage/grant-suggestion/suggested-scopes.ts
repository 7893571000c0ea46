import type { SuggestionReason } from '../../../contracts/usage/grant-suggestion.js';
import {
  SCOPE_ADMIN,
  SCOPE_FAMILIES,
  SCOPE_INVOKE,
  SCOPE_LEVELS,
  type ScopeFamily,
  type ScopeLevel,
} from '../../../contracts/access/scopes.js';
import { NEEDED_ANY } from '../../../contracts/access/used-resources.js';
import type { UsedRow } from './used-resources.repository.js';

/** For pages and probes any scope is enough; this one is suggested if nothing else was used. */
const LEAST: ScopeFamily = 'experiment';

interface Needed {
  /** Place in SCOPE_LEVELS. */
  level: number;
  requests: number;
  last_used_at: string;
}

type Needs = Map<ScopeFamily, Needed>;

/**
 * The smallest scopes that open what was used, each with its reason: of each family the highest level that was needed.
 *
 * @param things models and prompts that are granted: their scopes cap what a grant opens
 */
export function suggestScopes(
  rows: readonly UsedRow[],
  things: readonly {
    readonly kind: string;
    readonly level: string;
    requests: number;
    last_used_at: string;
  }[],
): SuggestionReason[] {
  const needs: Needs = new Map();
  const single = new Map<string, Needed>();
  for (const row of rows.filter(({ kind }) => kind === 'scope')) addScopes(row, needs, single);
  for (const thing of things)
    if (thing.kind === 'model' || thing.kind === 'prompt') add(needs, thing.kind, thing.level, thing);
  addRegistry(rows, needs);
  if (needs.size === 0 && single.size === 0) addLeast(rows, needs);
  return [
    ...SCOPE_FAMILIES.flatMap((family) => reasonOf(family, needs.get(family))),
    ...[...single].map(([scope, needed]) => because(scope, needed, `${times(needed.requests)} needed it.`)),
  ];
}

/**
 * One request may need several scopes. The scope of the registry covers models and prompts and is handled separately.
 */
function addScopes(row: UsedRow, needs: Needs, single: Map<string, Needed>): void {
  const words = row.resource_id.split(' ');
  for (const word of words) {
    const [family = '', level = ''] = word.split(':');
    if (word === SCOPE_INVOKE || word === SCOPE_ADMIN) {
      const before = single.get(word);
      single.set(word, together(before, { level: 0, ...counts(row) }));
    } else if (isFamily(family) && !(family === 'model' && words.length === 1))
      add(needs, family, level, row);
  }
}

/** A call of the registry is open with the scope for models or that for prompts; what it was about counts already. */
function addRegistry(rows: readonly UsedRow[], needs: Needs): void {
  for (const row of rows.filter(
    ({ kind, resource_id }) => kind === 'scope' && /^model:\w+$/.test(resource_id),
  )) {
    const wanted = SCOPE_LEVELS.indexOf(row.resource_id.slice('model:'.length) as ScopeLevel);
    const [model, prompt] = [needs.get('model')?.level ?? -1, needs.get('prompt')?.level ?? -1];
    if (Math.max(model, prompt) >= wanted) continue;
    add(needs, model === -1 && prompt !== -1 ? 'prompt' : 'model', SCOPE_LEVELS[wanted] ?? '', row);
  }
}

function addLeast(rows: readonly UsedRow[], needs: Needs): void {
  for (const row of rows)
    if (row.kind === 'scope' && row.resource_id === NEEDED_ANY) add(needs, LEAST, 'read', row);
}

function add(
  needs: Needs,
  family: ScopeFamily,
  level: string,
  row: Pick<UsedRow, 'requests' | 'last_used_at'>,
): void {
  const place = SCOPE_LEVELS.indexOf(level as ScopeLevel);
  if (place === -1) return;
  needs.set(family, together(needs.get(family), { level: place, ...counts(row) }));
}

function together(before: Needed | undefined, more: Needed): Needed {
  if (before === undefined) return more;
  return {
    level: Math.max(before.level, more.level),
    requests: before.requests + more.requests,
    last_used_at: before.last_used_at > more.last_used_at ? before.last_used_at : more.last_used_at,
  };
}

function reasonOf(family: ScopeFamily, needed: Needed | undefined): SuggestionReason[] {
  if (needed === undefined) return [];
  const scope = `${family}:${SCOPE_LEVELS[needed.level]}`;
  return [because(scope, needed, `${times(needed.requests)} needed it, or a lower level of it.`)];
}

function because(scope: string, { requests, last_used_at }: Needed, sentence: string): SuggestionReason {
  return { scope, grant: null, requests, last_used_at, because: sentence };
}

function times(requests: number): string {
  return `${requests} ${requests === 1 ? 'request' : 'requests'}`;
}

function counts({
  requests,
  last_used_at,
}: Pick<UsedRow, 'requests' | 'last_used_at'>): Pick<Needed, 'requests' | 'last_used_at'> {
  return { requests, last_used_at };
}

function isFamily(text: string): text is ScopeFamily {
  return (SCOPE_FAMILIES as readonly string[]).includes(text);
}
