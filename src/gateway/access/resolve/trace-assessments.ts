import { isPlainId } from '../../../lib/canonical-id.js';
import type { AskedFor, MlflowLookup } from './mlflow-lookup.js';

/**
 * The first of some ids that is of no assessment of the trace; undefined where all are. It may lie in another trace, or
 * nowhere: MLflow is asked below the trace alone.
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
