import { Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { AuditVerification } from '../../contracts/admin/audit.js';
import { Clock } from '../../platform/clock.js';
import { errorFields, Logger } from '../../platform/logging/logger.js';
import { AuditVerifier } from './audit-verifier.js';

const FRESH_MS = 300_000;
/**
 * Time that a page waits. A short log is checked within it; for a long one the page shows the result of the last
 * check.
 */
const WAIT_MS = 150;

export interface CheckedChain extends AuditVerification {
  /** RFC 3339. */
  checkedAt: string;
}

/** The state of the chain for pages, which must not wait until a long log is checked. */
@Injectable()
export class AuditWatch {
  private last: CheckedChain | undefined;
  private walking: Promise<void> | undefined;

  constructor(
    private readonly verifier: AuditVerifier,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /**
   * The result of the last walk. If it is older than five minutes, a new walk starts, and its result is returned if
   * the walk is short. Undefined while the first one is under way.
   */
  async state(): Promise<CheckedChain | undefined> {
    if (this.last === undefined || this.clock.now() - Date.parse(this.last.checkedAt) > FRESH_MS) {
      this.walking ??= this.walk().finally(() => (this.walking = undefined));
      await Promise.race([this.walking, delay(WAIT_MS, undefined, { ref: false })]);
    }
    return this.last;
  }

  /** The result of the walk under way, or of one that begins now. */
  async check(): Promise<CheckedChain> {
    const found = await this.verifier.verify();
    return (this.last = { ...found, checkedAt: new Date(this.clock.now()).toISOString() });
  }

  private async walk(): Promise<void> {
    try {
      await this.check();
    } catch (error) {
      this.logger.warn('audit_not_checked', errorFields(error));
    }
  }
}
