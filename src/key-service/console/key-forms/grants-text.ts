import type { Grants } from '../../../contracts/access/grants.js';
import type { FieldProblem } from '../../../contracts/errors/problem.js';
import { SCOPE_LEVELS, type ScopeLevel } from '../../../contracts/access/scopes.js';

/** The kinds of grants, in the order of forms. */
export const GRANT_KINDS = ['experiments', 'models', 'prompts', 'endpoints', 'workspaces'] as const;
export type GrantKind = (typeof GRANT_KINDS)[number];

const LEVEL_WORDS = SCOPE_LEVELS.map((level) => `:${level}`).join(', ');

/** Grants of one kind as lines, each as the command line takes it: `12:write`, `team-a/*:read`. */
export function linesOf(kind: GrantKind, grants: Grants): string[] {
  if (kind === 'workspaces') return [...(grants.workspaces ?? [])];
  if (kind === 'endpoints') return (grants.endpoints ?? []).map(({ name }) => name);
  return (grants[kind] ?? []).map((grant) => {
    if ('id' in grant) return `${grant.id}:${grant.level}`;
    // Digits alone are an id, and a name of digits needs a word that says so.
    const isLikeId = kind === 'experiments' && /^(?:name )*\d+$/.test(grant.name);
    return `${isLikeId ? 'name ' : ''}${grant.name}:${grant.level}`;
  });
}

/** The entries that lines stand for; blank lines for none. What is wrong with a line goes to `problem`. */
export function entriesOf(
  kind: GrantKind,
  text: string,
  problem: (problem: Omit<FieldProblem, 'field'>) => void,
): unknown[] {
  const lines = text.split('\n').map((line) => line.trim());
  if (kind === 'workspaces') return lines.filter((line) => line !== '');
  return lines.flatMap((line, index) => {
    if (line === '') return [];
    if (kind === 'endpoints') return [{ name: line.replace(/:invoke$/, ''), level: 'invoke' }];
    const grant = leveled(line);
    if (grant === undefined) {
      problem({ message: `must end in a level in line ${index + 1}: ${LEVEL_WORDS}` });
      return [];
    }
    return [kind === 'experiments' ? experiment(grant) : grant];
  });
}

interface Leveled {
  readonly name: string;
  readonly level: ScopeLevel;
}

/** The level stands behind the last colon: names may have some of their own. */
function leveled(line: string): Leveled | undefined {
  const colon = line.lastIndexOf(':');
  const level = SCOPE_LEVELS.find((one) => one === line.slice(colon + 1));
  return colon < 1 || level === undefined ? undefined : { name: line.slice(0, colon), level };
}

function experiment({ name, level }: Leveled): unknown {
  if (/^\d+$/.test(name)) return { id: name, level };
  return { name: /^name (?:name )*\d+$/.test(name) ? name.slice('name '.length) : name, level };
}
