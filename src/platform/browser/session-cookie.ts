import type { IncomingMessage } from 'node:http';
import { cookieValues, setCookie } from '../../lib/http/cookies.js';
import { contextOf } from '../request/request-context.js';

export interface SessionCookieOptions {
  /** Such as `mlflow_session`; a prefix is added where the cookie is secure. */
  readonly name: string;
  /** `/` makes it a `__Host-` cookie, which no other host can plant; any other path a `__Secure-` one. */
  readonly path: string;
  readonly sameSite: 'Lax' | 'Strict';
}

/** The scheme and host of a request: they decide which cookie is used. */
export interface CookiePlace {
  /** Whether the client came by HTTPS. */
  readonly secure: boolean;
  /** `Host` of the request. */
  readonly host: string | undefined;
}

export function placeOf(request: IncomingMessage): CookiePlace {
  return { secure: contextOf(request).secure, host: request.headers.host };
}

/**
 * The cookie of a session. Over plain HTTP it is set only on the machine itself, because on a network others could
 * read it.
 */
export class SessionCookie {
  /** Every name that the cookie may have. Cookies with these names must not be forwarded. */
  readonly names: ReadonlySet<string>;
  private readonly secureName: string;
  /** The host that was checked last: it is nearly always the same. */
  private judged: { readonly host: string | undefined; readonly isLoopback: boolean } | undefined;

  constructor(private readonly options: SessionCookieOptions) {
    this.secureName = (options.path === '/' ? '__Host-' : '__Secure-') + options.name;
    this.names = new Set([options.name, `__Host-${options.name}`, `__Secure-${options.name}`]);
  }

  /** Whether a session may begin on this connection. */
  isPossible(place: CookiePlace): boolean {
    if (place.secure) return true;
    const { host } = place;
    if (this.judged?.host !== host) this.judged = { host, isLoopback: isLoopbackHost(host) };
    return this.judged?.isLoopback ?? false;
  }

  /** The cookie's value; undefined if there is none, or if two of them make it unclear which one counts. */
  read({ headers }: Pick<IncomingMessage, 'headers'>, place: CookiePlace): string | undefined {
    if (headers.cookie === undefined || !this.isPossible(place)) return undefined;
    const [value, ...others] = cookieValues(headers.cookie, this.nameAt(place));
    return others.length === 0 && value !== '' ? value : undefined;
  }

  /** `Set-Cookie` that begins a session. */
  set(value: string, maxAgeSeconds: number, place: CookiePlace): string {
    const { path, sameSite } = this.options;
    return setCookie(this.nameAt(place), value, { path, sameSite, secure: place.secure, maxAgeSeconds });
  }

  /** `Set-Cookie` that ends it. */
  clear(place: CookiePlace): string {
    return this.set('', 0, place);
  }

  private nameAt({ secure }: CookiePlace): string {
    return secure ? this.secureName : this.options.name;
  }
}

/** Whether a `Host` names the machine itself, which browsers trust without HTTPS. */
export function isLoopbackHost(host: string | undefined): boolean {
  const name = host?.replace(/:\d+$/, '').toLowerCase() ?? '';
  return /^(?:localhost|.+\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(name);
}
