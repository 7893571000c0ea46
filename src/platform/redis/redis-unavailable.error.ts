/** Redis did not answer, or not in time. Callers turn it into their documented behaviour. */
export class RedisUnavailableError extends Error {
  override readonly name = 'RedisUnavailableError';
}
