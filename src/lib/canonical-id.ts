/** The one form in which MLflow writes an id: it reads others too, such as ` 2` and `02`, and they are not taken here. */

const EXPERIMENT = /^(?:0|[1-9]\d{0,18})$/;
const RUN = /^[0-9a-f]{32}$/;
const PLAIN = /^[\w.:-]{1,256}$/;
/** Words that MLflow's routes have where others have an id. */
const WORDS: ReadonlySet<string> = new Set(['search', 'get', 'list', 'batchGet', '.', '..']);
const LOGGED_MODEL = /^m-[0-9a-f]{32}$/;

export function isExperimentId(text: string): boolean {
  return EXPERIMENT.test(text);
}

export function isRunId(text: string): boolean {
  return RUN.test(text);
}

export function isLoggedModelId(text: string): boolean {
  return LOGGED_MODEL.test(text);
}

/** Ids of traces, data sets, issues and the like, which have no one form: what can stand in a path as it is. */
export function isPlainId(text: string): boolean {
  return PLAIN.test(text) && !WORDS.has(text);
}
