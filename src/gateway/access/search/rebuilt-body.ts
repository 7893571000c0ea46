import type { Json, JsonObject } from '../../../lib/json/strict-json.js';
import { camelCase } from '../reading/field-types.js';

/**
 * A body with some members replaced. They stand first: MLflow's parser gives up at a member that it does not like, and
 * what comes after it is as if it were not there.
 *
 * @param members by MLflow's names; undefined drops one
 * @returns undefined where a number of the client's cannot be written as it was
 */
export function rebuiltBody(
  body: JsonObject,
  members: Readonly<Record<string, Json | undefined>>,
): Buffer | undefined {
  const rebuilt = Object.create(null) as Record<string, Json>;
  for (const [name, value] of Object.entries(members)) if (value !== undefined) rebuilt[name] = value;
  const replaced = new Set(Object.keys(members).flatMap((name) => [name, camelCase(name)]));
  for (const [name, value] of Object.entries(body)) if (!replaced.has(name)) rebuilt[name] = value;
  return isWritable(rebuilt) ? Buffer.from(JSON.stringify(rebuilt)) : undefined;
}

/** `NaN`, `Infinity` and long whole numbers would come out as something else. */
function isWritable(value: Json): boolean {
  if (typeof value === 'number')
    return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value as Record<string, Json>).every(isWritable);
}
