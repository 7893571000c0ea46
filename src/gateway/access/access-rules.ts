import { SCOPE_MLFLOW_ACCESS } from '../../contracts/key-validation.js';

/** Whether scopes open MLflow; an auth service that names none at all means `mlflow:access`, unless told otherwise. */
export function mayUseMlflow(scopes: readonly string[] | null, requireScopes: boolean): boolean {
  return scopes === null ? !requireScopes : scopes.includes(SCOPE_MLFLOW_ACCESS);
}

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

/** What a browser says about where a request comes from. */
export interface BrowserHeaders {
  host?: string | undefined;
  origin?: string | undefined;
  'sec-fetch-site'?: string | string[] | undefined;
}

/**
 * Whether a browser sends this request for a page of another site. Programs send neither header.
 * The scheme is not compared, because a proxy in front may have ended TLS.
 */
export function isCrossSite(headers: BrowserHeaders): boolean {
  if (headers['sec-fetch-site'] === 'cross-site') return true;
  const { origin } = headers;
  if (origin === undefined) return false;
  // `null` is the origin of sandboxed frames and of redirected requests: foreign.
  if (!URL.canParse(origin)) return true;
  const url = new URL(origin);
  return url.host !== hostOf(headers.host, url.protocol);
}

/** The host as a URL would print it: lower case, without the scheme's default port. */
function hostOf(host: string | undefined, protocol: string): string | undefined {
  const url = `${protocol}//${host ?? ''}`;
  return URL.canParse(url) ? new URL(url).host : undefined;
}
