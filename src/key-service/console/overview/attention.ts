import { Injectable } from '@nestjs/common';
import type { KeyResource } from '../../../contracts/keys/key-management.js';
import type { UsageSeries } from '../../../contracts/usage/usage-series.js';
import { DAY_MS } from '../../../lib/durations.js';
import { Clock } from '../../../platform/clock.js';
import { KeyLists } from '../../keys/lists/key-lists.js';
import { toResource } from '../../keys/key-resource.js';
import type { KeyRecord } from '../../records/key-record.js';
import { UsageSeriesService } from '../../usage/series/usage-series.service.js';
import { UsageService } from '../../usage/usage.service.js';
import { Incidents, type IncidentsNow } from './incidents.js';

/** Most keys that are listed by name for each reason. */
const NAMED = 5;
/** Most keys that are searched for them. */
const LOOKED_AT = '50';
/** A key with fewer answers 429 in a day is not listed. */
const OFTEN_LIMITED = 10;

export interface Attention extends IncidentsNow {
  /** End within 14 days, and nothing has replaced them. */
  readonly expiring: readonly KeyResource[];
  /** Were replaced, and are still in use. */
  readonly rotated: readonly { readonly key: KeyResource; readonly usedFrom: string | null }[];
  /** With the number of their answers 429 in 24 hours. */
  readonly limited: readonly UsageSeries[];
}

/** Finds what an administrator should look at. */
@Injectable()
export class AttentionFinder {
  constructor(
    private readonly lists: KeyLists,
    private readonly series: UsageSeriesService,
    private readonly usage: UsageService,
    private readonly incidents: Incidents,
    private readonly clock: Clock,
  ) {}

  async find(): Promise<Attention> {
    return {
      expiring: await this.expiring(),
      rotated: await this.rotatedInUse(),
      limited: await this.limited(),
      ...(await this.incidents.now()),
    };
  }

  private async expiring(): Promise<KeyResource[]> {
    const { records } = await this.lists.page({
      ...{ status: 'active', expires_within: '14d', sort: 'expires_at', limit: LOOKED_AT },
    });
    return records
      .filter(({ rotatedToId }) => rotatedToId === null)
      .slice(0, NAMED)
      .map((one) => this.shown(one));
  }

  /** Used within a day: a job that runs nightly still has the old key. */
  private async rotatedInUse(): Promise<Attention['rotated']> {
    const { records } = await this.lists.page({ status: 'rotated', sort: 'last_used_at', limit: LOOKED_AT });
    const since = new Date(this.clock.now() - DAY_MS).toISOString();
    const used = records
      .filter(({ lastUsedAt }) => lastUsedAt !== null && lastUsedAt > since)
      .slice(0, NAMED);
    const addresses = await this.usage.lastAddresses(used.map(({ id }) => id));
    return used.map((record) => ({
      key: this.shown(record),
      usedFrom: addresses.get(record.id)?.address ?? null,
    }));
  }

  private async limited(): Promise<UsageSeries[]> {
    const { series } = await this.series.series({ group_by: 'key', status: 'limited', top: String(NAMED) });
    return series.filter(({ requests }) => requests >= OFTEN_LIMITED);
  }

  private shown(record: KeyRecord): KeyResource {
    return toResource(record, new Date(this.clock.now()).toISOString());
  }
}
