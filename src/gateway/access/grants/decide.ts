import type { Named } from '../reading/named.js';
import type { GrantEntry, GrantLevel, GrantSet, Owner } from './grant-set.js';

/** One thing that a request names, and the level that it needs on it. */
export interface Need {
  readonly named: Named;
  readonly level: GrantLevel;
}

/** A need, and the owners that decide about it. */
export interface Resolved {
  readonly need: Need;
  /** Empty if there is no such thing, or its id is not one of MLflow's. */
  readonly owners: readonly Owner[];
  /** If there are several owners: whether a grant for one of them is enough, or all are needed. */
  readonly quantifier: 'any' | 'all';
  /** How the owners are known: the request itself names them, they were cached, or MLflow was asked now. */
  readonly how: 'named' | 'cached' | 'looked_up';
}

export interface Finding extends Resolved {
  /** The grant that opens it; undefined for none. */
  readonly grant: GrantEntry | undefined;
}

export interface Verdict {
  readonly findings: readonly Finding[];
  /** The first that no grant opens; undefined where the request may go on. */
  readonly lacking: Finding | undefined;
}

/** Of a request that needs no grant. */
export const OPEN: Verdict = { findings: [], lacking: undefined };

/** Whether grants open all that a request needs. A request that needs nothing is open: rules say what it needs. */
export function decide(resolved: readonly Resolved[], grants: GrantSet): Verdict {
  return verdictOf(resolved.map((one): Finding => ({ ...one, grant: grantOf(one, grants) })));
}

/** Open where each of them is. */
export function verdictOf(findings: readonly Finding[]): Verdict {
  return { findings, lacking: findings.find(({ grant }) => grant === undefined) };
}

function grantOf({ need, owners, quantifier }: Resolved, grants: GrantSet): GrantEntry | undefined {
  const found = owners.map((owner) => grants.grantFor(owner, need.level));
  if (quantifier === 'any') return found.find((grant) => grant !== undefined);
  return found.includes(undefined) ? undefined : found[0];
}
