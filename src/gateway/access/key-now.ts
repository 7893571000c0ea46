import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../../lib/problem-error.js';
import { KeyStanding } from '../principal/key-standing.js';
import { setPrincipal, type Principal } from '../principal/principal.js';

/** What a key may do now, for a request that was waited for: meanwhile it may have ended, or been narrowed. */
@Injectable()
export class KeyNow {
  constructor(private readonly standing: KeyStanding) {}

  /** How often facts of keys have become void so far: to be noted before a wait. */
  get mark(): number {
    return this.standing.announced;
  }

  /**
   * @param mark of before the wait: where nothing has become void since, nobody is asked
   * @returns the principal that the request has from now on
   * @throws ProblemError where its key has ended, or its scopes no longer open the call
   */
  async of(request: IncomingMessage, before: Principal, mark: number): Promise<Principal> {
    if (mark === this.mark) return before;
    const principal = await this.standing.judge(request);
    if (principal instanceof ProblemError) throw principal;
    if (principal.facts === before.facts) return before;
    setPrincipal(request, principal);
    return principal;
  }
}
