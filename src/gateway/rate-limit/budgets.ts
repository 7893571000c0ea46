import { HOUR_MS } from '../../lib/durations.js';
import { MINUTE_SHAPE, type WindowShape } from '../../lib/sliding-window.js';
import type { RateLimitConfig } from '../config/rate-limit.config.js';
import type { Budget } from './budget.js';

/** A slot of the hour is free again half a minute late at most; 123 fields keep the hash compact in Redis. */
const HOUR_SHAPE: WindowShape = { windowMs: HOUR_MS, buckets: 120 };

function burstShape(windowSeconds: number): WindowShape {
  return { windowMs: windowSeconds * 1000, buckets: 40 };
}

/**
 * All budgets that a key may have. A new one is an entry here and in the configuration, and in the key's facts where a
 * key may have a limit of its own.
 */
export function budgetsOf(config: RateLimitConfig): readonly Budget[] {
  return [
    {
      name: 'hour',
      shape: HOUR_SHAPE,
      storeName: 'hour',
      action: undefined,
      defaultLimit: config.perHour,
      limitOf: ({ ratePerHour }) => ratePerHour,
    },
    {
      name: 'burst',
      shape: burstShape(config.burstWindowSeconds),
      storeName: `burst:${config.burstWindowSeconds}`,
      action: undefined,
      defaultLimit: config.burst,
      limitOf: ({ burst }) => burst,
    },
    {
      name: 'searches',
      shape: MINUTE_SHAPE,
      storeName: 'searches',
      action: 'searches',
      defaultLimit: config.searchesPerMinute,
      limitOf: ({ searchesPerMinute }) => searchesPerMinute,
    },
    {
      name: 'writes',
      shape: MINUTE_SHAPE,
      storeName: 'writes',
      action: 'writes',
      defaultLimit: config.writesPerMinute,
      limitOf: ({ writesPerMinute }) => writesPerMinute,
    },
  ];
}
