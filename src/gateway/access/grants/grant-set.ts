import type { Grants, NamedGrant } from '../../../contracts/access/grants.js';
import { SCOPE_LEVELS, type ScopeFamily, type ScopeLevel } from '../../../contracts/access/scopes.js';
import { matchesGlob } from '../../../lib/name-glob.js';
import type { KeyFacts } from '../../principal/key-facts.js';
import { familyIndex, foldScopes } from '../scopes/scope-levels.js';

/** What a request wants to do to a resource. */
export type GrantLevel = ScopeLevel | 'invoke';

/** What grants are about; everything below an experiment is decided by its experiment. */
export type Owner =
  | { readonly kind: 'experiment'; readonly id: string; readonly name?: string }
  | { readonly kind: 'model' | 'prompt' | 'endpoint' | 'workspace'; readonly name: string };

/** One grant as an explanation names it. */
export interface GrantEntry {
  readonly kind: Owner['kind'];
  readonly by: 'id' | 'name';
  readonly value: string;
  readonly level: GrantLevel;
}

/** Undefined: the scopes allow nothing of this kind. */
export interface Ceilings {
  readonly model: ScopeLevel | undefined;
  readonly prompt: ScopeLevel | undefined;
  /** Whether the key has a `gateway` scope to set up the AI gateway. A scope for all of MLflow is not enough. */
  readonly setsGatewayUp?: boolean;
}

/** The grants of one key, ready to be asked. */
export class GrantSet {
  /** Experiments that are granted by their ids. */
  readonly experimentIds: ReadonlyMap<string, GrantEntry>;
  /** Experiments that are granted by their names, as patterns. */
  readonly experimentNames: readonly GrantEntry[];
  readonly models: readonly GrantEntry[];
  readonly prompts: readonly GrantEntry[];
  readonly endpoints: readonly GrantEntry[];
  readonly workspaces: readonly string[];
  readonly setsGatewayUp: boolean;

  /**
   * @param ceilings the highest level that the key's scopes allow for kinds of resources that share MLflow's calls;
   *   undefined for none
   */
  constructor(grants: Grants, ceilings: Ceilings) {
    const entries = (grants.experiments ?? []).map((grant) =>
      'id' in grant
        ? entry('experiment', 'id', grant.id, grant.level)
        : entry('experiment', 'name', grant.name, grant.level),
    );
    const byId = new Map<string, GrantEntry>();
    for (const one of entries.filter(({ by }) => by === 'id')) {
      const before = byId.get(one.value);
      if (before === undefined || includes(one.level, before.level)) byId.set(one.value, one);
    }
    this.experimentIds = byId;
    this.experimentNames = entries.filter(({ by }) => by === 'name');
    this.models = capped('model', grants.models, ceilings.model);
    this.prompts = capped('prompt', grants.prompts, ceilings.prompt);
    this.endpoints = (grants.endpoints ?? []).map(({ name, level }) =>
      entry('endpoint', 'name', name, level),
    );
    this.workspaces = grants.workspaces ?? [];
    this.setsGatewayUp = ceilings.setsGatewayUp === true;
  }

  /**
   * The grant that allows it; undefined for none. If the name of an experiment is not given, only grants by id can
   * match.
   */
  grantFor(owner: Owner, level: GrantLevel): GrantEntry | undefined {
    switch (owner.kind) {
      case 'experiment': {
        const byId = this.experimentIds.get(owner.id);
        if (byId !== undefined && includes(byId.level, level)) return byId;
        return owner.name === undefined ? undefined : firstFit(this.experimentNames, owner.name, level);
      }
      case 'model':
        return firstFit(this.models, owner.name, level);
      case 'prompt':
        return firstFit(this.prompts, owner.name, level);
      case 'endpoint':
        return firstFit(this.endpoints, owner.name, level);
      case 'workspace':
        return this.workspaces.includes(owner.name)
          ? { kind: 'workspace', by: 'name', value: owner.name, level: 'read' }
          : undefined;
      default:
        return owner satisfies never;
    }
  }

  /** Whether the name of an experiment could open what its id does not. */
  needsName(id: string, level: GrantLevel): boolean {
    const byId = this.experimentIds.get(id);
    if (byId !== undefined && includes(byId.level, level)) return false;
    return this.experimentNames.some((one) => includes(one.level, level));
  }
}

/** Whether a level that is given includes one that is wanted. */
export function includes(given: GrantLevel, wanted: GrantLevel): boolean {
  return given === 'invoke' || wanted === 'invoke'
    ? given === wanted
    : SCOPE_LEVELS.indexOf(given) >= SCOPE_LEVELS.indexOf(wanted);
}

const sets = new WeakMap<KeyFacts, GrantSet>();

/** Compiled once for each key: its facts are one object for as long as they are in memory. Undefined without grants. */
export function grantSetOf(facts: KeyFacts): GrantSet | undefined {
  if (facts.grants === null) return undefined;
  let set = sets.get(facts);
  if (set === undefined) sets.set(facts, (set = new GrantSet(facts.grants, ceilingsOf(facts))));
  return set;
}

/** The scope check treats models and prompts as one family, because only a look-up of the name tells them apart. */
function ceilingsOf({ scopes }: KeyFacts): Ceilings {
  const { levels } = foldScopes(scopes, {
    requireScopes: false,
    accessIncludesAdmin: false,
    withGrants: true,
  });
  const ceiling = (family: ScopeFamily): ScopeLevel | undefined =>
    SCOPE_LEVELS[(levels[familyIndex(family)] as number) - 1];
  const ofGateway = ceiling('gateway');
  return {
    model: ceiling('model'),
    prompt: ceiling('prompt'),
    setsGatewayUp: ofGateway === 'write' || ofGateway === 'manage',
  };
}

function capped(
  kind: 'model' | 'prompt',
  grants: readonly NamedGrant<ScopeLevel>[] = [],
  ceiling: ScopeLevel | undefined,
): GrantEntry[] {
  if (ceiling === undefined) return [];
  return grants.map(({ name, level }) =>
    entry(kind, 'name', name, includes(level, ceiling) ? ceiling : level),
  );
}

function entry(kind: Owner['kind'], by: 'id' | 'name', value: string, level: GrantLevel): GrantEntry {
  return { kind, by, value, level };
}

function firstFit(entries: readonly GrantEntry[], name: string, level: GrantLevel): GrantEntry | undefined {
  return entries.find((one) => includes(one.level, level) && matchesGlob(one.value, name));
}
