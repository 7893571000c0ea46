import { Injectable } from '@nestjs/common';
import { Counter, Registry } from 'prom-client';
import { readGauge } from '../../platform/observability/read-gauge.js';
import type { ErrorName } from '../../contracts/errors/error-codes.js';
import { Logger } from '../../platform/logging/logger.js';
import type { RequestContext } from '../../platform/request/request-context.js';
import { fieldsOf } from '../auth/auth.events.js';

/** What happens to sessions, told to the log and the metrics together. No key, user or address is ever a label. */
@Injectable()
export class BrowserEvents {
  private readonly signIns: Counter<'outcome'>;
  private readonly signOuts: Counter;

  constructor(
    private readonly registry: Registry,
    private readonly logger: Logger,
  ) {
    this.signIns = new Counter({
      name: 'browser_sign_ins_total',
      help: 'Sign-ins by browser: started, or the problem that refused them',
      labelNames: ['outcome'],
      registers: [registry],
    });
    this.signOuts = new Counter({
      name: 'browser_sign_outs_total',
      help: 'Sessions that were signed out',
      registers: [registry],
    });
  }

  started(context: RequestContext): void {
    this.signIns.inc({ outcome: 'started' });
    this.logger.info('session_started', fieldsOf(context));
  }

  refused(problem: ErrorName): void {
    this.signIns.inc({ outcome: problem });
  }

  signedOut(context: RequestContext): void {
    this.signOuts.inc();
    this.logger.info('session_signed_out', fieldsOf(context));
  }

  /** A value that is read when figures are collected. */
  gauge(name: string, help: string, read: () => number): void {
    readGauge(this.registry, name, help, read);
  }
}
