import { IsInt, Max, Min } from 'class-validator';
import { Env } from '../../platform/config/env.js';

/** How reported usage is written and kept. */
export class UsageRecordsConfig {
  @Env('USAGE_FLUSH_INTERVAL_MS', {
    kind: 'integer',
    unit: 'ms',
    about: 'Longest time that a usage record waits to be written',
  })
  @IsInt()
  @Min(10)
  @Max(600_000)
  flushIntervalMs = 1000;

  @Env('USAGE_QUEUE_LIMIT', {
    kind: 'integer',
    unit: 'records',
    about: 'Usage records that wait to be written; more of them are dropped and counted',
  })
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  queueLimit = 50_000;

  @Env('USAGE_RETENTION_DAYS', {
    kind: 'integer',
    unit: 'days',
    about: 'How long usage records are kept, to the end of a day in UTC; 0 keeps them for good',
  })
  @IsInt()
  @Min(0)
  @Max(3650)
  retentionDays = 90;
}
