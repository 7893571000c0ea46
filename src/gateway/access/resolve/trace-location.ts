import { LOCATION_TAG } from '../reading/trace-tags.js';
import type { AskedFor, MlflowLookup } from './mlflow-lookup.js';

/**
 * Where MLflow keeps the files of a trace now; undefined where it says none, or there is no such trace.
 *
 * @throws ProblemError `lookup-unavailable`
 */
export async function presentTraceLocation(
  lookup: MlflowLookup,
  id: string,
  asked: AskedFor,
): Promise<string | undefined> {
  const name = encodeURIComponent(id);
  const paths = [`/api/3.0/mlflow/traces/${name}`, `/api/2.0/mlflow/traces/${name}/info`];
  for (const path of paths) {
    const answer = await lookup.get(path, asked);
    if (answer.found) return locationIn(answer.body);
    if (answer.served) return undefined;
  }
  return undefined;
}

/** Version 3 has tags as a map, version 2 as a list. */
function locationIn(body: unknown): string | undefined {
  const { trace, trace_info: info } = body as {
    trace?: { trace_info?: { tags?: unknown } };
    trace_info?: { tags?: unknown };
  };
  const tags = trace?.trace_info?.tags ?? info?.tags;
  const value = Array.isArray(tags)
    ? (tags as { key?: unknown; value?: unknown }[]).find(({ key }) => key === LOCATION_TAG)?.value
    : (tags as Record<string, unknown> | undefined)?.[LOCATION_TAG];
  return typeof value === 'string' ? value : undefined;
}
