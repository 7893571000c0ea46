import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { ProblemError } from '../../lib/http/problem-error.js';
import { KeyStanding } from '../principal/key-standing.js';
import { setPrincipal, type Principal } from '../principal/principal.js';

/** What a key may do now, for a request that had to wait: in the meantime the key may have ended or lost rights. */
@Injectable()
export class KeyNow {
  constructor(private readonly standing: KeyStanding) {}

  /** How often cached facts of keys were invalidated so far. Note it before a wait. */
  get mark(): number {
    return this.standing.announced;
  }

  /**
   * @param mark the count noted before the wait; if it has not changed, nothing is looked up
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
