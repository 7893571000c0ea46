import { isPlainId } from '../../../lib/canonical-id.js';
import type { AskedFor, MlflowLookup } from './mlflow-lookup.js';

/**
 * The first id that belongs to no assessment of the trace; undefined if all do. It may belong to another trace or not
 * exist: MLflow is asked only about this trace.
 *
 * @throws ProblemError `lookup-unavailable`
 */
export async function foreignAssessment<Value extends { readonly text: string }>(
  lookup: MlflowLookup,
  trace: string,
  values: readonly Value[],
  asked: AskedFor,
): Promise<Value | undefined> {
  const seen = new Set<string>();
  for (const value of values) {
    const { text: id } = value;
    if (seen.has(id)) continue;
    seen.add(id);
    if (!isPlainId(id)) return value;
    const path = `/api/3.0/mlflow/traces/${encodeURIComponent(trace)}/assessments/${encodeURIComponent(id)}`;
    const answer = await lookup.get(path, asked);
    if (!answer.found) return value;
  }
  return undefined;
}
