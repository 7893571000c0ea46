import { Injectable } from '@nestjs/common';
import { Clock } from '../../../platform/clock.js';
import { BreakerOpenError, BulkheadFullError } from '../../resilience/dependency-error.js';
import { AuthEvents } from '../auth.events.js';
import { AuthServiceClient, type KeyQuestion } from './auth-service.client.js';
import { AuthServiceError } from './auth-service.error.js';
import type { Validation } from './auth-service.reply.js';
import { CallPolicies } from './call-policies.js';
import { ContractNegotiator, type Contract } from './contract.negotiator.js';
import { widestNetwork } from '../../../lib/network/client-network.js';
import { Outage } from '../../../lib/outage.js';

/** How long after a failed call the service still counts as unavailable. */
const AWAY_MS = 10_000;

/**
 * Asks the auth service about a key: the contract, the policies around the call, and how long the service has been
 * unavailable.
 */
@Injectable()
export class KeyValidator {
  private readonly outage = new Outage();
  /** Monotonic time of the last call that the service did not answer, since its last verdict. */
  private unansweredMs = -Infinity;
  /** Networks of which a key that was never valid ran into the time limit, since the last verdict. */
  private readonly timedOut = new Set<string>();

  constructor(
    private readonly client: AuthServiceClient,
    private readonly negotiator: ContractNegotiator,
    private readonly policies: CallPolicies,
    private readonly events: AuthEvents,
    private readonly clock: Clock,
  ) {}

  /** @throws AuthServiceError if there is no verdict */
  async validate(question: KeyQuestion): Promise<Validation> {
    const startedAtMs = this.clock.monotonicMs();
    const seconds = (): number => (this.clock.monotonicMs() - startedAtMs) / 1000;
    try {
      const validation = await this.call(question);
      this.events.answered(validation.kind, seconds());
      this.succeeded();
      return validation;
    } catch (error) {
      const fault = toAuthServiceError(error);
      this.failed(fault);
      this.events.failed(fault, question, { seconds: seconds(), breaker: this.breakerState });
      throw fault;
    }
  }

  /** The contract in use, where it is known. */
  get contract(): Contract | undefined {
    return this.negotiator.contract;
  }

  get breakerState(): CallPolicies['breaker']['state'] {
    return this.policies.breaker.state;
  }

  /** Calls under way and waiting; undefined where the bulkhead does not say. */
  get load(): CallPolicies['bulkhead']['load'] {
    return this.policies.bulkhead.load;
  }

  /** Whether there has been no verdict for a while, for any reason. */
  get outageOngoing(): boolean {
    return this.outage.ongoing(this.clock.monotonicMs());
  }

  /** Whether a call would fail now, as far as one can know without one. */
  get away(): boolean {
    return this.clock.monotonicMs() - this.unansweredMs <= AWAY_MS;
  }

  /** Age of the present outage, 0 if there is none. */
  get outageSeconds(): number {
    return this.outage.ageSeconds(this.clock.monotonicMs());
  }

  /** Whole seconds for `Retry-After` while the service is unavailable. */
  retryAfterSeconds(): number {
    return this.outage.retryAfterSeconds(this.clock.monotonicMs());
  }

  private async call(question: KeyQuestion): Promise<Validation> {
    const { bulkhead, breaker, retry, timeout } = this.policies;
    const answer = await bulkhead.execute(() =>
      breaker.execute(() =>
        retry
          .execute(() =>
            this.negotiator.validate((contract) =>
              timeout.execute((signal) => this.client.ask(contract, question, signal)),
            ),
          )
          .catch((error: unknown) => this.answerOrThrow(error, question)),
      ),
    );
    if (answer instanceof AuthServiceError) throw answer;
    return answer;
  }

  /**
   * A fault that concerns one key comes from a service that is up, so the breaker counts it as an answer. Keys that
   * were never valid may be invented. If several of one network reach the time limit, all but the first count as
   * faults of those keys. So nobody can open the breaker for everybody by sending guesses.
   */
  private answerOrThrow(error: unknown, { neverValid, clientIp }: KeyQuestion): AuthServiceError {
    if (!(error instanceof AuthServiceError)) throw error;
    if (error.ofOneKey) return error;
    if (!neverValid || error.fault !== 'timeout') throw error;
    const network = widestNetwork(clientIp);
    if (this.timedOut.has(network)) return new AuthServiceError('timeout', undefined, 'key');
    this.timedOut.add(network);
    throw error;
  }

  private succeeded(): void {
    this.unansweredMs = -Infinity;
    this.timedOut.clear();
    const lastedMs = this.outage.ended(this.clock.monotonicMs());
    if (lastedMs !== undefined) this.events.restored(lastedMs);
  }

  private failed(fault: AuthServiceError): void {
    const nowMs = this.clock.monotonicMs();
    // A time-out for only one key is not an outage.
    if (!fault.ofOneKey || fault.fault === 'malformed') this.outage.failed(nowMs);
    if (fault.unhealthy || fault.fault === 'breaker-open') this.unansweredMs = nowMs;
  }
}

function toAuthServiceError(error: unknown): AuthServiceError {
  if (error instanceof AuthServiceError) return error;
  if (error instanceof BreakerOpenError) return new AuthServiceError('breaker-open');
  if (error instanceof BulkheadFullError) return new AuthServiceError('overloaded');
  // A programming error must not count as a verdict either.
  return new AuthServiceError('connection', error instanceof Error ? error.name : 'unknown');
}
