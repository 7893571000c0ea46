import { Injectable } from '@nestjs/common';

/**
 * Limits refused keys per client address, IPv6 by /64. Ask before a key that is not known valid is
 * validated; count only refusals, never missing keys and never outages.
 */
@Injectable()
export class FailedAuthLimiter {
  /**
   * Whole seconds until the address may try an unknown key again, 0 for at once. Asking counts nothing.
   * A number where it is known here, a promise where the shared count has to be asked.
   */
  blockedForSeconds(_clientIp: string): number | Promise<number> {
    return 0;
  }

  /** Counts one refused key; never waits and never throws. */
  countRefusal(_clientIp: string): void {}
}
