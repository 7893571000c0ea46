/**
 * The form in which MLflow writes an id. MLflow also reads other forms, such as ` 2` and `02`; they are not accepted
 * here.
 */

const EXPERIMENT = /^(?:0|[1-9]\d{0,18})$/;
const RUN = /^[0-9a-f]{32}$/;
const PLAIN = /^[\w.:-]{1,256}$/;
/** Words that are in MLflow's routes in the place of an id. */
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

/**
 * Ids of traces, data sets, issues and the like, which have no fixed form: characters that need no encoding in a path.
 */
export function isPlainId(text: string): boolean {
  return PLAIN.test(text) && !WORDS.has(text);
}
