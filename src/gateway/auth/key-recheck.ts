import { Inject, Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import type { ProblemError } from '../../lib/http/problem-error.js';
import { contextOf } from '../../platform/request/request-context.js';
import { KeyStanding } from '../principal/key-standing.js';
import type { Principal } from '../principal/principal.js';
import { AUTHENTICATORS, firstVerdict, type Authenticator } from './credential/authenticator.js';
import { problemOf } from './credential/verdict.js';

/**
 * Judges a request that is under way again. A tombstone says that facts are void, not that the key has ended: after
 * a rotation with an overlap, or a change of its limits, it is as good as before. If that cannot be
 * found out, the request ends: it may have been a revocation. No refusal is counted here, because none was sent.
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
