import type { KeyFacet, KeyFacetsResponse } from '../../../contracts/keys/key-management.js';
import { MAX_FACETS, type KeyCounts, type KeyTally } from './key-list.repository.js';

/** Counts of the keys of all services and environments, and the services and environments with most keys. */
export function facetsOf(tallies: readonly KeyTally[]): Omit<KeyFacetsResponse, 'users'> {
  const sum = (name: keyof KeyCounts): number => tallies.reduce((total, one) => total + one[name], 0);
  return {
    total: sum('total'),
    by_status: {
      active: sum('active'),
      rotated: sum('rotated'),
      expired: sum('expired'),
      revoked: sum('revoked'),
    },
    expire_within_14_days: sum('expiring'),
    unused_for_30_days: sum('unused'),
    services: by('service_id', tallies),
    environments: by('environment', tallies),
  };
}

function by(column: 'service_id' | 'environment', tallies: readonly KeyTally[]): KeyFacet[] {
  const facets = new Map<string, KeyFacet>();
  for (const { [column]: value, total, active } of tallies) {
    const { keys = 0, active: activeKeys = 0 } = facets.get(value) ?? {};
    facets.set(value, { value, keys: keys + total, active: activeKeys + active });
  }
  return [...facets]
    .sort(([a, { keys: n }], [b, { keys: m }]) => m - n || (a < b ? -1 : 1))
    .map(([, facet]) => facet)
    .slice(0, MAX_FACETS);
}
