import type {
  GrantSuggestionResponse,
  SuggestionGap,
  SuggestionReason,
} from '../../../contracts/usage/grant-suggestion.js';
import { MAX_GRANTS, type Grants } from '../../../contracts/access/grants.js';
import type { ResourceKind, UsedResource } from '../../../contracts/access/used-resources.js';
import { NEEDED_UNKNOWN } from '../../../contracts/access/used-resources.js';
import { grantsFault } from '../../../lib/grants.js';
import { suggestScopes } from './suggested-scopes.js';
import type { UsedRow } from './used-resources.repository.js';

export type Suggestion = Pick<GrantSuggestionResponse, 'scopes' | 'grants' | 'reasons' | 'gaps'>;

/** A grant, and the uses that it is for. */
export interface Used {
  readonly kind: ResourceKind;
  readonly by: 'id' | 'name';
  readonly value: string;
  level: UsedResource['level'];
  requests: number;
  last_used_at: string;
  /** Of an experiment that is granted by its id. */
  readonly title: string | undefined;
  /** The experiment was made, or asked for by a name that was free. */
  readonly isNew: boolean;
  /** Several things became this one pattern. */
  readonly folded?: number;
}

const KINDS: readonly ResourceKind[] = ['experiment', 'model', 'prompt', 'endpoint', 'workspace'];
const LISTS = {
  experiment: 'experiments',
  model: 'models',
  prompt: 'prompts',
  endpoint: 'endpoints',
} as const;
const LEVELS: readonly UsedResource['level'][] = ['read', 'invoke', 'write', 'manage'];

/**
 * The smallest scopes and grants that open what was used.
 *
 * @param rows what is known of it
 * @param requests number of all requests, with or without known resources
 */
export function suggestGrants(rows: readonly UsedRow[], requests: number): Suggestion {
  const wasAsked = rows.some(({ kind }) => (KINDS as readonly string[]).includes(kind));
  const unseen = countOf(rows, 'unseen');
  const { used, folded } = withinBounds(mergeUses(rows));
  const scopes = suggestScopes(rows, used);
  const grants = wasAsked || (unseen === 0 && scopes.length > 0) ? grantsOf(used) : null;
  return {
    scopes: scopes.map(({ scope }) => scope as string),
    grants,
    reasons: [...scopes, ...used.map(reasonOf)],
    gaps: gapsOf(rows, requests, folded),
  };
}

/** Uses of one thing together, at the highest level. An experiment that was made is granted by its name, all others by id. */
function mergeUses(rows: readonly UsedRow[]): Used[] {
  const made = new Set(
    rows
      .filter(({ kind, resource_id }) => kind === 'experiment' && resource_id === '')
      .map(({ name }) => name),
  );
  const prompts = new Set(rows.filter(({ kind }) => kind === 'prompt').map(({ name }) => name));
  const found = new Map<string, Used>();
  for (const row of [...rows].sort((a, b) => (a.last_used_at < b.last_used_at ? 1 : -1))) {
    // A free name counts as that of a model until a prompt is created with it.
    const isPrompt = row.kind === 'model' && row.level === 'read' && prompts.has(row.name);
    const kind = isPrompt ? 'prompt' : KINDS.find((one) => one === row.kind);
    if (kind === undefined) continue;
    const isNew = kind === 'experiment' && made.has(row.name);
    const by = kind === 'experiment' && !isNew ? 'id' : 'name';
    const value = by === 'id' ? row.resource_id : row.name;
    const key = `${kind}\n${by}\n${value}`;
    const before = found.get(key);
    const level = row.level === '' ? 'read' : row.level;
    const title = by === 'id' && row.name !== '' ? row.name : undefined;
    if (!before) found.set(key, { kind, by, value, level, title, isNew, ...usesIn(row) });
    else {
      before.requests += row.requests;
      if (LEVELS.indexOf(level) > LEVELS.indexOf(before.level)) before.level = level;
    }
  }
  return inOrder([...found.values()]);
}

/** If there are more grants than a key can have, those of the kind with most become one pattern. */
function withinBounds(used: Used[]): { used: Used[]; folded: number } {
  let within = used;
  let folded = 0;
  while (within.length > MAX_GRANTS || grantsFault(grantsOf(within)) !== undefined) {
    const count = (kind: ResourceKind): number =>
      within.filter((one) => one.kind === kind && !one.folded).length;
    const kind = [...KINDS].filter((one) => one !== 'workspace').sort((a, b) => count(b) - count(a))[0];
    const many = within.filter((one) => one.kind === kind);
    const [first] = many;
    if (first === undefined || many.length < 2) break;
    folded += many.length;
    const together = many.reduce((sum, one) => ({
      ...sum,
      level: LEVELS.indexOf(one.level) > LEVELS.indexOf(sum.level) ? one.level : sum.level,
      requests: sum.requests + one.requests,
      last_used_at: one.last_used_at > sum.last_used_at ? one.last_used_at : sum.last_used_at,
    }));
    const pattern: Used = {
      ...together,
      by: 'name',
      value: '*',
      title: undefined,
      isNew: false,
      folded: many.length,
    };
    within = inOrder([...within.filter((one) => one.kind !== kind), pattern]);
  }
  return { used: within, folded };
}

function inOrder(used: Used[]): Used[] {
  return used.sort(
    (a, b) =>
      KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
      b.requests - a.requests ||
      (a.value < b.value ? -1 : 1),
  );
}

function grantsOf(used: readonly Used[]): Grants {
  const grants: Record<string, unknown[]> = {};
  for (const { kind, by, value, level } of used) {
    const list = kind === 'workspace' ? 'workspaces' : LISTS[kind];
    (grants[list] ??= []).push(kind === 'workspace' ? value : { [by]: value, level });
  }
  return grants;
}

const DID: Readonly<Record<UsedResource['level'], string>> = {
  read: 'read',
  write: 'wrote to',
  manage: 'deleted, restored or renamed things of',
  invoke: 'called',
};
const NOUNS: Readonly<Record<ResourceKind, string>> = {
  experiment: 'experiment',
  model: 'model',
  prompt: 'prompt',
  endpoint: 'endpoint',
  workspace: 'workspace',
};

function reasonOf(used: Used): SuggestionReason {
  const { kind, by, value, level, requests, last_used_at } = used;
  return {
    scope: null,
    grant: { kind, by, value, level },
    requests,
    last_used_at,
    because: sentenceOf(used),
  };
}

function sentenceOf({ kind, by, value, level, requests, title, isNew, folded }: Used): string {
  const noun = NOUNS[kind];
  const times = `${requests} ${requests === 1 ? 'request' : 'requests'}`;
  if (folded !== undefined)
    return `It used ${folded} ${noun}s in ${times}, more than grants can name one by one, so this opens all of them.`;
  if (kind === 'workspace') return `${times} named this workspace.`;
  const what =
    by === 'id' ? `${noun} ${value}${title === undefined ? '' : ` ("${title}")`}` : `${noun} "${value}"`;
  const did = `${times} used ${what}, and at most ${DID[level]} it.`;
  if (isNew)
    return `${did} It was made under that name, or looked for before it was there, which takes a grant by name.`;
  return value.includes('*') && by === 'name'
    ? `${did} In a grant the * of its name stands for any characters, so others may fit too.`
    : did;
}

function gapsOf(rows: readonly UsedRow[], requests: number, folded: number): SuggestionGap[] {
  const recorded = countOf(rows, 'scope');
  const unknown = rows
    .filter(({ kind, resource_id }) => kind === 'scope' && resource_id === NEEDED_UNKNOWN)
    .reduce((sum, row) => sum + row.requests, 0);
  const found: readonly [SuggestionGap['gap'], number, string][] = [
    [
      'not-recorded',
      Math.max(0, requests - recorded),
      'No gateway said what these requests used: they are from before gateways record it.',
    ],
    [
      'without-grants',
      countOf(rows, 'unseen'),
      'These requests were decided by scopes alone, so nobody asked MLflow which experiment or model they were about. Give the key grants that open everything, let it work, and ask again.',
    ],
    [
      'too-many',
      countOf(rows, 'more') + folded,
      'It used more different things than are kept or can be granted one by one: what is missing here has to be added by hand.',
    ],
    [
      'unknown-calls',
      unknown,
      'These calls are none that the gateway knows. No grant opens them: they take mlflow:access and a key without grants.',
    ],
  ];
  return found.flatMap(([gap, count, because]) => (count === 0 ? [] : [{ gap, requests: count, because }]));
}

function countOf(rows: readonly UsedRow[], kind: UsedRow['kind']): number {
  return rows.filter((row) => row.kind === kind).reduce((sum, row) => sum + row.requests, 0);
}

function usesIn({ requests, last_used_at }: UsedRow): Pick<Used, 'requests' | 'last_used_at'> {
  return { requests, last_used_at };
}
