import { matchesGlob } from '../../../lib/name-glob.js';
import { includes, type GrantEntry, type GrantSet } from './grant-set.js';

/**
 * Whether grants open all that others open, as far as that can be said without asking MLflow: an experiment by id is
 * not looked for among patterns.
 */
export function covers(grants: GrantSet, others: GrantSet): boolean {
  const byId = [...others.experimentIds.values()].every((other) => {
    const own = grants.experimentIds.get(other.value);
    return own !== undefined && includes(own.level, other.level);
  });
  return (
    byId &&
    coversNames(grants.experimentNames, others.experimentNames) &&
    coversNames(grants.models, others.models) &&
    coversNames(grants.prompts, others.prompts) &&
    coversNames(grants.endpoints, others.endpoints) &&
    others.workspaces.every((name) => grants.workspaces.includes(name))
  );
}

/**
 * A pattern that matches another pattern as a plain string matches every name that the other matches: its `*` stands
 * for any characters.
 */
function coversNames(entries: readonly GrantEntry[], others: readonly GrantEntry[]): boolean {
  return others.every((other) =>
    entries.some((own) => includes(own.level, other.level) && matchesGlob(own.value, other.value)),
  );
}
