import type { IncomingMessage } from 'node:http';

/** The parts of a request that the rule reads. */
export interface BrowserRequest {
  readonly method?: string | undefined;
  readonly headers: IncomingMessage['headers'];
}

/** What is known about the address of the gateway itself. */
export interface OwnPlace {
  /** Whether the client is known to use HTTPS: then a page with `http://` is from another origin. */
  readonly secure: boolean;
  /** Proxies in front whose `X-Forwarded-Host` is trusted. */
  readonly trustedHops: number;
}

/**
 * By what a browser may send the credential without being asked: a cookie is sent by browsers alone, Basic by
 * programs too, which name no origin.
 */
export type AmbientCredential = 'cookie' | 'basic';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const OWN_SITES = new Set(['same-origin', 'none']);

/**
 * Whether a request with a credential that browsers send by themselves may come from a page of another origin; then it
 * must be refused. All browser surfaces use this rule. A sibling host of the same domain counts as another origin too,
 * because SameSite cookies do not keep it out. Fetch Metadata (`Sec-Fetch-*`) is set by the browser itself; no page
 * can set it. Only a link that opens a page in a window of its own may come from another origin, because no page can
 * read its answer.
 */
export function isCrossSite(
  request: BrowserRequest,
  credential: AmbientCredential,
  place: OwnPlace,
): boolean {
  const { headers } = request;
  const site = headers['sec-fetch-site'];
  const method = request.method ?? '';
  if (site !== undefined && !OWN_SITES.has(site)) return !isFollowedLink(request);
  const { origin } = headers;
  if (origin === undefined) return credential === 'cookie' && !SAFE_METHODS.has(method);
  // The request is from a sandboxed frame, or was redirected from another origin.
  if (!URL.canParse(origin)) return true;
  const url = new URL(origin);
  if (place.secure && url.protocol !== 'https:') return true;
  // A proxy in front may have rewritten Host. Then only the browser says that the page is the gateway's own.
  return site !== 'same-origin' && !ownHosts(headers, place).some((host) => isSameHost(host, url));
}

/** A document that a person opens, with no page waiting for its content (Fetch Metadata, `navigate` and `document`). */
export function isDocumentNavigation({ method, headers }: BrowserRequest): boolean {
  if (method !== 'GET') return false;
  const mode = headers['sec-fetch-mode'];
  const dest = headers['sec-fetch-dest'];
  if (mode !== undefined || dest !== undefined) return mode === 'navigate' && dest === 'document';
  // Browsers send no Fetch Metadata over plain HTTP; they alone ask for HTML first.
  return headers.accept?.startsWith('text/html') ?? false;
}

function isFollowedLink(request: BrowserRequest): boolean {
  const { headers } = request;
  return (
    headers['sec-fetch-mode'] !== undefined && headers.origin === undefined && isDocumentNavigation(request)
  );
}

/** Names under which the client may know this server. */
function ownHosts(headers: IncomingMessage['headers'], { trustedHops }: OwnPlace): string[] {
  const hosts = headers.host === undefined ? [] : [headers.host];
  const forwarded = headers['x-forwarded-host'];
  if (trustedHops === 0 || typeof forwarded !== 'string') return hosts;
  // Counted from the right as X-Forwarded-For is; many proxies send one value only.
  const entries = forwarded.split(',');
  const entry = entries[Math.max(0, entries.length - trustedHops)]?.trim();
  return entry === undefined || entry === '' ? hosts : [...hosts, entry];
}

/** Compared as a URL prints it: lower case, without the scheme's own port. */
function isSameHost(host: string, origin: URL): boolean {
  const text = `${origin.protocol}//${host}`;
  return URL.canParse(text) && new URL(text).host === origin.host;
}
