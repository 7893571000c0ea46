import { unencodedCredentials } from './credentials-in-url.js';

/** What a REDIS_URL says. */
export interface RedisAddress {
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
}

const DEFAULT_PORT = 6379;

/** What is wrong with a REDIS_URL, in words that follow its name and never hold a part of it. */
export function redisUrlProblem(text: string): string | undefined {
  if (!/^rediss?:\/\//i.test(text)) return 'must be a redis:// or rediss:// URL';
  const unencoded = unencodedCredentials(text, { queryMay: false });
  if (unencoded !== undefined) return unencoded;
  if (/\[[^\]]*%[^\]]*\]/.test(text)) return 'must have no zone in its IPv6 address, such as %eth0';
  if (!URL.canParse(text) || new URL(text).hostname === '')
    return 'must be a redis:// or rediss:// URL with a host';
  const { pathname } = new URL(text);
  // As text: an empty query or fragment is none in a URL object.
  if (/[?#]/.test(text))
    return 'must have no query and no fragment: settings of the connection are variables of their own';
  return /^\/?\d{0,4}$/.test(pathname)
    ? undefined
    : 'must end in the number of a database, such as /0, or after the port';
}

/** @param text one in which `redisUrlProblem` finds nothing wrong */
export function redisAddress(text: string): RedisAddress {
  const url = new URL(text);
  const given = (part: string): string | undefined => (part === '' ? undefined : decodeURIComponent(part));
  return {
    host: decodeURIComponent(url.hostname.replace(/^\[|\]$/g, '')),
    port: Number(url.port || DEFAULT_PORT),
    tls: url.protocol === 'rediss:',
    username: given(url.username),
    password: given(url.password),
    database: Number(url.pathname.slice(1)),
  };
}
