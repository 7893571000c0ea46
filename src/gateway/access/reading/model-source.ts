import { isLoggedModelId, isRunId } from '../../../lib/canonical-id.js';
import { readArtifactPath, tailFault } from './artifact-path.js';

/** Whose files the source of a model version are. */
export type ModelSource =
  | { readonly kind: 'run'; readonly runId: string }
  | { readonly kind: 'logged-model'; readonly modelId: string }
  /** A version of a registered model, by its number, stage or alias. */
  | { readonly kind: 'model'; readonly name: string }
  | { readonly kind: 'experiment'; readonly experimentId: string };

/** What clients send as the source of a prompt, which has none (`mlflow/prompt/constants.py`). */
export const PROMPT_SOURCES: ReadonlySet<string> = new Set(['dummy-source', 'prompt-template']);

// eslint-disable-next-line no-control-regex -- control characters are exactly what is looked for
const UNSAFE = /[\u0000-\u001f\u007f\\?#%]/;
const RUN = /^runs:\/([^/]+)(?:\/(.*))?$/s;
const MODEL = /^models:\/([^/].*)$/s;
const ARTIFACTS = /^mlflow-artifacts:\/([^/].*)$/s;

/**
 * Reads the source of a model version in the forms that name something of MLflow's own, written as MLflow's client writes
 * them; undefined for every other: a file, a bucket, another server, or a spelling that two parsers could read differently.
 */
export function readModelSource(source: string): ModelSource | undefined {
  const [, runId, runPath] = RUN.exec(source) ?? [];
  if (runId !== undefined)
    return isRunId(runId) && tailFault(runPath ?? '') === undefined ? { kind: 'run', runId } : undefined;
  const [, model] = MODEL.exec(source) ?? [];
  if (model !== undefined) return readModel(model);
  const [, path] = ARTIFACTS.exec(source) ?? [];
  if (path === undefined || path.includes('?')) return undefined;
  const place = readArtifactPath(path);
  return 'fault' in place || place.kind !== 'experiment'
    ? undefined
    : { kind: 'experiment', experimentId: place.experimentId };
}

function readModel(model: string): ModelSource | undefined {
  if (UNSAFE.test(model)) return undefined;
  const [name = '', version, ...more] = model.split('/');
  if (more.length > 0) return undefined;
  if (version !== undefined) return name === '' || version === '' ? undefined : { kind: 'model', name };
  const at = model.lastIndexOf('@');
  if (at > 0) return at === model.length - 1 ? undefined : { kind: 'model', name: model.slice(0, at) };
  return isLoggedModelId(model) ? { kind: 'logged-model', modelId: model } : undefined;
}
