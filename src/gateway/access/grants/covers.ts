import { matchesGlob } from '../../../lib/name-glob.js';
import { includes, type GrantEntry, type GrantSet } from './grant-set.js';

/**
 * Whether these grants allow everything that the other grants allow. MLflow is not asked, so an experiment that is
 * granted by its id is not matched against name patterns.
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
