import { Injectable } from '@nestjs/common';
import { HOUR_MS } from '../../../lib/durations.js';
import { Clock } from '../../../platform/clock.js';
import { indexIn, seriesRangeOf } from './usage-series.range.js';
import { UsageSeriesRepository } from './usage-series.repository.js';

/** Hours of one row of bars. */
const BAR_HOURS = 36;

/** How much some keys were used lately, hour by hour, for lists of keys. */
@Injectable()
export class KeyBarsService {
  constructor(
    private readonly repository: UsageSeriesRepository,
    private readonly clock: Clock,
  ) {}

  /** Requests of the last `BAR_HOURS` hours by key, the present one last; keys that were not used are missing. */
  async of(keyIds: readonly string[]): Promise<Map<string, number[]>> {
    const bars = new Map<string, number[]>();
    if (keyIds.length === 0) return bars;
    const now = this.clock.now();
    const from = new Date(now - (BAR_HOURS - 1) * HOUR_MS).toISOString();
    const range = seriesRangeOf({ from, period: 'hour' }, now);
    const query = { range, filter: {}, status: undefined };
    for (const { grp, period_start, requests } of await this.repository.points('key', query, keyIds)) {
      const id = String(grp);
      const points = bars.get(id) ?? new Array<number>(range.length).fill(0);
      points[indexIn(range, period_start)] = requests;
      bars.set(id, points);
    }
    return bars;
  }
}
