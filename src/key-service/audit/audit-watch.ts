import { Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { AuditVerification } from '../../contracts/admin/audit.js';
import { Clock } from '../../platform/clock.js';
import { errorFields, Logger } from '../../platform/logging/logger.js';
import { AuditVerifier } from './audit-verifier.js';

const FRESH_MS = 300_000;
/** A short log is walked within it, and a page of a long one shows the walk before. */
const WAIT_MS = 150;

export interface CheckedChain extends AuditVerification {
  /** RFC 3339. */
  checkedAt: string;
}

/** The state of the chain for pages, which do not wait for a walk through a long log. */
@Injectable()
export class AuditWatch {
  private last: CheckedChain | undefined;
  private walking: Promise<void> | undefined;

  constructor(
    private readonly verifier: AuditVerifier,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** What the last walk found, of the last five minutes where that is quickly said; undefined while the first is under way. */
  async state(): Promise<CheckedChain | undefined> {
    if (this.last === undefined || this.clock.now() - Date.parse(this.last.checkedAt) > FRESH_MS) {
      this.walking ??= this.walk().finally(() => (this.walking = undefined));
      await Promise.race([this.walking, delay(WAIT_MS, undefined, { ref: false })]);
    }
    return this.last;
  }

  /** What a walk finds that begins now, or is under way. */
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
