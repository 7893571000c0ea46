import {
  MAX_RESOURCES_A_RECORD,
  type UsedResource,
  type UsedResources,
} from '../../../contracts/access/used-resources.js';
import { isGrantName } from '../../../lib/grants.js';
import { matchesGlob } from '../../../lib/name-glob.js';
import { ownCopy } from '../../../lib/own-copy.js';
import type { Finding, Verdict } from './decide.js';
import { includes, type GrantLevel, type Owner } from './grant-set.js';

const MAX_ALONE = 1000;
const alone = new Map<string, UsedResources>();
const NOTHING: UsedResources = { resources: [], more: 0 };

/** The parts of a judgment that are read here. */
interface JudgedUse {
  readonly verdict: Verdict;
  readonly workspace: string | undefined;
  readonly enough?: Owner | undefined;
}

/**
 * The resources by which a request was allowed. They are kept until usage is reported, so they hold no reference to
 * the request.
 *
 * @param judgment undefined for a request that names nothing
 */
export function usedResources(judgment: JudgedUse | undefined): UsedResources {
  if (judgment === undefined) return NOTHING;
  const { verdict, workspace, enough } = judgment;
  const [finding, another] = verdict.findings;
  if (finding === undefined && workspace === undefined) return NOTHING;
  if (finding !== undefined && another === undefined && workspace === undefined) {
    const [owner, other] = enough ? [enough] : finding.owners;
    if (owner !== undefined && other === undefined) return usedAlone(owner, finding.need.level);
  }
  return usedTogether(judgment);
}

/** Nearly all requests use one resource, and many use the same one, so its description is made once and shared. */
function usedAlone(owner: Owner, level: GrantLevel): UsedResources {
  const id = owner.kind === 'experiment' ? owner.id : '';
  const key = `${level}\n${owner.kind}\n${id}\n${owner.name ?? ''}`;
  let used = alone.get(key);
  if (used === undefined) {
    const resource = resourceOf(owner, level);
    used = resource === undefined ? { resources: [], more: 1 } : { resources: [resource], more: 0 };
    if (alone.size >= MAX_ALONE) alone.clear();
    alone.set(ownCopy(key), used);
  }
  return used;
}

function usedTogether({ verdict, workspace, enough }: JudgedUse): UsedResources {
  const used = new Map<string, UsedResource>();
  let more = 0;
  const add = (owner: Owner, level: GrantLevel): void => {
    const resource = resourceOf(owner, level);
    if (resource === undefined) return void more++;
    const name = `${resource.kind}\n${resource.id ?? ''}\n${resource.name ?? ''}`;
    const before = used.get(name);
    if (before === undefined && used.size >= MAX_RESOURCES_A_RECORD) more++;
    else if (before === undefined || !includes(before.level, level)) used.set(name, resource);
  };
  if (workspace !== undefined) add({ kind: 'workspace', name: workspace }, 'read');
  for (const finding of verdict.findings)
    for (const owner of enough ? [enough] : decidingOwners(finding)) add(owner, finding.need.level);
  return { resources: [...used.values()], more };
}

/** If one of several owners was enough: the one whose grant allowed it. */
function decidingOwners({ owners, quantifier, grant }: Finding): readonly Owner[] {
  if (quantifier === 'all' || owners.length < 2) return owners;
  const opened = owners.find((owner) =>
    grant?.by === 'id'
      ? 'id' in owner && owner.id === grant.value
      : matchesGlob(grant?.value ?? '', owner.name ?? ''),
  );
  return [opened ?? (owners[0] as Owner)];
}

/** Undefined for a thing that no grant can name. */
function resourceOf(owner: Owner, level: GrantLevel): UsedResource | undefined {
  const name = isGrantName(owner.name) ? ownCopy(owner.name) : undefined;
  if (owner.kind !== 'experiment') return name === undefined ? undefined : { kind: owner.kind, name, level };
  if (owner.id === '' && name === undefined) return undefined;
  return {
    kind: 'experiment',
    ...(owner.id !== '' && { id: ownCopy(owner.id) }),
    ...(name !== undefined && { name }),
    level,
  };
}
