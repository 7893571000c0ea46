import { toResource } from './key-resource.js';
import type { KeyRecord } from '../records/key-record.js';
import type { KeyChangeset } from './keys.repository.js';

export function changesNothing(changeset: KeyChangeset): boolean {
  return Object.values(changeset).every((value) => value === undefined);
}

/** Whether gateways need to know of the change; name and description are only for people. */
export function touchesFacts({ name: _name, description: _description, ...facts }: KeyChangeset): boolean {
  return Object.values(facts).some((value) => value !== undefined);
}

/** Each field that differs with its old and new value, by its name on the wire. */
export function describeChanges(
  before: KeyRecord,
  after: KeyRecord,
): Record<string, { from: unknown; to: unknown }> {
  const now = after.createdAt;
  const [old, current] = [toResource(before, now), toResource(after, now)] as unknown as Record<
    string,
    unknown
  >[];
  const changes: Record<string, { from: unknown; to: unknown }> = {};
  for (const [field, to] of Object.entries(current as object)) {
    const from = old?.[field];
    if (JSON.stringify(from) !== JSON.stringify(to)) changes[field] = { from, to };
  }
  return changes;
}
