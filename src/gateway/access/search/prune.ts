import type { Json, JsonObject } from '../../../lib/strict-json.js';

/**
 * What of a list a key may see, in the list's order. The same list and grants always come to the same: MLflow's tokens of
 * logged models hold the ids, and refuse others.
 */
export async function prune<T>(
  entries: readonly T[],
  isGranted: (entry: T) => boolean | Promise<boolean>,
): Promise<T[]> {
  const granted = await Promise.all(entries.map(async (entry) => isGranted(entry)));
  return entries.filter((_, index) => granted[index]);
}

/** The experiment that a location of traces names, in either spelling; undefined for one of another kind. */
export function experimentOfLocation(location: Json): string | undefined {
  if (!isObject(location)) return undefined;
  const experiment = location['mlflow_experiment'] ?? location['mlflowExperiment'];
  if (!isObject(experiment)) return undefined;
  const id = experiment['experiment_id'] ?? experiment['experimentId'];
  return typeof id === 'string' ? id : undefined;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
