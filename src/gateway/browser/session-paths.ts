import { MLFLOW_UI_MOUNT } from '../../contracts/http/routes.js';
import { parseTarget } from '../../lib/http/request-target.js';
import { isAssistantPath } from '../mlflow-routes/assistant-path.js';

export const ROUTE_UI = `${MLFLOW_UI_MOUNT}/`;
export const ROUTE_SIGN_IN = `${MLFLOW_UI_MOUNT}/sign-in`;
export const ROUTE_SIGN_OUT = `${MLFLOW_UI_MOUNT}/sign-out`;
export const ROUTE_SESSION = `${MLFLOW_UI_MOUNT}/session`;
export const ROUTE_SESSION_SCRIPT = `${MLFLOW_UI_MOUNT}/session.js`;

const LONGEST_NEXT = 2048;
const OWN_ROUTES: readonly string[] = [ROUTE_SIGN_IN, ROUTE_SIGN_OUT, ROUTE_SESSION_SCRIPT];

/** MLflow's own scripts, styles and images: fetched by the dozen for one page, and the same for everybody. */
export function isStaticFile(path: string): boolean {
  return path.startsWith(`${ROUTE_UI}static-files/`);
}

/**
 * Requests that a page of MLflow's UI makes without any action of its reader. They do not count against the limits of
 * the session's key, and make no usage record. The UI asks for the assistant on every load, and where that is refused
 * the refusals would look like errors of the key; where it is not, it is work like any other.
 */
export function isUnmeteredInSession(
  method: string | undefined,
  path: string,
  { allowAssistantApi }: { readonly allowAssistantApi: boolean },
): boolean {
  if (isStaticFile(path)) return method === 'GET' || method === 'HEAD';
  return !allowAssistantApi && isAssistantPath(path);
}

/** Where to go after the sign-in: a path of the UI and nothing else, so that no link can lead elsewhere. */
export function safeNext(next: string | null | undefined): string {
  if (typeof next !== 'string' || next.length > LONGEST_NEXT || !/^[\x21-\x7e]+$/.test(next)) return ROUTE_UI;
  if (!next.startsWith(ROUTE_UI) || next.includes('\\')) return ROUTE_UI;
  const target = parseTarget(next);
  if (typeof target === 'string' || target.rawPath.includes('//') || !target.path.startsWith(ROUTE_UI))
    return ROUTE_UI;
  return OWN_ROUTES.includes(target.path) ? ROUTE_UI : next;
}
