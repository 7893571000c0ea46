import { IsInt, Max, Min } from 'class-validator';
import { Env } from './env.js';

/** Redis, where there is one. */
export class RedisConfig {
  @Env('REDIS_URL', {
    secret: true,
    about:
      'Redis of all replicas, such as redis://redis:6379/0 or rediss://…; unset: every replica for itself',
  })
  url: string | undefined = undefined;

  @Env('REDIS_COMMAND_TIMEOUT_MS', {
    kind: 'integer',
    unit: 'ms',
    about: 'Deadline of every Redis command; above it the declared behaviour without Redis applies',
  })
  @IsInt()
  @Min(1)
  @Max(10_000)
  commandTimeoutMs = 40;

  check(): string[] {
    if (this.url === undefined) return [];
    const protocol = URL.canParse(this.url) ? new URL(this.url).protocol : '';
    return ['redis:', 'rediss:'].includes(protocol) ? [] : ['REDIS_URL must be a redis:// or rediss:// URL'];
  }
}
