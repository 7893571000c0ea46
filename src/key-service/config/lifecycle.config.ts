import { IsInt, Max, Min } from 'class-validator';
import { Env } from '../../platform/config/env.js';

/** Work on keys that no request causes. */
export class LifecycleConfig {
  @Env('KEY_SWEEP_INTERVAL_SECONDS', {
    kind: 'integer',
    unit: 'seconds',
    about: 'How often expired keys are swept; they are refused from the moment they expire anyway',
  })
  @IsInt()
  @Min(1)
  @Max(86_400)
  sweepIntervalSeconds = 60;

  @Env('LAST_USED_FLUSH_INTERVAL_MS', {
    kind: 'integer',
    unit: 'ms',
    about: 'Longest time that the last use of a key waits to be written',
  })
  @IsInt()
  @Min(10)
  @Max(600_000)
  lastUsedFlushIntervalMs = 1000;

  @Env('LAST_USED_QUEUE_LIMIT', {
    kind: 'integer',
    unit: 'keys',
    about: 'Keys whose last use waits to be written; uses of more of them are dropped and counted',
  })
  @IsInt()
  @Min(1)
  @Max(10_000_000)
  lastUsedQueueLimit = 50_000;
}
