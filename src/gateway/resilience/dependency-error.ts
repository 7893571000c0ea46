/** A failed call to another program, with what policies need to know of it. */
export abstract class DependencyError extends Error {
  /** Whether the same call may succeed a moment later. */
  abstract readonly retryable: boolean;
  /** Whether it means that the other program is unhealthy, and not only that the two programs disagree. */
  abstract readonly unhealthy: boolean;
}

/** Not called: the breaker is open. */
export class BreakerOpenError extends Error {
  override readonly name = 'BreakerOpenError';
}

/** Not called: too many calls are under way and waiting. */
export class BulkheadFullError extends Error {
  override readonly name = 'BulkheadFullError';
}
