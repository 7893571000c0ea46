import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { CONSOLE_COOKIE_NAME } from '../../../contracts/http/headers.js';
import { SealedTokens, type SealedClaims } from '../../../platform/browser/sealed-tokens.js';
import { placeOf, SessionCookie, type CookiePlace } from '../../../platform/browser/session-cookie.js';
import { Clock } from '../../../platform/clock.js';
import { CallerTokens, type TokenHolder } from '../../admin-auth/caller-tokens.js';
import { ConsoleConfig } from '../../config/console.config.js';
import { EndedSessionsRepository } from './ended-sessions.repository.js';

/** The token itself is not in it: a leaked cookie works only for the console, never for the API. */
interface ConsoleClaims extends SealedClaims {
  /** Of the admin token. */
  readonly fingerprint: string;
}

const LIFETIME_SECONDS = 8 * 3600;
const MAX_OPENED = 1000;

/** Sessions of administrators, as sealed cookies. */
@Injectable()
export class ConsoleSessions {
  readonly cookie = new SessionCookie({ name: CONSOLE_COOKIE_NAME, path: '/', sameSite: 'Strict' });
  private readonly tokens: SealedTokens<ConsoleClaims>;

  constructor(
    config: ConsoleConfig,
    private readonly callers: CallerTokens,
    private readonly ended: EndedSessionsRepository,
    private readonly clock: Clock,
  ) {
    const isClaims = ({ fingerprint }: Record<string, unknown>): boolean => typeof fingerprint === 'string';
    this.tokens = new SealedTokens(config.secrets, 'key-service:console:v1', isClaims, MAX_OPENED);
  }

  /** @returns the `Set-Cookie` that begins a session */
  async begin({ fingerprint }: TokenHolder, place: CookiePlace): Promise<string> {
    const iat = this.nowSeconds();
    const claims = { jti: randomUUID(), iat, exp: iat + LIFETIME_SECONDS, fingerprint };
    return this.cookie.set(await this.tokens.seal(claims), LIFETIME_SECONDS, place);
  }

  /** Name of the administrator; undefined without a session, and once the token is not configured any more. */
  async adminName(request: IncomingMessage): Promise<string | undefined> {
    const claims = await this.read(request);
    return claims && this.callers.nameOf(claims.fingerprint);
  }

  /** Ends a session on all replicas, also for copies of its cookie. @returns the `Set-Cookie` that removes it */
  async end(request: IncomingMessage): Promise<string> {
    const claims = await this.read(request);
    if (claims) await this.ended.add(claims.jti, timeOf(claims.exp), timeOf(this.nowSeconds()));
    return this.cookie.clear(placeOf(request));
  }

  private async read(request: IncomingMessage): Promise<ConsoleClaims | undefined> {
    const token = this.cookie.read(request, placeOf(request));
    const claims = token === undefined ? undefined : await this.tokens.open(token);
    if (!claims || claims.exp <= this.nowSeconds()) return undefined;
    // The database is asked each time: there are few page views, and a sign-out takes effect on every replica at once.
    return (await this.ended.has(claims.jti)) ? undefined : claims;
  }

  private nowSeconds(): number {
    return Math.floor(this.clock.now() / 1000);
  }
}

/** RFC 3339 in UTC. */
function timeOf(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString();
}
