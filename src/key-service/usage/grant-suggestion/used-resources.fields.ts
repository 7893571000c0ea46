import { ValidateBy } from 'class-validator';
import { SCOPE_LEVELS } from '../../../contracts/access/scopes.js';
import { MAX_RESOURCES_A_RECORD, RESOURCE_KINDS } from '../../../contracts/access/used-resources.js';
import { isExperimentId } from '../../../lib/canonical-id.js';
import { isGrantName } from '../../../lib/grants.js';

const KINDS: readonly unknown[] = RESOURCE_KINDS;
const LEVELS: readonly unknown[] = [...SCOPE_LEVELS, 'invoke'];

/** Things as `UsedResource` has them: each could stand in a grant. */
export function AreUsedResources(): PropertyDecorator {
  return ValidateBy({
    name: 'areUsedResources',
    validator: {
      validate: (value): boolean =>
        Array.isArray(value) && value.length <= MAX_RESOURCES_A_RECORD && value.every(isUsedResource),
      defaultMessage: () =>
        `must be a list of at most ${MAX_RESOURCES_A_RECORD} objects with "kind", "level", and "id" or "name" as grants have them`,
    },
  });
}

function isUsedResource(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, id, name, level } = value as Record<string, unknown>;
  if (!KINDS.includes(kind) || !LEVELS.includes(level)) return false;
  if (name !== undefined && !isGrantName(name)) return false;
  return id === undefined
    ? name !== undefined
    : kind === 'experiment' && typeof id === 'string' && isExperimentId(id);
}
