import { CREDENTIAL_HEADERS } from '../../../contracts/http/headers.js';

/** What is needed to write addresses in an answer as the client knows them. */
export interface AnswerPlace {
  /** The mount that the request came under, such as `/api/mlflow`. */
  readonly mount: string;
  /** `Host` as the client sent it; empty where it sent none. */
  readonly clientHost: string;
}

/** Where MLflow is, as `answer-rewrite` needs it. */
export interface UpstreamPlace {
  /** `host` or `host:port`, the port only where it is not the scheme's own. */
  readonly host: string;
  /** Path of `MLFLOW_SERVER_URL` without a slash at the end; empty at the root. */
  readonly basePath: string;
}

/** `Vary` with every header that can hold a credential: an answer to one key must not be used for another. */
export const VARY_CREDENTIALS = CREDENTIAL_HEADERS.join(', ');

/** `scheme://authority` or `//authority` in front of a path. */
const ABSOLUTE = /^(?:https?:)?\/\/([^/?#]*)/i;

/**
 * `Location` as the client must see it: MLflow names its own host, or a path below its own root. The result
 * is a path, because the gateway may itself be behind a proxy that changes scheme and host.
 */
export function rewriteLocation(location: string, upstream: UpstreamPlace, place: AnswerPlace): string {
  const absolute = ABSOLUTE.exec(location);
  if (absolute === null)
    return location.startsWith('/') ? underMount(location, upstream, place.mount) : location;
  const authority = (absolute[1] as string).toLowerCase();
  const rest = location.slice(absolute[0].length);
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  if (authority === upstream.host.toLowerCase()) return underMount(path, upstream, place.mount);
  // MLflow may have built the address with the outer host from X-Forwarded-Host.
  if (authority === place.clientHost.toLowerCase() && !path.startsWith(`${place.mount}/`))
    return underMount(path, upstream, place.mount);
  return location;
}

function underMount(path: string, upstream: UpstreamPlace, mount: string): string {
  if (upstream.basePath === '') return mount + path;
  const rest = path.slice(upstream.basePath.length);
  // The gateway serves no path outside of MLflow's own root.
  return path.startsWith(upstream.basePath) && /^(?:[/?#]|$)/.test(rest) ? mount + rest : path;
}

const COOKIE_PATH = /(;\s*path\s*=\s*)([^;]*)/i;

/** `Set-Cookie` with its path moved below the mount, so that the browser sends the cookie back. */
export function rewriteSetCookie(cookie: string, upstream: UpstreamPlace, mount: string): string {
  return cookie.replace(COOKIE_PATH, (attribute, lead: string, path: string) => {
    const trimmed = path.trim();
    if (!trimmed.startsWith('/')) return attribute;
    const moved = underMount(trimmed, upstream, mount);
    return lead + (moved === mount ? `${mount}/` : moved);
  });
}

/**
 * `Cache-Control` for an authenticated answer: no shared cache may keep it (RFC 9111, 3.5).
 *
 * @param value all lines of the header joined by commas; empty if there is none
 */
export function privateCacheControl(value: string): string {
  if (value === '') return 'private';
  const kept = splitDirectives(value).filter(
    (directive) => !/^(?:public|private|s-maxage)\s*(?:=|$)/i.test(directive),
  );
  return kept.length === 0 ? 'private' : `private, ${kept.join(', ')}`;
}

/** Directives may hold commas in quoted strings: `no-cache="set-cookie, x"`. */
function splitDirectives(value: string): string[] {
  return (value.match(/(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g) ?? [])
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
