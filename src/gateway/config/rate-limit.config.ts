import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { Env } from '../../platform/config/env.js';

/** Limits per key and for refused keys per client address. */
export class RateLimitConfig {
  @Env('RATE_LIMIT_PER_HOUR', {
    kind: 'integer',
    unit: 'requests',
    about: 'Requests an hour for a key of which the auth service names no limit',
  })
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  perHour = 60_000;

  @Env('RATE_LIMIT_BURST', {
    kind: 'integer',
    unit: 'requests',
    about: 'Requests in one burst window for a key of which the auth service names no burst',
  })
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  burst = 1000;

  @Env('RATE_LIMIT_BURST_WINDOW_SECONDS', {
    kind: 'integer',
    unit: 'seconds',
    about: 'Length of the burst window',
  })
  @IsInt()
  @Min(1)
  @Max(3600)
  burstWindowSeconds = 10;

  @Env('RATE_LIMIT_SEARCHES_PER_MINUTE', {
    kind: 'integer',
    unit: 'requests',
    about: 'Searches per minute for a key that has no such limit of its own; unset: no limit',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  searchesPerMinute: number | undefined = undefined;

  @Env('RATE_LIMIT_WRITES_PER_MINUTE', {
    kind: 'integer',
    unit: 'requests',
    about:
      'Calls per minute that change something in MLflow, for a key that has no such limit of its own; unset: no limit',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  writesPerMinute: number | undefined = undefined;

  @Env('RATE_LIMIT_ON_STORE_ERROR', {
    about: 'While Redis is unavailable: local (limits of each replica), deny (503) or allow',
  })
  @IsIn(['local', 'deny', 'allow'])
  onStoreError: 'local' | 'deny' | 'allow' = 'local';

  @Env('RATE_LIMIT_FAILED_AUTH_PER_MINUTE', {
    kind: 'integer',
    unit: 'requests',
    about:
      'Refused keys a minute for one client address, IPv6 by /64; above it unknown keys get 429 ' +
      '(4 times as many for its /24 or /56, 16 times for its /48)',
  })
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  failedAuthPerMinute = 60;

  @Env('RATE_LIMIT_MAX_TRACKED', {
    kind: 'integer',
    unit: 'keys',
    about: 'Keys and addresses counted in memory at once, each replica',
  })
  @IsInt()
  @Min(1)
  @Max(10_000_000)
  maxTracked = 100_000;
}
