import { BreakerOpenError, BulkheadFullError } from '../../resilience/dependency-error.js';
import type { AuthMetrics } from '../auth.metrics.js';
import type { Surroundings } from '../surroundings.js';
import type { AuthServiceClient, KeyQuestion } from './auth-service.client.js';
import { AuthServiceError, type AuthFault } from './auth-service.error.js';
import type { Validation } from './auth-service.reply.js';
import type { CallPolicies } from './call-policies.js';
import type { Contract, ContractNegotiator } from './contract.negotiator.js';
import { widestNetwork } from '../../../lib/client-network.js';
import { Outage } from '../../../lib/outage.js';

/** How long after a call that failed the service is taken to be away still. */
const AWAY_MS = 10_000;

const HINTS: Partial<Record<AuthFault, string>> = {
  throttled:
    'The auth service limits this gateway as one client: set HOKUSAI_AUTH_SERVICE_TOKEN to a token that it knows, ' +
    "or name the gateway's address in its TRUSTED_VALIDATORS",
};

/** Asks the auth service about a key: the contract, the policies around the call, and how long it has been away. */
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
    private readonly metrics: AuthMetrics,
    private readonly parts: Surroundings,
  ) {}

  /** @throws AuthServiceError where there is no verdict to be had */
  async validate(question: KeyQuestion): Promise<Validation> {
    const { clock } = this.parts;
    const startedAtMs = clock.monotonicMs();
    try {
      const validation = await this.call(question);
      this.metrics.calls.inc({ outcome: validation.kind, fault: 'none' });
      this.succeeded();
      return validation;
    } catch (error) {
      const fault = toAuthServiceError(error);
      this.metrics.calls.inc({ outcome: 'fault', fault: fault.fault });
      this.failed(fault, question);
      throw fault;
    } finally {
      this.metrics.callSeconds.observe((clock.monotonicMs() - startedAtMs) / 1000);
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

  /** Whether there has been no verdict for a while, whatever the reason. */
  get outageOngoing(): boolean {
    return this.outage.ongoing(this.parts.clock.monotonicMs());
  }

  /** Whether a call would fail now, as far as one can know without one. */
  get away(): boolean {
    return this.parts.clock.monotonicMs() - this.unansweredMs <= AWAY_MS;
  }

  /** Age of the present outage, 0 where there is none. */
  get outageSeconds(): number {
    return this.outage.ageSeconds(this.parts.clock.monotonicMs());
  }

  /** Whole seconds for `Retry-After` while the service is away. */
  retryAfterSeconds(): number {
    return this.outage.retryAfterSeconds(this.parts.clock.monotonicMs());
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
   * A fault of one key comes from a service that is up, so to the breaker it is an answer like any other. Keys that were
   * never valid are what clients make up: where several of one network run into the time limit, all but the first are
   * taken for faults of theirs, so that no one party's guesses open the breaker for everybody.
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
    const lastedMs = this.outage.ended(this.parts.clock.monotonicMs());
    if (lastedMs !== undefined)
      this.parts.logger.info('auth_service_restored', { outage_seconds: Math.round(lastedMs / 1000) });
  }

  private failed(fault: AuthServiceError, question: KeyQuestion): void {
    const nowMs = this.parts.clock.monotonicMs();
    // What took too long for one key alone is no outage.
    if (!fault.ofOneKey || fault.fault === 'malformed') this.outage.failed(nowMs);
    if (fault.unhealthy || fault.fault === 'breaker-open') this.unansweredMs = nowMs;
    // While the breaker is open there is nothing new to say, and a busy gateway would say it often.
    if (fault.fault === 'breaker-open') return;
    this.parts.logger.error('auth_service_fault', {
      request_id: question.requestId,
      fault: fault.fault,
      ...(fault.detail !== undefined && { detail: fault.detail }),
      breaker: this.policies.breaker.state,
      ...(HINTS[fault.fault] !== undefined && { message: HINTS[fault.fault] }),
    });
  }
}

function toAuthServiceError(error: unknown): AuthServiceError {
  if (error instanceof AuthServiceError) return error;
  if (error instanceof BreakerOpenError) return new AuthServiceError('breaker-open');
  if (error instanceof BulkheadFullError) return new AuthServiceError('overloaded');
  // A programming error must not pass for a verdict either.
  return new AuthServiceError('connection', error instanceof Error ? error.name : 'unknown');
}
