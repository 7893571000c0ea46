/*
 * MLflow mounts its assistant at `/ajax-api/3.0/mlflow/assistant`, below its static prefix where it has
 * one. The rule is wider than that on purpose: both API trees (the dialect rewrite turns one into the
 * other), any version, the slash that some routes lack, any prefix, and any case, should a later MLflow
 * or a server in between not care.
 */
const ASSISTANT = /\/(?:ajax-)?api\/[^/]*\/?mlflow\/assistant(?:\/|$)/i;

/** Whether a judged path (decoded once, slashes collapsed) reaches MLflow's assistant API. */
export function isAssistantPath(path: string): boolean {
  // Most paths do not have the word, and finding that out is cheaper than the expression.
  return (path.includes('assistant') || /assistant/i.test(path)) && ASSISTANT.test(path);
}
