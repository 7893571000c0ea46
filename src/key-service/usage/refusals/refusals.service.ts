import { Injectable } from '@nestjs/common';
import type { RefusalRecord, RefusalSummaryResponse } from '../../../contracts/usage/refusals.js';
import type { UsageAcceptedResponse } from '../../../contracts/usage/usage.js';
import { Clock } from '../../../platform/clock.js';
import { KeyLists } from '../../keys/lists/key-lists.js';
import { utc } from '../../request-fields/field-validators.js';
import type { RefusalSummaryFields } from './refusals.fields.js';
import { RefusalsRepository } from './refusals.repository.js';
import { indexIn, seriesRangeOf } from '../series/usage-series.range.js';
import { requireNearTimes } from '../usage-times.js';

/** Takes refusals of gateways, and sums them up. */
@Injectable()
export class RefusalsService {
  constructor(
    private readonly repository: RefusalsRepository,
    private readonly lists: KeyLists,
    private readonly clock: Clock,
  ) {}

  /** @throws ProblemError 400 where the time of a record is far from now */
  async accept(records: readonly RefusalRecord[]): Promise<UsageAcceptedResponse> {
    requireNearTimes(
      records.map(({ minute }) => ({ timestamp: minute })),
      (index) => `records.${index}.minute`,
      this.clock.now(),
    );
    await this.repository.insert(
      records.map((record) => ({ ...record, id: record.id.toLowerCase(), minute: utc(record.minute) })),
    );
    return { accepted: records.length, dropped: 0 };
  }

  /** @throws ProblemError 400 for a range that is empty or too long */
  async summary(fields: RefusalSummaryFields): Promise<RefusalSummaryResponse> {
    const range = seriesRangeOf(fields, this.clock.now());
    const query = { range, reason: fields.reason };
    const reasons = new Map<string, { reason: string; count: number; points: number[] }>();
    let total = 0;
    for (const { reason, period_start, count } of await this.repository.points(query)) {
      const one = reasons.get(reason) ?? {
        ...{ reason, count: 0 },
        points: new Array<number>(range.length).fill(0),
      };
      reasons.set(reason, one);
      one.count += count;
      one.points[indexIn(range, period_start)] = count;
      total += count;
    }
    const [networks, prefixes, keys] = [
      await this.repository.largest('network', query),
      await this.repository.largest('key_prefix', query),
      await this.repository.largest('key_id', query),
    ];
    const names = await this.lists.names(keys.map(({ value }) => value));
    return {
      ...{ from: range.from, to: range.to, period: range.period, total },
      reasons: [...reasons.values()].sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1)),
      networks: networks.map(({ value, ...rest }) => ({ network: value, ...rest })),
      prefixes: prefixes.map(({ value, ...rest }) => ({ key_prefix: value as string, ...rest })),
      keys: keys.map(({ value, ...rest }) => ({
        key_id: value as string,
        name: names.get(value as string) ?? null,
        ...rest,
      })),
    };
  }
}
