import { DependencyError } from '../../resilience/dependency-error.js';

interface FaultTraits {
  /** The same call may succeed a moment later. */
  readonly retryable: boolean;
  /** The breaker counts it. */
  readonly unhealthy: boolean;
}

/** The reasons why an auth service gave no verdict. None of them says anything about the key. */
export const AUTH_FAULTS = {
  /** Refused, reset, no such host, bad certificate. */
  connection: { retryable: true, unhealthy: true },
  timeout: { retryable: false, unhealthy: true },
  'server-error': { retryable: true, unhealthy: true },
  malformed: { retryable: false, unhealthy: true },
  oversized: { retryable: false, unhealthy: true },
  /** 3xx: never followed, a key must not travel on. */
  redirect: { retryable: false, unhealthy: false },
  /** 429 to the gateway. */
  throttled: { retryable: false, unhealthy: false },
  /** 400, 404, 405, 422, "API key required" or another status: gateway and service do not use the same contract. */
  contract: { retryable: false, unhealthy: false },
  /** The service is up and could not decide about this one key in time. */
  'key-check': { retryable: false, unhealthy: false },
  'breaker-open': { retryable: false, unhealthy: false },
  overloaded: { retryable: false, unhealthy: false },
  /** The facts were invalidated again and again while they were fetched. */
  superseded: { retryable: false, unhealthy: false },
} as const satisfies Record<string, FaultTraits>;

export type AuthFault = keyof typeof AUTH_FAULTS;

/** No verdict. An outage is thrown, a verdict is returned. */
export class AuthServiceError extends DependencyError {
  override readonly name = 'AuthServiceError';

  /** Whether the service answered, but in a way that cannot be used for this key. */
  readonly ofOneKey: boolean;

  /**
   * @param detail for the log: a status, an error code or the name of a member, never a body, a key or a token
   * @param about what is at fault: the service, unless its answer proves that it is up
   * @param retryAfterSeconds when to ask again, where the service said
   */
  constructor(
    readonly fault: AuthFault,
    readonly detail?: string,
    about: 'service' | 'key' = 'service',
    readonly retryAfterSeconds?: number,
  ) {
    super(detail === undefined ? fault : `${fault}: ${detail}`);
    this.ofOneKey = about === 'key';
  }

  override get retryable(): boolean {
    return AUTH_FAULTS[this.fault].retryable;
  }

  override get unhealthy(): boolean {
    return AUTH_FAULTS[this.fault].unhealthy && !this.ofOneKey;
  }
}
