import type { Clock } from '../../platform/clock.js';
import type { Logger } from '../../platform/logging/logger.js';

/** How often it is logged while it lasts. */
const EVERY_MS = 60_000;

/** Logs that MLflow asks the gateway to sign in, or refuses its sign-in: once a minute, not once per request. */
export class SignInNotice {
  private saidAtMs = -Infinity;

  constructor(
    private readonly logger: Logger,
    private readonly clock: Clock,
  ) {}

  /** @param status 401, or 407 from a proxy in front of MLflow */
  refused(status: number): void {
    const nowMs = this.clock.monotonicMs();
    if (nowMs - this.saidAtMs < EVERY_MS) return;
    this.saidAtMs = nowMs;
    this.logger.warn('mlflow_sign_in_refused', {
      status,
      message:
        'MLflow, or a proxy in front of it, asks for a sign-in of its own. Set MLFLOW_SERVER_TOKEN, or ' +
        'MLFLOW_SERVER_USERNAME and MLFLOW_SERVER_PASSWORD, or correct them.',
    });
  }
}
