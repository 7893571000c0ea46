import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { SealedTokens, type SealedClaims } from '../../../platform/browser/sealed-tokens.js';
import { Clock } from '../../../platform/clock.js';
import { Logger } from '../../../platform/logging/logger.js';
import { AuthConfig } from '../../config/auth.config.js';
import { SessionConfig } from '../../config/session.config.js';

interface PageClaims extends SealedClaims {
  readonly search: string;
  /** The place, as text of one length, so that a token's own length says nothing of it. */
  readonly at: string;
}

const HOURS = 24;
const DIGITS = 16;
const OPENED_LIMIT = 1000;

/**
 * Tokens of pages that the gateway fills. They hold a position in the complete list, which would tell how much of it a
 * key cannot see, so only the gateway can read them. They are encrypted with a secret that replicas already share. If
 * there is none, only the replica that made a token can read it.
 */
@Injectable()
export class PageTokens {
  private readonly tokens: SealedTokens<PageClaims>;
  private readonly isShared: boolean;
  private hasWarned = false;

  constructor(
    auth: AuthConfig,
    session: SessionConfig,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    const held = auth.cacheHmacSecrets.length > 0 ? auth.cacheHmacSecrets : session.secrets;
    this.isShared = held.length > 0;
    const secrets = this.isShared ? held : [randomUUID() + randomUUID()];
    this.tokens = new SealedTokens<PageClaims>(
      secrets,
      'mlflow-gateway:search-pages:v1',
      isPage,
      OPENED_LIMIT,
    );
  }

  /** @param search what the token is for: it opens for nothing else */
  seal(search: string, offset: number): Promise<string> {
    if (!this.isShared && !this.hasWarned) {
      this.hasWarned = true;
      this.logger.warn('search_tokens_not_shared', {
        message:
          'a token of a search opens at this replica alone: with several, set CACHE_HMAC_SECRET or SESSION_SECRETS',
      });
    }
    const iat = Math.floor(this.clock.now() / 1000);
    const at = String(offset).padStart(DIGITS, '0');
    return this.tokens.seal({ jti: randomUUID(), iat, exp: iat + HOURS * 3600, search, at });
  }

  /** @returns undefined for a token that is not of this search, or too old */
  async open(search: string, token: string): Promise<number | undefined> {
    const claims = await this.tokens.open(token);
    if (claims === undefined || claims.search !== search) return undefined;
    return claims.exp * 1000 > this.clock.now() ? Number(claims.at) : undefined;
  }
}

function isPage({ search, at }: Record<string, unknown>): boolean {
  return typeof search === 'string' && typeof at === 'string' && /^\d{16}$/.test(at);
}
