import {
  CONSOLE_COOKIE_NAME,
  CREDENTIAL_HEADERS,
  HEADER_KEY_ID,
  HEADER_REQUEST_ID,
  HEADER_USER_ID,
  LLM_CREDENTIAL_HEADERS,
  SESSION_COOKIE_NAME,
  VIA_PSEUDONYM,
} from '../../../contracts/http/headers.js';
import { ProblemError } from '../../../lib/http/problem-error.js';
import { withoutCookies } from '../../../lib/http/cookies.js';
import { HOP_BY_HOP, ruleByName } from './header-rules.js';
import { isTraceparent, newTraceparent } from './traceparent.js';

/** Headers that the gateway itself adds for MLflow. */
export interface RequestFacts {
  readonly requestId: string;
  /** The gateway's own span if tracing is on; otherwise the client's value is passed on. */
  readonly traceparent?: string | undefined;
  /** The client after trusted hops: the one entry of `X-Forwarded-For`. */
  readonly clientIp: string;
  readonly secure: boolean;
  readonly keyId: string | null;
  readonly userId: string | null;
  /**
   * MLflow forwards all headers to a third party, as its AI gateway does. They must not say who asks or which proxies
   * the request passed.
   */
  readonly thirdParty: boolean;
  /** `Authorization` with which the gateway itself is known to MLflow. */
  readonly ownAuthorization: string | undefined;
  /** Keep the client's credentials for an LLM provider, because the API key was in `X-MLflow-Authorization`. */
  readonly keepProviderCredentials: boolean;
}

const enum Rule {
  Pass,
  Drop,
  /** Dropped unless it is meant for an LLM provider. */
  ProviderCredential,
  /** Dropped if a third party would see it: it identifies the client, or is a credential for another server. */
  Private,
  UserAgent,
  Connection,
  Host,
  Via,
  Traceparent,
  Tracestate,
  Cookie,
}

/** Where clients, and proxies in front, put the client's address, its identity and its credentials for other servers. */
const PRIVATE = [
  'from',
  'remote-user',
  'cf-access-jwt-assertion',
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'fastly-client-ip',
  'fly-client-ip',
  'true-client-ip',
  'x-amzn-oidc-accesstoken',
  'x-amzn-oidc-data',
  'x-amzn-oidc-identity',
  'x-appengine-user-ip',
  'x-azure-clientip',
  'x-azure-socketip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-envoy-external-address',
  'x-goog-authenticated-user-email',
  'x-goog-authenticated-user-id',
  'x-goog-iap-jwt-assertion',
  'x-original-forwarded-for',
  'x-real-ip',
  'x-remote-user',
];

/**
 * In place of a client's address for third parties: one of those for documentation (RFC 5737). MLflow refuses its
 * assistant API to all addresses but loopback ones, so there must be an address, and none that is loopback.
 */
const NO_CLIENT = '192.0.2.1';

const RULES = new Map<string, Rule>([
  ['connection', Rule.Connection],
  ['host', Rule.Host],
  ['via', Rule.Via],
  ['traceparent', Rule.Traceparent],
  ['tracestate', Rule.Tracestate],
  ['cookie', Rule.Cookie],
  ['user-agent', Rule.UserAgent],
  ...PRIVATE.map((name) => [name, Rule.Private] as const),
  ...CREDENTIAL_HEADERS.map((name) => [name, Rule.Drop] as const),
  ...LLM_CREDENTIAL_HEADERS.map((name) => [name, Rule.ProviderCredential] as const),
  ...[
    ...HOP_BY_HOP,
    'http2-settings',
    // The gateway has answered it itself.
    'expect',
    // Said by the gateway alone.
    HEADER_REQUEST_ID,
    'forwarded',
    // MLflow checks the first two against its own address, which no client behind a gateway has; the
    // third one turns its guardrails off.
    'origin',
    'referer',
    'x-mlflow-guardrail-bypass',
  ].map((name) => [name, Rule.Drop] as const),
]);

function ruleFor(lowerName: string): Rule {
  const rule = RULES.get(lowerName);
  if (rule !== undefined) return rule;
  // WSGI servers, such as those MLflow runs on, do not tell `X_Forwarded_For` from `X-Forwarded-For`.
  if (lowerName.includes('_'))
    return ruleFor(lowerName.replaceAll('_', '-')) === Rule.Pass ? Rule.Pass : Rule.Drop;
  return lowerName.startsWith('x-forwarded-') || lowerName.startsWith('x-hokusai-') ? Rule.Drop : Rule.Pass;
}

const ruleOf = ruleByName(ruleFor);

/** What one pass over the client's headers finds. */
interface Scan {
  readonly passed: string[];
  hosts: number;
  host: string;
  /** All `Via` values, each with a comma behind. */
  via: string;
  traceparent: string;
  /** Two of them count as none (W3C Trace Context, 3.2.2). */
  traceparents: number;
  tracestate: string[] | undefined;
  /** Names that `Connection` lists. */
  listed: string[] | undefined;
}

/** Turns rules that depend on where a request goes into `Pass` or `Drop`. */
function ruleHere(rule: Rule, facts: RequestFacts): Rule {
  if (rule === Rule.ProviderCredential) return facts.keepProviderCredentials ? Rule.Pass : Rule.Drop;
  if (rule === Rule.Private) return facts.thirdParty ? Rule.Drop : Rule.Pass;
  if (rule === Rule.Cookie && facts.thirdParty) return Rule.Drop;
  if (rule === Rule.UserAgent) return hidesUserAgent(facts) ? Rule.Drop : Rule.Pass;
  return rule;
}

/** MLflow sends `Authorization` on to a provider where the user agent is one of some coding tools. */
function hidesUserAgent({ thirdParty, ownAuthorization }: RequestFacts): boolean {
  return thirdParty && ownAuthorization !== undefined;
}

function scan(raw: readonly string[], facts: RequestFacts): Scan {
  const found: Scan = {
    passed: [],
    hosts: 0,
    host: '',
    via: '',
    traceparent: '',
    traceparents: 0,
    tracestate: undefined,
    listed: undefined,
  };
  const { passed } = found;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string;
    const value = raw[i + 1] as string;
    switch (ruleHere(ruleOf(name), facts)) {
      case Rule.Pass:
        passed.push(name, value);
        break;
      case Rule.Drop:
      case Rule.ProviderCredential:
      case Rule.Private:
      case Rule.UserAgent:
        break;
      case Rule.Connection:
        found.listed = connectionNames(value, found.listed);
        break;
      case Rule.Host:
        found.hosts++;
        found.host = value;
        break;
      case Rule.Via:
        found.via += `${value}, `;
        break;
      case Rule.Traceparent:
        found.traceparents++;
        found.traceparent = value;
        break;
      case Rule.Tracestate:
        (found.tracestate ??= []).push(name, value);
        break;
      case Rule.Cookie:
        passCookies(passed, name, value);
        break;
    }
  }
  return found;
}

const SESSION_COOKIES: ReadonlySet<string> = new Set(
  [SESSION_COOKIE_NAME, CONSOLE_COOKIE_NAME].flatMap((name) => [name, `__Host-${name}`, `__Secure-${name}`]),
);

/**
 * MLflow must not get the cookies of browser sessions, which are credentials of the gateway, and of the console, which
 * browsers send too if both servers have the same host name. All other cookies are passed on.
 */
function passCookies(passed: string[], name: string, value: string): void {
  const holdsOne = value.includes(SESSION_COOKIE_NAME) || value.includes(CONSOLE_COOKIE_NAME);
  const kept = holdsOne ? withoutCookies(value, SESSION_COOKIES) : value;
  if (kept !== undefined) passed.push(name, kept);
}

/**
 * Headers for MLflow in one pass, as flat name-value pairs in the client's order and spelling.
 *
 * @param raw the client's headers, flat, as Node's `rawHeaders`
 * @throws ProblemError `bad-request` for more than one `Host`
 */
export function requestHeaders(raw: readonly string[], facts: RequestFacts): string[] {
  const { passed, hosts, host, via, traceparent, traceparents, tracestate, listed } = scan(raw, facts);
  if (hosts > 1) throw new ProblemError('bad-request', { reason: 'several Host headers' });
  const out = listed === undefined ? passed : without(passed, listed);
  const keepTrace = traceparents === 1 && isTraceparent(traceparent);
  if (keepTrace && tracestate !== undefined) out.push(...tracestate);
  if (!facts.thirdParty) out.push('Via', `${via}1.1 ${VIA_PSEUDONYM}`);
  out.push('traceparent', facts.traceparent ?? (keepTrace ? traceparent : newTraceparent(facts.requestId)));
  addFacts(out, host, facts);
  return out;
}

function addFacts(out: string[], host: string, facts: RequestFacts): void {
  const { thirdParty, ownAuthorization, userId, keyId } = facts;
  out.push(HEADER_REQUEST_ID, facts.requestId);
  out.push('X-Forwarded-For', thirdParty ? NO_CLIENT : facts.clientIp);
  out.push('X-Forwarded-Proto', facts.secure ? 'https' : 'http');
  if (ownAuthorization !== undefined) out.push('Authorization', ownAuthorization);
  if (hidesUserAgent(facts)) out.push('User-Agent', VIA_PSEUDONYM);
  if (thirdParty) return;
  if (host !== '') out.push('X-Forwarded-Host', host);
  if (userId !== null) out.push(HEADER_USER_ID, encodeURIComponent(userId));
  if (keyId !== null) out.push(HEADER_KEY_ID, encodeURIComponent(keyId));
}

// A client's `Connection` header must not remove these, because they frame the message. Headers that the gateway adds
// are added after the removal.
const NEVER_LISTED = new Set(['host', 'content-length']);

/** Names that a `Connection` header lists, added to those of the ones before; undefined while there are none. */
export function connectionNames(value: string, before?: string[]): string[] | undefined {
  if (/^(?:keep-alive|close)$/i.test(value)) return before;
  const names = before ?? [];
  for (const part of value.toLowerCase().split(',')) {
    const name = part.trim();
    if (name !== '' && name !== 'keep-alive' && name !== 'close' && !NEVER_LISTED.has(name)) names.push(name);
  }
  return names.length === 0 ? undefined : names;
}

/** Flat pairs without those of the given lower-case names. */
export function without(flat: readonly string[], names: readonly string[]): string[] {
  const dropped = new Set(names);
  const out: string[] = [];
  for (let i = 0; i < flat.length; i += 2)
    if (!dropped.has((flat[i] as string).toLowerCase())) out.push(flat[i] as string, flat[i + 1] as string);
  return out;
}
