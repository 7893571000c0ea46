import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { SESSION_COOKIE_NAME } from '../../contracts/http/headers.js';
import { SealedTokens } from '../../platform/browser/sealed-tokens.js';
import { placeOf, SessionCookie, type CookiePlace } from '../../platform/browser/session-cookie.js';
import { Clock } from '../../platform/clock.js';
import { SessionConfig } from '../config/session.config.js';
import type { KeyFacts } from '../principal/key-facts.js';
import { EndedSessions } from './ended-sessions.js';
import { isSessionClaims, SESSION_PURPOSE, type SessionClaims } from './session-claims.js';

/** Opened sessions in memory, each replica: about 1 KB each. */
const MAX_OPENED = 10_000;

/** The session that a request's cookie opened, or why there is none. */
export type SessionState = SessionClaims | 'invalid' | 'expired' | 'ended';

/** The last cookie header of a connection, and the session that it opened. */
interface LastCookie extends CookiePlace {
  readonly cookie: string;
  readonly claims: SessionClaims;
}

/** Sessions as cookies: they begin, are read and end here. */
@Injectable()
export class BrowserSessions {
  readonly cookie: SessionCookie;
  private readonly tokens: SealedTokens<SessionClaims>;
  private readonly lifetimeSeconds: number;
  /** Hot path: a browser sends the same header over and over on a connection that it keeps. */
  private readonly last = new WeakMap<Socket, LastCookie>();

  constructor(
    config: SessionConfig,
    private readonly ended: EndedSessions,
    private readonly clock: Clock,
  ) {
    this.cookie = new SessionCookie({ name: SESSION_COOKIE_NAME, path: config.cookiePath, sameSite: 'Lax' });
    this.tokens = new SealedTokens(config.secrets, SESSION_PURPOSE, isSessionClaims, MAX_OPENED);
    this.lifetimeSeconds = config.hours * 3600;
  }

  /** @returns the `Set-Cookie` that begins a session with a valid key */
  async begin(key: string, facts: KeyFacts, place: CookiePlace): Promise<string> {
    const iat = this.nowSeconds();
    const keyEnds = facts.expiresAtMs === null ? Infinity : Math.floor(facts.expiresAtMs / 1000);
    const exp = Math.min(iat + this.lifetimeSeconds, keyEnds);
    const token = await this.tokens.seal({ jti: randomUUID(), iat, exp, key });
    return this.cookie.set(token, exp - iat, place);
  }

  /** Opened sessions in memory. */
  get openedCount(): number {
    return this.tokens.size;
  }

  /** The session of a request; undefined where no cookie came. At once where the cookie was opened before. */
  read(request: IncomingMessage): SessionState | Promise<SessionState> | undefined {
    const { cookie } = request.headers;
    if (cookie === undefined) return undefined;
    const place = placeOf(request);
    const last = this.last.get(request.socket);
    if (last?.cookie === cookie && last.secure === place.secure && last.host === place.host)
      return this.judge(last.claims);
    const token = this.cookie.read(request, place);
    if (token === undefined) return undefined;
    const claims = this.tokens.open(token);
    if (claims instanceof Promise) return claims.then((opened) => this.judge(opened));
    if (claims !== undefined) this.last.set(request.socket, { ...place, cookie, claims });
    return this.judge(claims);
  }

  /** Ends the session of a request, also for copies of its cookie. @returns the `Set-Cookie` that removes it */
  async end(request: IncomingMessage): Promise<{ ended: boolean; cookie: string }> {
    const state = await this.read(request);
    const ended = typeof state === 'object';
    if (ended) await this.ended.end(state);
    return { ended, cookie: this.cookie.clear(placeOf(request)) };
  }

  private judge(claims: SessionClaims | undefined): SessionState {
    if (claims === undefined) return 'invalid';
    if (claims.exp <= this.nowSeconds()) return 'expired';
    return this.ended.has(claims) ? 'ended' : claims;
  }

  private nowSeconds(): number {
    return Math.floor(this.clock.now() / 1000);
  }
}
