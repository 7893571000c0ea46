import { Inject, Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import type { ProblemError } from '../../lib/http/problem-error.js';
import { contextOf } from '../../platform/request/request-context.js';
import { KeyStanding } from '../principal/key-standing.js';
import type { Principal } from '../principal/principal.js';
import { AUTHENTICATORS, firstVerdict, type Authenticator } from './credential/authenticator.js';
import { problemOf } from './credential/verdict.js';

/**
 * Checks a request that is under way again. A tombstone says that cached facts are outdated, not that the key has
 * ended: after a rotation with an overlap, or a change of limits, the key is still valid. If the gateway cannot find
 * out, the request ends, because the key may have been revoked. No refusal is counted here, because none was sent.
 */
@Injectable()
export class KeyRecheck {
  constructor(
    standing: KeyStanding,
    @Inject(AUTHENTICATORS) private readonly authenticators: readonly Authenticator[],
  ) {
    standing.judgedBy((request) => this.judge(request));
  }

  private async judge(request: IncomingMessage): Promise<Principal | ProblemError> {
    const verdict = await firstVerdict(this.authenticators, request, contextOf(request));
    return verdict.kind === 'admitted' ? verdict.principal : problemOf(verdict.refusal);
  }
}
