import { Injectable } from '@nestjs/common';
import type { GatewayLimits } from '../../../contracts/admin/gateway-state.js';
import type { UsageSeriesResponse } from '../../../contracts/usage/usage-series.js';
import { DAY_MS } from '../../../lib/durations.js';
import { GatewayLimitsReader } from '../../invalidation/gateway-limits.js';
import { KeyEndpointsRepository, type EndpointUse } from '../../usage/series/key-endpoints.repository.js';
import { UsageSeriesService } from '../../usage/series/usage-series.service.js';
import { UsageService } from '../../usage/usage.service.js';

const MAX_ENDPOINTS = 25;

/** How far back a key's page looks. */
export const KEY_RANGES = { '24h': 1, '7d': 7, '30d': 30 } as const;
export type KeyRange = keyof typeof KEY_RANGES;

/** What one key did in a range, and what is left of its limits. */
export interface KeyUsage {
  /** As gateways count now; empty where the service knows no gateway. */
  readonly limits: readonly GatewayLimits[];
  readonly usage: UsageSeriesResponse;
  readonly endpoints: readonly EndpointUse[];
  /** That used the key, latest first. */
  readonly addresses: readonly { readonly address: string; readonly at: string }[];
}

/** Reads what one key did, and what is left of its limits. */
@Injectable()
export class KeyUsageReader {
  constructor(
    private readonly series: UsageSeriesService,
    private readonly endpoints: KeyEndpointsRepository,
    private readonly usage: UsageService,
    private readonly limits: GatewayLimitsReader,
  ) {}

  async of(id: string, range: KeyRange, now: string): Promise<KeyUsage> {
    const from = new Date(Date.parse(now) - KEY_RANGES[range] * DAY_MS).toISOString();
    const [usage, endpoints, addresses, { gateways }] = await Promise.all([
      this.series.series({ key_id: id, from, period: range === '30d' ? 'day' : 'hour' }),
      this.endpoints.of(id, from, MAX_ENDPOINTS),
      this.usage.lastUsedBy({ from }, id),
      this.limits.read(id),
    ]);
    return { usage, endpoints, addresses, limits: gateways };
  }
}
