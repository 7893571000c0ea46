import { Injectable } from '@nestjs/common';
import { isUuid } from '../../../lib/uuid.js';
import { GatewayLimitsReader } from '../../invalidation/gateway-limits.js';
import { KeysService } from '../../keys/keys.service.js';
import { RefusalsService } from '../../usage/refusals/refusals.service.js';
import { UsageSeriesService } from '../../usage/series/usage-series.service.js';
import { UnregisteredServices } from '../../validation/unregistered-services.js';
import type { RefusalsView } from './refusals.page.js';

/** The reason that gateways report for an address over the limit of refused keys. */
const AT_LIMIT = 'too-many-failed-attempts';

/** Collects what the page shows about refusals and limits. */
@Injectable()
export class LimitReports {
  constructor(
    private readonly refusals: RefusalsService,
    private readonly series: UsageSeriesService,
    private readonly gateways: GatewayLimitsReader,
    private readonly keys: KeysService,
    private readonly unregistered: UnregisteredServices,
  ) {}

  /**
   * @param from RFC 3339
   * @param keyId of the key whose limits gateways are asked for
   */
  async since(from: string, keyId: string | undefined): Promise<Omit<RefusalsView, 'query'>> {
    return {
      refusals: await this.refusals.summary({ from }),
      addressesAtLimit: await this.refusals.summary({ from, reason: AT_LIMIT }),
      limited: await this.series.series({ from, group_by: 'key', status: 'limited' }),
      limits: keyId !== undefined && isUuid(keyId) ? await this.limitsOf(keyId.toLowerCase()) : undefined,
      unregistered: await this.unregistered.list(),
    };
  }

  private async limitsOf(keyId: string): Promise<RefusalsView['limits']> {
    const { name } = await this.keys.get(keyId);
    return { name, answer: await this.gateways.read(keyId) };
  }
}
