import { Injectable } from '@nestjs/common';
import { isMistypedKey } from '../../lib/keys/key-format.js';
import { shownPrefix } from '../../lib/keys/key-pattern.js';
import { Clock } from '../../platform/clock.js';
import type { RequestContext } from '../../platform/request/request-context.js';
import { AuthConfig } from '../config/auth.config.js';
import { AuthServiceError } from './auth-service/auth-service.error.js';
import { KeyValidator } from './auth-service/key-validator.js';
import { AuthEvents } from './auth.events.js';
import type { LookupResult } from './auth.metrics.js';
import type { Credential } from './credential/credential.js';
import { authServiceUnavailable, KEY_REFUSALS, tooManyFailedAttempts } from './credential/key-refusals.js';
import type { Refusal, Refused, Verdict } from './credential/verdict.js';
import { KeyDirectory, type KeyFinding } from './facts/key-directory.js';
import { judgeKey } from './facts/key-policy.js';
import type { KnownKey } from './facts/known-keys.js';

/**
 * From a key to a verdict, for every authenticator that ends at an API key. The facts come from memory, Redis or the
 * auth service; expiry, service and address are checked for each request.
 */
@Injectable()
export class KeyAuthentication {
  constructor(
    private readonly config: AuthConfig,
    private readonly directory: KeyDirectory,
    private readonly validator: KeyValidator,
    private readonly clock: Clock,
    private readonly events: AuthEvents,
  ) {}

  /** At once where the facts are in memory and may be used; a promise, which never rejects, where they are not. */
  authenticate(credential: Credential, context: RequestContext): Verdict | Promise<Verdict> {
    const { key } = credential;
    const { clientIp, requestId, span } = context;
    // The cache comes first: a key that was valid is not mistyped, and a cache look-up is faster than the checksum.
    const known = this.directory.peek({ key, clientIp, requestId, span });
    if (known) return this.judge(known, known.cache, credential, context);
    return isMistypedKey(key)
      ? withPrefix(refused(KEY_REFUSALS.mistyped), key)
      : this.lookUp(credential, context);
  }

  private async lookUp(credential: Credential, context: RequestContext): Promise<Verdict> {
    const { clientIp, requestId, span } = context;
    try {
      const finding = await this.directory.find({ key: credential.key, clientIp, requestId, span });
      return finding.kind === 'valid'
        ? this.judge(finding.known, finding.cache, credential, context)
        : withPrefix(verdictOf(finding), credential.key);
    } catch (error) {
      return refused(this.unavailable(error, context));
    }
  }

  private judge(
    known: KnownKey,
    lookup: LookupResult,
    { key, source }: Credential,
    { clientIp }: RequestContext,
  ): Verdict {
    const { facts } = known.entry;
    const { serviceId } = this.config;
    const verdict = judgeKey(facts, { clientIp, serviceId, clock: this.clock });
    return verdict === 'allowed'
      ? { kind: 'admitted', principal: known.principal(source), lookup }
      : withPrefix({ kind: 'refused', refusal: KEY_REFUSALS[verdict], facts, lookup }, key);
  }

  private unavailable(error: unknown, context: RequestContext): Refusal {
    const fault = error instanceof AuthServiceError ? error.fault : 'internal';
    if (fault === 'internal') this.events.internalError(context, error);
    const said = error instanceof AuthServiceError ? error.retryAfterSeconds : undefined;
    return authServiceUnavailable(fault, said ?? this.validator.retryAfterSeconds());
  }
}

function verdictOf(finding: Exclude<KeyFinding, { kind: 'valid' }>): Refused {
  switch (finding.kind) {
    case 'refused':
      return { ...refused(KEY_REFUSALS.refused), lookup: finding.cache };
    case 'forbidden':
      return refused(KEY_REFUSALS.forbidden);
    case 'blocked':
      return refused(tooManyFailedAttempts(finding.retryAfterSeconds));
    default:
      return finding satisfies never;
  }
}

function withPrefix(verdict: Refused, key: string): Refused {
  return { ...verdict, keyPrefix: shownPrefix(key) };
}

function refused(refusal: Refusal): Refused {
  return { kind: 'refused', refusal };
}
