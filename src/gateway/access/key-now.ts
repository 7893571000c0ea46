import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../../lib/problem-error.js';
import { KeyStanding } from '../principal/key-standing.js';
import { setPrincipal, type Principal } from '../principal/principal.js';

/** What a key may do now, for a request that was waited for: meanwhile it may have ended, or been narrowed. */
@Injectable()
export class KeyNow {
  constructor(private readonly standing: KeyStanding) {}

  /**
   * @returns the principal that the request has from now on
   * @throws ProblemError where its key has ended, or its scopes no longer open the call
   */
  async of(request: IncomingMessage, before: Principal): Promise<Principal> {
    const principal = await this.standing.judge(request);
    if (principal instanceof ProblemError) throw principal;
    if (principal.facts === before.facts) return before;
    setPrincipal(request, principal);
    return principal;
  }
}
